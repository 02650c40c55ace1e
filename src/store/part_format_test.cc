#include "store/part_format.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"
#include "store/limits.h"
#include "support/worked_example.h"

namespace spoor::store {
namespace {

void expect_documented(const std::string& name, const std::string& bytes) {
  EXPECT_EQ(test::hex_block(test::worked_example(SPOOR_SOURCE_DIR, "part.md", name)),
            test::hex_block(bytes))
      << name;
}

TEST(PartFormat, the_document_has_the_bytes_that_are_written) {
  PartTrailer trailer;
  trailer.footer = {76, 20};
  expect_documented("header", encode_part_header(PartId{7}, Day{3}));
  expect_documented("trailer", encode_part_trailer(PartId{7}, trailer, 100));
  std::string packed, constant, doubles, text;
  codec::encode_integers(std::vector<int64_t>{5, 6, 7, 9}, packed);
  codec::encode_integers(std::vector<int64_t>(40, 7), constant);
  codec::encode_doubles(std::vector<double>{0.5, 1.25}, doubles);
  codec::encode_strings(std::vector<std::string_view>{"ab", ""}, text);
  expect_documented("packed", packed);
  expect_documented("constant", constant);
  expect_documented("doubles", doubles);
  expect_documented("text", text);
}

TEST(PartFormat, a_header_of_a_later_version_is_unknown_and_a_changed_one_is_damaged) {
  std::string header = encode_part_header(PartId{7}, Day{3});
  EXPECT_TRUE(check_part_header(header, PartId{7}, Day{3}).ok());
  EXPECT_EQ(check_part_header(header, PartId{8}, Day{3}).code(), Code::DataLoss);
  EXPECT_EQ(check_part_header(header, PartId{7}, Day{4}).code(), Code::DataLoss);
  header[8] = 2;
  EXPECT_EQ(check_part_header(header, PartId{7}, Day{3}).code(), Code::DataLoss);
  store_le(header.data() + 28, crc32c_at_place(7, 0, std::string_view(header).substr(0, 28)));
  EXPECT_EQ(check_part_header(header, PartId{7}, Day{3}).code(), Code::Unimplemented);
}

TEST(PartFormat, footers_and_directories_come_back) {
  SectionFooter footer;
  footer.spans = 70'000;
  footer.traces = 12;
  footer.end_max = ~uint64_t{0};
  footer.dictionaries.push_back({3, 17, {100, 200}});
  footer.row_groups.push_back({65'536, 5, 6, {300, 400}});
  std::string bytes;
  encode(footer, bytes);
  auto decoded = decode_section_footer(bytes);
  ASSERT_TRUE(decoded.ok());
  std::string again;
  encode(*decoded, again);
  EXPECT_EQ(again, bytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_section_footer(std::string_view(bytes).substr(0, i)).ok());
  }
  footer.row_groups[0].rows = kRowGroupRows + 1;
  bytes.clear();
  encode(footer, bytes);
  EXPECT_FALSE(decode_section_footer(bytes).ok());

  std::vector<ColumnChunk> chunks = {{4, 10, {1024, 3}, {{1000, 5}, {27, 6}}}};
  bytes.clear();
  encode(chunks, 2, bytes);
  auto group = decode_row_group(bytes, 2);
  ASSERT_TRUE(group.ok());
  EXPECT_EQ((*group)[0].pages[1].bytes, 6u);
  EXPECT_FALSE(decode_row_group(bytes, 1).ok());
}

}  // namespace
}  // namespace spoor::store
