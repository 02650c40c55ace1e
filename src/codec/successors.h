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
    const Followers known = followers_of(static_cast<uint64_t>(before));
    for (uint32_t i = known.first; i < known.first + known.count; ++i) {
      if (successors_[i].code == value) return i;
    }
    return kNone;
  }
  // The place of each value's pair with the one before it; the first has none.
  std::vector<uint32_t> find_all(std::span<const int64_t> values) const;
  size_t size() const { return successors_.size(); }
  bool empty() const { return successors_.empty(); }
  size_t size_bytes() const {
    return firsts_.size() * sizeof(uint32_t) + successors_.size() * sizeof(Successor);
  }

  // The ranks of the values, and back. The first value and those that are no successor are their
  // own value, behind the ranks of the successors. `pairs` are find_all()'s, those of any part of a
  // longer sequence.
  void to_ranks(std::span<const int64_t> values, std::span<const uint32_t> pairs,
                std::span<int64_t> ranks) const;
  void from_ranks(std::span<int64_t> ranks) const {
    from_ranks(ranks, [](size_t, uint32_t) {});
  }
  // The same; calls each(i, pair) with the place of each value's pair, or kNone, in order.
  template <typename Each>
  void from_ranks(std::span<int64_t> ranks, const Each& each) const;

 private:
  // The successors of a code: [first, first + count).
  struct Followers {
    uint32_t first = 0, count = 0;
  };
  struct Successor {
    int64_t code = 0;
    Followers followers;  // its own, so that a sequence is one look-up a value
  };
  Followers followers_of(uint64_t code) const {
    if (firsts_.empty() || code >= firsts_.size() - 1) return {};
    return {firsts_[code], firsts_[code + 1] - firsts_[code]};
  }
  void link();

  // Successors of code c: [firsts_[c], firsts_[c + 1]).
  std::vector<uint32_t> firsts_;
  std::vector<Successor> successors_;
};

template <typename Each>
void SuccessorTable::from_ranks(std::span<int64_t> ranks, const Each& each) const {
  const Successor* successors = successors_.data();
  Followers known;  // of the value before
  for (size_t i = 0; i < ranks.size(); ++i) {
    const auto rank = static_cast<uint64_t>(ranks[i]);
    if (rank < known.count) {
      const auto pair = known.first + static_cast<uint32_t>(rank);
      ranks[i] = successors[pair].code;
      known = successors[pair].followers;
      each(i, pair);
    } else {
      const uint64_t code = rank - known.count;
      ranks[i] = static_cast<int64_t>(code);
      known = followers_of(code);
      each(i, kNone);
    }
  }
}

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
  // The same where the codes are ranks yet: turns both. In one pass the pairs need not be found.
  void from_ranks_and_rests(const SuccessorTable& table, std::span<int64_t> ranks,
                            std::span<int64_t> rests) const;
  size_t size_bytes() const { return by_pair_.size() * sizeof(Expected); }

 private:
  enum class Kind : uint8_t { Step = 0, Value = 1 };
  struct Expected {
    // All ones where the number before is added.
    uint64_t mask = 0;
    int64_t number = 0;

    Expected(Kind kind, int64_t of_pair)
        : mask(kind == Kind::Step ? ~uint64_t{0} : 0), number(of_pair) {}
    Kind kind() const { return mask != 0 ? Kind::Step : Kind::Value; }
  };
  uint64_t expected(uint32_t pair, int64_t before) const {
    if (pair == SuccessorTable::kNone) return 0;
    const Expected& of_pair = by_pair_[pair];
    return (static_cast<uint64_t>(before) & of_pair.mask) + static_cast<uint64_t>(of_pair.number);
  }

  std::vector<Expected> by_pair_;
};

}  // namespace spoor::codec
