#include "codec/classed_integers.h"

#include <gtest/gtest.h>

#include <random>

#include "codec/integers.h"

namespace spoor::codec {
namespace {

struct Pairs {
  std::vector<int64_t> codes, values;
};

// Values of each code around a size of its own, some of them far off.
Pairs make_pairs(std::mt19937_64& random, size_t count, int64_t codes) {
  Pairs pairs;
  for (size_t i = 0; i < count; ++i) {
    int64_t code = static_cast<int64_t>(random() % static_cast<uint64_t>(codes)) * 2;
    uint64_t value = random() >> (64 - 1 - static_cast<unsigned>(code) % 60);
    if (code % 3 == 0) value = value / 1000 * 1000;
    if (random() % 40 == 0) value = random();
    if (code % 5 == 0) value = ~value;
    pairs.codes.push_back(code);
    pairs.values.push_back(static_cast<int64_t>(value));
  }
  return pairs;
}

TEST(ClassedIntegers, pages_come_back) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    Pairs pairs = make_pairs(random, 1 + random() % 3'000, 1 + round);
    std::string bytes;
    ClassTable made = ClassTable::of(pairs.codes, pairs.values);
    made.encode(bytes);
    auto table = ClassTable::decode(bytes);
    ASSERT_TRUE(table.ok());
    for (size_t first = 0; first < pairs.codes.size(); first += kPageValues) {
      size_t count = std::min(kPageValues, pairs.codes.size() - first);
      auto codes = std::span<const int64_t>(pairs.codes).subspan(first, count);
      auto values = std::span<const int64_t>(pairs.values).subspan(first, count);
      std::string page;
      made.encode_page(codes, values, page);
      std::vector<int64_t> decoded(count);
      ASSERT_TRUE(table->decode_page(page, codes, decoded).ok());
      ASSERT_TRUE(std::ranges::equal(decoded, values)) << round;
      std::vector<uint32_t> places;
      std::vector<int64_t> expected;
      for (uint32_t i = 0; i < count; ++i) {
        if (random() % 8 != 0) continue;
        places.push_back(i);
        expected.push_back(values[i]);
      }
      decoded.resize(places.size());
      ASSERT_TRUE(table->decode_some(page, codes, places, decoded).ok());
      ASSERT_EQ(decoded, expected) << round;
    }
  }
}

TEST(ClassedIntegers, each_code_takes_the_bits_of_its_own_values) {
  std::mt19937_64 random(2);
  Pairs pairs;
  for (size_t i = 0; i < kPageValues; ++i) {
    pairs.codes.push_back(i % 2 == 0 ? 0 : 7);
    int64_t value = static_cast<int64_t>(random() % (i % 2 == 0 ? 1'000 : 1'000'000));
    pairs.values.push_back(i % 2 == 0 ? value * 1'000 : value);  // microseconds
  }
  ClassTable table = ClassTable::of(pairs.codes, pairs.values);
  std::string classed, plain;
  table.encode_page(pairs.codes, pairs.values, classed);
  encode_integers(pairs.values, plain);
  EXPECT_LE(classed.size(), kPageValues * 15 / 8 + 10);
  EXPECT_GT(plain.size(), kPageValues * 19 / 8);
}

TEST(ClassedIntegers, damage_is_an_answer) {
  std::mt19937_64 random(3);
  Pairs pairs = make_pairs(random, 500, 30);
  ClassTable table = ClassTable::of(pairs.codes, pairs.values);
  std::string bytes, page;
  table.encode(bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ClassTable::decode(bytes.substr(0, size)).ok());
  }
  EXPECT_FALSE(ClassTable::decode(bytes + "x").ok());
  table.encode_page(pairs.codes, pairs.values, page);
  std::vector<int64_t> decoded(pairs.values.size());
  for (size_t size = 0; size < page.size(); ++size) {
    EXPECT_FALSE(table.decode_page(page.substr(0, size), pairs.codes, decoded).ok());
  }
  EXPECT_FALSE(table.decode_page(page + "x", pairs.codes, decoded).ok());
  for (int64_t odd : {int64_t{-1}, int64_t{1}, int64_t{500}}) {
    auto codes = pairs.codes;
    codes[77] = odd;  // of no value, or beyond the table
    EXPECT_FALSE(table.decode_page(page, codes, decoded).ok());
  }
  for (int round = 0; round < 2'000; ++round) {
    std::string changed = page;
    changed[random() % page.size()] = static_cast<char>(random());
    const std::vector<uint32_t> places = {0, 7, 499};
    std::vector<int64_t> some(places.size());
    bool is_good = table.decode_page(changed, pairs.codes, decoded).ok();
    ASSERT_EQ(table.decode_some(changed, pairs.codes, places, some).ok(), is_good);
    for (size_t i = 0; is_good && i < places.size(); ++i) ASSERT_EQ(some[i], decoded[places[i]]);
  }
}

TEST(ClassedIntegers, there_is_no_table_of_very_many_codes) {
  std::vector<int64_t> codes = {0, ClassTable::kClassesMax - 1}, values = {5, 6};
  EXPECT_FALSE(ClassTable::of(codes, values).empty());
  codes[1] = ClassTable::kClassesMax;
  EXPECT_TRUE(ClassTable::of(codes, values).empty());
  EXPECT_TRUE(ClassTable::of({}, {}).empty());
}

}  // namespace
}  // namespace spoor::codec
