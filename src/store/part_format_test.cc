#include "store/part_format.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/checksum.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

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
