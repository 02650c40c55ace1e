#include "codec/successors.h"

#include <gtest/gtest.h>

#include <random>

#include "codec/integers.h"

namespace spoor::codec {
namespace {

// Traces of a few kinds one behind another, their codes in a fixed order with some noise.
struct Sequence {
  std::vector<int64_t> codes;
  std::vector<int64_t> depths;
};

Sequence make_sequence(std::mt19937_64& random, size_t size, int64_t noise) {
  Sequence sequence;
  while (sequence.codes.size() < size) {
    int64_t kind = static_cast<int64_t>(random() % 5) * 10;
    int64_t depth = 0;
    for (int64_t i = 0; i < 8; ++i) {
      bool is_odd = noise > 0 && static_cast<int64_t>(random() % 100) < noise;
      sequence.codes.push_back(is_odd ? static_cast<int64_t>(random() % 200) : kind + i);
      sequence.depths.push_back(is_odd ? static_cast<int64_t>(random() % 9) : depth);
      depth = i % 3 == 2 ? depth - 1 : depth + 1;
    }
  }
  return sequence;
}

SuccessorTable stored(const SuccessorTable& table) {
  std::string bytes;
  table.encode(bytes);
  auto decoded = SuccessorTable::decode(bytes);
  EXPECT_TRUE(decoded.ok()) << decoded.status().to_string();
  return decoded.ok() ? *decoded : SuccessorTable();
}

TEST(Successors, codes_and_numbers_come_back) {
  std::mt19937_64 random(1);
  for (int64_t noise : {0, 1, 10, 50, 100, 101}) {
    Sequence sequence = make_sequence(random, 5'000, noise);
    // More codes than are counted in a square.
    if (noise > 100) sequence.codes[77] = 5'000;
    SuccessorTable made = SuccessorTable::of(sequence.codes);
    SuccessorTable table = stored(made);
    std::vector<int64_t> ranks(sequence.codes.size());
    std::vector<uint32_t> pairs = made.find_all(sequence.codes);
    made.to_ranks(sequence.codes, pairs, ranks);
    std::vector<int64_t> ranks_again = ranks;
    table.from_ranks(ranks);
    EXPECT_EQ(ranks, sequence.codes) << noise;

    SuccessorNumbers of_codes = SuccessorNumbers::of(made, pairs, sequence.depths);
    std::string bytes;
    of_codes.encode(bytes);
    auto numbers = SuccessorNumbers::decode(bytes, table);
    ASSERT_TRUE(numbers.ok());
    std::vector<int64_t> rests(sequence.depths.size());
    of_codes.to_rests(pairs, sequence.depths, rests);
    numbers->from_rests(table, sequence.codes, rests);
    EXPECT_EQ(rests, sequence.depths) << noise;
    of_codes.to_rests(pairs, sequence.depths, rests);
    numbers->from_ranks_and_rests(table, ranks_again, rests);
    EXPECT_EQ(ranks_again, sequence.codes) << noise;
    EXPECT_EQ(rests, sequence.depths) << noise;
    EXPECT_FALSE(SuccessorNumbers::decode(bytes + "x", table).ok());
  }
}

TEST(Successors, what_follows_takes_no_bits) {
  std::mt19937_64 random(2);
  Sequence sequence = make_sequence(random, 20'000, 0);
  SuccessorTable table = SuccessorTable::of(sequence.codes);
  std::vector<uint32_t> pairs = table.find_all(sequence.codes);
  auto numbers = SuccessorNumbers::of(table, pairs, sequence.depths);
  auto page = [](const std::vector<int64_t>& values) {
    std::string bytes;
    encode_integers(std::span(values).subspan(1'000, kPageValues), bytes);
    return bytes.size();
  };
  std::vector<int64_t> ranks(sequence.codes.size()), rests(sequence.depths.size());
  table.to_ranks(sequence.codes, pairs, ranks);
  numbers.to_rests(pairs, sequence.depths, rests);
  // Which kind of trace comes next is not known: three bits for one of eight spans.
  EXPECT_LT(page(ranks) * 2, page(sequence.codes));
  EXPECT_LT(page(rests), 10u);
}

TEST(Successors, nothing_is_learned_of_few_or_huge_codes) {
  EXPECT_TRUE(SuccessorTable::of({}).empty());
  EXPECT_TRUE(SuccessorTable::of(std::vector<int64_t>{7}).empty());
  EXPECT_TRUE(SuccessorTable::of(std::vector<int64_t>{1, 2, 3, 4}).empty());
  std::vector<int64_t> huge = {SuccessorTable::kCodesMax, 1, SuccessorTable::kCodesMax, 1};
  EXPECT_FALSE(SuccessorTable::of(huge).empty());
  huge[2] = SuccessorTable::kCodesMax + 1;
  EXPECT_TRUE(SuccessorTable::of(huge).empty());
  SuccessorTable none;
  std::vector<int64_t> values = {5, 5, 9}, ranks(3);
  none.to_ranks(values, none.find_all(values), ranks);
  EXPECT_EQ(ranks, values);
  none.from_ranks(ranks);
  EXPECT_EQ(ranks, values);
}

TEST(Successors, damage_is_an_answer) {
  std::mt19937_64 random(3);
  Sequence sequence = make_sequence(random, 2'000, 5);
  SuccessorTable table = SuccessorTable::of(sequence.codes);
  std::string bytes;
  table.encode(bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(SuccessorTable::decode(bytes.substr(0, size)).ok());
  }
  EXPECT_FALSE(SuccessorTable::decode(bytes + "x").ok());
  // Any numbers may stand in a page.
  std::vector<int64_t> ranks = {-1, 0, 1, INT64_MAX, 3, INT64_MIN, 0, 20, 21};
  std::vector<int64_t> codes = ranks, rests = ranks, rests_again = ranks;
  table.from_ranks(codes);
  auto numbers = SuccessorNumbers::of(table, table.find_all(sequence.codes), sequence.depths);
  numbers.from_rests(table, codes, rests);
  numbers.from_ranks_and_rests(table, ranks, rests_again);
  EXPECT_EQ(ranks, codes);
}

}  // namespace
}  // namespace spoor::codec
