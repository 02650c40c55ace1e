// Sequences of codes in which one code tells much of the next, as the templates of a trace's spans
// do: of each code the ones that follow it are known, most frequent first, and a value is the rank
// of its code among those that follow the one before. Ranks are small and bit-packed, so that a
// page decodes with one look-up a value and without LZ.
//
// A table is made of all pages of a column chunk and kept beside them. Layout: docs/format/part.md,
// "Successors".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::codec {

class SuccessorTable {
 public:
  SuccessorTable() = default;  // of no successors
  // Of the pairs of neighbours in the sequence. REQUIRES: values from 0 to kCodesMax.
  static SuccessorTable of(std::span<const int64_t> values);

  static constexpr size_t kSuccessorsMax = 15;   // of one code
  static constexpr int64_t kCodesMax = 1 << 20;  // beyond, codes have no successors

  void encode(std::string& target) const;
  static Result<SuccessorTable> decode(std::string_view bytes);

  // The place of the pair among all of the table, kNone if it is not there.
  static constexpr uint32_t kNone = ~uint32_t{0};
  uint32_t find(int64_t before, int64_t value) const {
    const auto code = static_cast<uint64_t>(before);
    if (firsts_.empty() || code >= firsts_.size() - 1) return kNone;
    for (uint32_t i = firsts_[code]; i < firsts_[code + 1]; ++i) {
      if (successors_[i] == value) return i;
    }
    return kNone;
  }
  // The place of each value's pair with the one before it; the first has none.
  std::vector<uint32_t> find_all(std::span<const int64_t> values) const;
  size_t size() const { return successors_.size(); }
  bool empty() const { return successors_.empty(); }

  // The ranks of the values, and back. The first value and those that are no successor are their
  // own value, behind the ranks of the successors. `pairs` are find_all()'s, those of any part of a
  // longer sequence.
  void to_ranks(std::span<const int64_t> values, std::span<const uint32_t> pairs,
                std::span<int64_t> ranks) const;
  void from_ranks(std::span<int64_t> ranks) const;

 private:
  // Successors of code c: [firsts_[c], firsts_[c + 1]).
  std::vector<uint32_t> firsts_;
  std::vector<int64_t> successors_;
};

// Numbers that follow from the codes beside them: of each pair of the table, what the number is or
// how far it is from the one before. Depths follow from templates.
class SuccessorNumbers {
 public:
  SuccessorNumbers() = default;
  // `pairs` are those of the codes in the table. REQUIRES: as many numbers as pairs, all from 0 to
  // 2^32.
  static SuccessorNumbers of(const SuccessorTable& table, std::span<const uint32_t> pairs,
                             std::span<const int64_t> numbers);

  void encode(std::string& target) const;
  // DataLoss unless there are as many as the table has pairs.
  static Result<SuccessorNumbers> decode(std::string_view bytes, const SuccessorTable& table);

  // What is left of numbers when what the codes say of them is taken away, and back. Nothing is
  // said of the first.
  void to_rests(std::span<const uint32_t> pairs, std::span<const int64_t> numbers,
                std::span<int64_t> rests) const;
  void from_rests(const SuccessorTable& table, std::span<const int64_t> codes,
                  std::span<int64_t> rests) const;

 private:
  enum class Kind : uint8_t { Step = 0, Value = 1 };
  struct Expected {
    Kind kind = Kind::Step;
    int64_t number = 0;
  };
  uint64_t expected(uint32_t pair, int64_t before) const {
    if (pair == SuccessorTable::kNone) return 0;
    const Expected& of_pair = by_pair_[pair];
    uint64_t base = of_pair.kind == Kind::Step ? static_cast<uint64_t>(before) : 0;
    return base + static_cast<uint64_t>(of_pair.number);
  }

  std::vector<Expected> by_pair_;
};

}  // namespace spoor::codec
