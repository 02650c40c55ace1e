#include "store/text_page.h"

#include <gtest/gtest.h>

#include <random>

#include "store/limits.h"
#include "store/value_codec.h"
#include "support/arbitrary_spans.h"

namespace spoor::store {
namespace {

using Lists = std::vector<std::string>;

std::string page_of(const Lists& lists) {
  std::vector<std::string_view> views(lists.begin(), lists.end());
  std::string page;
  encode_list_page(views, page);
  return page;
}

void expect_round_trip(const Lists& lists) {
  auto decoded = decode_text_page(page_of(lists), lists.size(), kPageRawBytesMax);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  EXPECT_TRUE(std::ranges::equal(decoded->values(), lists));
}

Lists arbitrary_lists(std::mt19937_64& random, size_t count) {
  test::ArbitraryOptions options;
  options.string_bytes_max = 60;
  options.strings = test::Strings::AnyBytes;
  Lists lists;
  while (lists.size() < count) {
    SpanBatch batch = test::arbitrary_batch(random, options);
    for (const Span& span : batch.spans) {
      if (lists.size() == count) break;
      encode_attributes(span.attributes, lists.emplace_back());
    }
  }
  return lists;
}

std::string list_of(const std::vector<KeyValue>& entries) {
  std::string list;
  encode_attributes(Attributes(entries.data(), entries.size()), list);
  return list;
}

TEST(ListPage, arbitrary_lists_come_back) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 60; ++round) {
    expect_round_trip(arbitrary_lists(random, 1 + random() % (round % 10 == 0 ? kVectorRows : 80)));
  }
  expect_round_trip(Lists(20, list_of({})));
  std::vector<KeyValue> many;
  for (int i = 0; i < 5'000; ++i) many.push_back({i % 3 == 0 ? "a" : "b", Value::of_int(i)});
  expect_round_trip(Lists(9, list_of(many)));
}

TEST(ListPage, bytes_that_are_no_list_come_back_too) {
  std::mt19937_64 random(2);
  Lists lists = arbitrary_lists(random, 30);
  lists[20].append("behind the end");
  expect_round_trip(lists);
  lists[20] = "\xff\xff\xff";
  expect_round_trip(lists);
  // Numbers in more bytes than they need: no entries; one of key "k" with the integer 0, twice.
  for (std::string_view longer :
       {std::string_view("\x80\x00", 2), std::string_view("\x01\x01k\x04\x80\x00", 6),
        std::string_view("\x01\x81\x00k\x04\x00", 6)}) {
    lists[20] = longer;
    expect_round_trip(lists);
  }
}

TEST(ListPage, a_key_of_many_values_costs_what_a_column_costs) {
  std::mt19937_64 random(3);
  Lists lists;
  std::vector<std::string> texts;
  for (size_t i = 0; i < kVectorRows * 4; ++i) texts.push_back("k" + std::to_string(i));
  size_t next = 0;
  for (size_t i = 0; i < kVectorRows; ++i) {
    std::vector<KeyValue> entries = {
        {"size", Value::of_int(static_cast<int64_t>(random() % 1024))},
        {"ok", Value::of_bool(random() % 2 == 0)},
        {"price", Value::of_double(static_cast<double>(random() % 1000) / 100)}};
    // A key never seen again.
    entries.push_back({texts[next++], Value::of_bool(true)});
    lists.push_back(list_of(entries));
  }
  std::string page = page_of(lists);
  // 10 + 1 + 10 bits of values, 4 times 3 of keys.
  EXPECT_LT(page.size(), kVectorRows * 36 / 8);
  expect_round_trip(lists);
}

TEST(ListPage, damage_is_an_answer) {
  std::mt19937_64 random(4);
  Lists lists = arbitrary_lists(random, 40);
  std::string page = page_of(lists);
  for (size_t size = 0; size < page.size(); ++size) {
    EXPECT_FALSE(decode_text_page(page.substr(0, size), lists.size(), kPageRawBytesMax).ok());
  }
  EXPECT_FALSE(decode_text_page(page + "x", lists.size(), kPageRawBytesMax).ok());
  EXPECT_FALSE(decode_text_page(page, lists.size() + 1, kPageRawBytesMax).ok());
  size_t bytes = 0;
  for (const std::string& list : lists) bytes += list.size();
  EXPECT_FALSE(decode_text_page(page, lists.size(), bytes - 1).ok());
  for (int round = 0; round < 5'000; ++round) {
    std::string changed = page;
    changed[random() % page.size()] = static_cast<char>(random());
    (void)decode_text_page(changed, lists.size(), 1 << 20);
  }
}

}  // namespace
}  // namespace spoor::store
