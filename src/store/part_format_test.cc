#include "store/part_format.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/checksum.h"
#include "store/group_templates.h"
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
  footer.row_groups.push_back({65'536, 5, 6, {300, 400}, {704, 9}, 3, 12, {800, 7}, {900, 8}});
  std::string bytes;
  for (uint64_t features : {uint64_t{0}, kFeatureListedRows}) {
    footer.features = features;
    bytes.clear();
    encode(footer, bytes);
    auto decoded = decode_section_footer(bytes);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded->row_groups[0].loose_rows, features == 0 ? 0 : 3);
    EXPECT_EQ(decoded->row_groups[0].listed_rows_max, features == 0 ? 0 : 12);
    EXPECT_EQ(decoded->row_groups[0].template_edges.bytes, features == 0 ? 0 : 8);
    std::string again;
    encode(*decoded, again);
    EXPECT_EQ(again, bytes);
    for (size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_FALSE(decode_section_footer(std::string_view(bytes).substr(0, i)).ok());
    }
  }
  footer.features = kKnownFeatures | uint64_t{1} << 63 | 1 << 20;
  std::string later;
  encode(footer, later);
  Status refused = decode_section_footer(later + "of another form").status();
  EXPECT_EQ(refused.code(), Code::Unimplemented);
  EXPECT_NE(refused.message().find("know: 20, 63;"), std::string::npos) << refused.message();
  footer.features = 0;
  footer.row_groups[0].rows = kRowGroupRows + 1;
  bytes.clear();
  encode(footer, bytes);
  EXPECT_FALSE(decode_section_footer(bytes).ok());

  RowGroupDirectory directory;
  directory.chunks = {{4, 10, {1024, 3}, {{1000, 5}, {27, 6}}, "shared", 32}};
  bytes.clear();
  encode(directory, 2, bytes);
  auto group = decode_row_group(bytes, 2);
  ASSERT_TRUE(group.ok());
  EXPECT_TRUE(group->start_spreads.empty());
  EXPECT_EQ(group->chunks[0].pages[1].bytes, 6u);
  EXPECT_EQ(group->chunks[0].context, "shared");
  EXPECT_EQ(group->chunks[0].filter().offset, 10 + 5 + 6 + 2 * kChecksumBytes);
  EXPECT_EQ(group->chunks[0].filter().bytes, 32u);
  EXPECT_FALSE(decode_row_group(bytes, 1).ok());
  directory.start_spreads = {1'000'000, ~uint64_t{0}};
  bytes.clear();
  encode(directory, 2, bytes);
  group = decode_row_group(bytes, 2);
  ASSERT_TRUE(group.ok());
  EXPECT_EQ(group->start_spreads, directory.start_spreads);
  for (size_t cut : {1, 9, 12}) {
    EXPECT_FALSE(decode_row_group(bytes.substr(0, bytes.size() - cut), 2).ok()) << cut;
  }
}

TEST(PartFormat, lists_of_group_templates_come_back_and_damaged_ones_are_refused) {
  GroupTemplateCounter counter;
  counter.add(7, 1'000);
  counter.add(2, std::numeric_limits<int64_t>::max());
  counter.add(2, std::numeric_limits<int64_t>::min());
  counter.add(7, -5);
  counter.add(7, 20);
  const std::vector<GroupTemplate> templates = counter.take();
  EXPECT_EQ(templates, (std::vector<GroupTemplate>{{2, 2, std::numeric_limits<int64_t>::min(),
                                                    std::numeric_limits<int64_t>::max()},
                                                   {7, 3, -5, 1'000}}));
  EXPECT_TRUE(counter.take().empty());
  std::string bytes;
  encode(templates, bytes);
  auto decoded = decode_group_templates(bytes, 8, 5);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, templates);
  EXPECT_EQ(decode_group_templates(bytes, 7, 5).status().code(), Code::DataLoss);  // unknown code
  EXPECT_EQ(decode_group_templates(bytes, 8, 6).status().code(), Code::DataLoss);  // a row lost
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_group_templates(bytes.substr(0, size), 8, 5).status().code(), Code::DataLoss);
  }
}

}  // namespace
}  // namespace spoor::store
