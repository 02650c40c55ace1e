// The worked examples of docs/format are what the code writes.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "codec/integers.h"
#include "codec/strings.h"
#include "codec/successors.h"
#include "os/real_world.h"
#include "store/log_format.h"
#include "store/manifest.h"
#include "store/rollup_counter.h"

namespace spoor::store {
namespace {

// The bytes of one of the document's hex blocks.
std::string example_of(const std::string& document, int number = 0) {
  os::RealWorld world;
  auto text =
      os::read_file(world, std::string(SPOOR_SOURCE_DIR) + "/docs/format/" + document, 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status().to_string();
  if (!text.ok()) return {};
  size_t begin = text->find("```hex\n");
  for (; number > 0; --number) begin = text->find("```hex\n", begin + 1);
  size_t end = text->find("```", begin + 3);
  EXPECT_NE(end, std::string::npos);
  std::string digits;
  for (char c : text->substr(begin + 7, end - begin - 7)) {
    if (c != ' ' && c != '\n') digits.push_back(c);
  }
  std::string bytes;
  EXPECT_TRUE(append_from_hex(bytes, digits));
  return bytes;
}

TEST(FormatDocument, log_example) {
  LogPosition position = LogPosition::at(2, 64);
  std::vector<uint32_t> refused = {1, 3};
  LogRecord record;
  record.tenant = "a";
  record.received = UnixNanos{5};
  record.refused = refused;
  record.body = "xyz";
  std::string lead;
  RecordHeader header = make_record_header(record, lead);
  header.content_checksum = content_checksum(lead, record.body, position);
  std::string bytes = encode(header, position) + lead + std::string(record.body);
  bytes.resize(header.record_bytes());
  EXPECT_EQ(to_hex(example_of("log.md")), to_hex(bytes));
}

TEST(FormatDocument, manifest_example) {
  Manifest manifest;
  manifest.generation = 3;
  manifest.next_part = 2;
  manifest.log_floor = LogPosition::at(2, 64);
  manifest.tenants[1] = "a";
  manifest.parts.push_back({PartId{1}, Day{3}, 100, 7});
  EXPECT_EQ(to_hex(example_of("manifest.md")), to_hex(encode(manifest)));
}

TEST(FormatDocument, part_example) {
  std::string page;
  codec::encode_integers(std::vector<int64_t>{10, 11, 10, 1'000'010}, page);
  EXPECT_EQ(to_hex(example_of("part.md")), to_hex(page));
}

TEST(FormatDocument, text_page_example) {
  std::string page;
  std::vector<std::string_view> texts = {"user-7", "user-7", "user-9", "user-7", "user-7"};
  codec::encode_strings(texts, page);
  EXPECT_EQ(to_hex(example_of("part.md", 2)), to_hex(page));
}

TEST(FormatDocument, successors_example) {
  // Each pair twice, so that the table has it.
  auto table = codec::SuccessorTable::of(std::vector<int64_t>{3, 4, 3, 4, 3});
  std::string context;
  table.encode(context);
  EXPECT_EQ(to_hex(example_of("part.md", 3)), to_hex(context));
  std::vector<int64_t> codes = {3, 4, 3, 4, 9}, ranks(codes.size());
  table.to_ranks(codes, table.find_all(codes), ranks);
  std::string page;
  codec::encode_integers(ranks, page);
  EXPECT_EQ(to_hex(example_of("part.md", 4)), to_hex(page));
}

TEST(FormatDocument, rollup_page_example) {
  RollupCounter counter({"a"});
  for (auto [minute, name, duration] : {std::tuple<uint64_t, const char*, uint64_t>(100, "get", 5),
                                        {100, "get", 6},
                                        {100, "get", 20},
                                        {101, "put", 0}}) {
    counter.add_operation(
        {.name = name, .start = minute * kNanosPerMinute + 1, .duration = duration});
  }
  std::string page;
  encode(counter.take_operations(), 0, RollupPage{100, 101, 2, {}}, page);
  EXPECT_EQ(to_hex(example_of("part.md", 1)), to_hex(page));
}

}  // namespace
}  // namespace spoor::store
