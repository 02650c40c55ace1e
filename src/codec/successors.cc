#include "codec/successors.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/assert.h"
#include "base/bytes.h"

namespace spoor::codec {
namespace {

// A pair that came once costs as much in the table as it saves.
constexpr uint32_t kPairsMin = 2;

struct Pair {
  int64_t before;
  int64_t value;
  uint32_t count;
};

// Of so few codes, pairs are counted in a square of them.
constexpr size_t kSquareMax = 256;

std::vector<Pair> count_pairs(std::span<const int64_t> values) {
  std::vector<Pair> pairs;
  auto add = [&](int64_t before, int64_t value, uint32_t count) {
    if (count >= kPairsMin) pairs.push_back({before, value, count});
  };
  const auto codes = static_cast<size_t>(std::ranges::max(values)) + 1;
  if (codes <= kSquareMax) {
    std::vector<uint32_t> counts(codes * codes);
    for (size_t i = 1; i < values.size(); ++i) {
      ++counts[static_cast<size_t>(values[i - 1]) * codes + static_cast<size_t>(values[i])];
    }
    for (size_t i = 0; i < counts.size(); ++i) {
      add(static_cast<int64_t>(i / codes), static_cast<int64_t>(i % codes), counts[i]);
    }
  } else {
    boost::unordered_flat_map<uint64_t, uint32_t> counts;
    for (size_t i = 1; i < values.size(); ++i) {
      ++counts[static_cast<uint64_t>(values[i - 1]) << 32 | static_cast<uint64_t>(values[i])];
    }
    for (const auto& [pair, count] : counts) {
      add(static_cast<int64_t>(pair >> 32), static_cast<int64_t>(pair & 0xffff'ffff), count);
    }
  }
  std::ranges::sort(pairs, [](const Pair& x, const Pair& y) {
    if (x.before != y.before) return x.before < y.before;
    return x.count != y.count ? x.count > y.count : x.value < y.value;
  });
  return pairs;
}

}  // namespace

SuccessorTable SuccessorTable::of(std::span<const int64_t> values) {
  SuccessorTable table;
  if (values.empty()) return table;
  for (int64_t value : values) {
    SPOOR_ASSERT(value >= 0);
    if (value > kCodesMax) return table;
  }
  for (const Pair& pair : count_pairs(values)) {
    const auto code = static_cast<size_t>(pair.before);
    if (table.firsts_.size() < code + 2) {
      table.firsts_.resize(code + 2, static_cast<uint32_t>(table.successors_.size()));
    }
    if (table.successors_.size() - table.firsts_[code] == kSuccessorsMax) continue;
    table.successors_.push_back({pair.value, {}});
    table.firsts_[code + 1] = static_cast<uint32_t>(table.successors_.size());
  }
  table.link();
  return table;
}

void SuccessorTable::link() {
  for (Successor& successor : successors_) {
    successor.followers = followers_of(static_cast<uint64_t>(successor.code));
  }
}

void SuccessorTable::encode(std::string& target) const {
  const size_t codes = firsts_.empty() ? 0 : firsts_.size() - 1;
  append_varint(target, codes);
  for (size_t code = 0; code < codes; ++code) {
    append_varint(target, firsts_[code + 1] - firsts_[code]);
    for (size_t i = firsts_[code]; i < firsts_[code + 1]; ++i) {
      append_varint(target, static_cast<uint64_t>(successors_[i].code));
    }
  }
}

Result<SuccessorTable> SuccessorTable::decode(std::string_view bytes) {
  SuccessorTable table;
  ByteReader reader(bytes);
  uint64_t codes = reader.varint();
  if (codes > reader.remaining()) return data_loss("successors: bad count");
  if (codes > 0) table.firsts_.push_back(0);
  for (uint64_t code = 0; code < codes && !reader.failed(); ++code) {
    uint64_t count = reader.varint();
    if (count > kSuccessorsMax) return data_loss("successors: too many of one code");
    for (uint64_t i = 0; i < count; ++i) {
      uint64_t value = reader.varint();
      if (value > static_cast<uint64_t>(kCodesMax)) return data_loss("successors: unknown code");
      table.successors_.push_back({static_cast<int64_t>(value), {}});
    }
    table.firsts_.push_back(static_cast<uint32_t>(table.successors_.size()));
  }
  if (reader.failed() || !reader.at_end()) return data_loss("successors: bad length");
  table.link();
  return table;
}

std::vector<uint32_t> SuccessorTable::find_all(std::span<const int64_t> values) const {
  std::vector<uint32_t> pairs(values.size(), kNone);
  for (size_t i = 1; i < values.size(); ++i) pairs[i] = find(values[i - 1], values[i]);
  return pairs;
}

void SuccessorTable::to_ranks(std::span<const int64_t> values, std::span<const uint32_t> pairs,
                              std::span<int64_t> ranks) const {
  SPOOR_ASSERT(values.size() == ranks.size() && values.size() == pairs.size());
  for (size_t i = 0; i < values.size(); ++i) {
    Followers known;
    if (i > 0) known = followers_of(static_cast<uint64_t>(values[i - 1]));
    bool is_successor = i > 0 && pairs[i] != kNone;
    ranks[i] = is_successor ? int64_t{pairs[i]} - known.first : values[i] + known.count;
  }
}

SuccessorNumbers SuccessorNumbers::of(const SuccessorTable& table, std::span<const uint32_t> pairs,
                                      std::span<const int64_t> numbers) {
  SPOOR_ASSERT(pairs.size() == numbers.size());
  struct Seen {
    int64_t step = 0, value = 0;
    uint32_t pairs = 0, same_step = 0, same_value = 0;
  };
  std::vector<Seen> seen(table.size());
  for (size_t i = 1; i < pairs.size(); ++i) {
    if (pairs[i] == SuccessorTable::kNone) continue;
    Seen& of_pair = seen[pairs[i]];
    int64_t step = numbers[i] - numbers[i - 1];
    if (of_pair.pairs++ == 0) of_pair.step = step, of_pair.value = numbers[i];
    of_pair.same_step += step == of_pair.step ? 1 : 0;
    of_pair.same_value += numbers[i] == of_pair.value ? 1 : 0;
  }
  SuccessorNumbers result;
  for (const Seen& pair : seen) {
    bool is_step = pair.same_step >= pair.same_value;
    result.by_pair_.push_back(is_step ? Expected(Kind::Step, pair.step)
                                      : Expected(Kind::Value, pair.value));
  }
  return result;
}

void SuccessorNumbers::encode(std::string& target) const {
  for (const Expected& pair : by_pair_) {
    append_varint(target, zigzag_encode(pair.number) << 1 | static_cast<uint64_t>(pair.kind()));
  }
}

Result<SuccessorNumbers> SuccessorNumbers::decode(std::string_view bytes,
                                                  const SuccessorTable& table) {
  SuccessorNumbers result;
  ByteReader reader(bytes);
  for (size_t i = 0; i < table.size() && !reader.failed(); ++i) {
    uint64_t pair = reader.varint();
    result.by_pair_.push_back({static_cast<Kind>(pair & 1), zigzag_decode(pair >> 1)});
  }
  if (reader.failed() || !reader.at_end()) return data_loss("successors: bad numbers");
  return result;
}

void SuccessorNumbers::to_rests(std::span<const uint32_t> pairs, std::span<const int64_t> numbers,
                                std::span<int64_t> rests) const {
  SPOOR_ASSERT(pairs.size() == numbers.size() && numbers.size() == rests.size());
  for (size_t i = 0; i < numbers.size(); ++i) {
    uint64_t known = i == 0 ? 0 : expected(pairs[i], numbers[i - 1]);
    rests[i] = static_cast<int64_t>(static_cast<uint64_t>(numbers[i]) - known);
  }
}

void SuccessorNumbers::from_rests(const SuccessorTable& table, std::span<const int64_t> codes,
                                  std::span<int64_t> rests) const {
  SPOOR_ASSERT(codes.size() == rests.size());
  for (size_t i = 1; i < rests.size(); ++i) {
    uint64_t known = expected(table.find(codes[i - 1], codes[i]), rests[i - 1]);
    rests[i] = static_cast<int64_t>(static_cast<uint64_t>(rests[i]) + known);
  }
}

void SuccessorNumbers::from_ranks_and_rests(const SuccessorTable& table, std::span<int64_t> ranks,
                                            std::span<int64_t> rests) const {
  SPOOR_ASSERT(ranks.size() == rests.size());
  int64_t before = 0;
  table.from_ranks(ranks, [&](size_t i, uint32_t pair) {
    before = static_cast<int64_t>(static_cast<uint64_t>(rests[i]) + expected(pair, before));
    rests[i] = before;
  });
}

}  // namespace spoor::codec
