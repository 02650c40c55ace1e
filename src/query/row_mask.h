// A set of rows of one vector or row group, or of the events or links of a vector's rows.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"
#include "codec/code_set.h"

namespace spoor::query {

class RowMask {
 public:
  explicit RowMask(size_t rows = 0) : rows_(rows), words_((rows + 63) / 64) {}

  static RowMask all(size_t rows) {
    RowMask mask(rows);
    for (uint64_t& word : mask.words_) word = ~uint64_t{0};
    if (rows % 64 != 0) mask.words_.back() >>= 64 - rows % 64;
    return mask;
  }

  // The rows for which matches(row) is true; a loop without branches.
  template <typename Matches>
  static RowMask where(size_t rows, const Matches& matches) {
    RowMask mask(rows);
    for (size_t i = 0; i < mask.words_.size(); ++i) {
      uint64_t word = 0;
      size_t count = rows - i * 64 < 64 ? rows - i * 64 : 64;
      for (size_t bit = 0; bit < count; ++bit) word |= uint64_t{matches(i * 64 + bit)} << bit;
      mask.words_[i] = word;
    }
    return mask;
  }

  // The rows whose code is_member says yes to. REQUIRES: as codec::select_codes().
  static RowMask of_codes(std::span<const int64_t> codes, std::span<const uint8_t> is_member) {
    RowMask mask(codes.size());
    codec::select_codes(codes, is_member, mask.words_);
    return mask;
  }

  size_t rows() const { return rows_; }
  bool has(size_t row) const { return words_[row / 64] >> (row % 64) & 1; }
  void set(size_t row) { words_[row / 64] |= uint64_t{1} << (row % 64); }
  bool empty() const {
    for (uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }

  // The first row of the set from `row` on; rows() if there is none.
  size_t next(size_t row) const {
    if (row >= rows_) return rows_;
    size_t i = row / 64;
    uint64_t word = words_[i] >> (row % 64) << (row % 64);
    while (word == 0) {
      if (++i == words_.size()) return rows_;
      word = words_[i];
    }
    return i * 64 + static_cast<size_t>(std::countr_zero(word));
  }
  // How many of the rows [begin, end) are in the set.
  size_t count(size_t begin, size_t end) const {
    size_t count = 0;
    for_range(begin, end, [&](size_t i, uint64_t bits) {
      count += static_cast<size_t>(std::popcount(words_[i] & bits));
    });
    return count;
  }
  // Whether any of the rows [begin, end) is in the set.
  bool has_any(size_t begin, size_t end) const {
    uint64_t any = 0;
    for_range(begin, end, [&](size_t i, uint64_t bits) { any |= words_[i] & bits; });
    return any != 0;
  }
  void set_range(size_t begin, size_t end) {
    for_range(begin, end, [&](size_t i, uint64_t bits) { words_[i] |= bits; });
  }
  // Takes the rows [begin, end) as they are in `other`.
  void copy(const RowMask& other, size_t begin, size_t end) {
    SPOOR_ASSERT(rows_ == other.rows_);
    for_range(begin, end, [&](size_t i, uint64_t bits) {
      words_[i] = (words_[i] & ~bits) | (other.words_[i] & bits);
    });
  }
  // Puts `part` in the place of the rows from `first_row` on. REQUIRES: a multiple of 64, and
  // that the rows are there.
  void place(size_t first_row, const RowMask& part) {
    SPOOR_ASSERT(first_row % 64 == 0 && first_row + part.rows_ <= rows_);
    for (size_t i = 0; i < part.words_.size(); ++i) words_[first_row / 64 + i] = part.words_[i];
  }
  // The rows [first_row, first_row + rows). REQUIRES: as of place().
  RowMask part(size_t first_row, size_t rows) const {
    SPOOR_ASSERT(first_row % 64 == 0 && first_row + rows <= rows_);
    RowMask mask(rows);
    for (size_t i = 0; i < mask.words_.size(); ++i) mask.words_[i] = words_[first_row / 64 + i];
    if (rows % 64 != 0) mask.words_.back() &= (uint64_t{1} << (rows % 64)) - 1;
    return mask;
  }

  RowMask& operator&=(const RowMask& other) {
    SPOOR_ASSERT(rows_ == other.rows_);
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  RowMask& operator|=(const RowMask& other) {
    SPOOR_ASSERT(rows_ == other.rows_);
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  RowMask& subtract(const RowMask& other) {
    SPOOR_ASSERT(rows_ == other.rows_);
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }

  // Sixty-four rows at once: bit k of word i is row 64 * i + k.
  std::span<uint64_t> words() { return words_; }

  // Calls take(row) for each row of the set, ascending.
  template <typename Take>
  void for_each(const Take& take) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        take(i * 64 + static_cast<size_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  // Calls take(word, bits) for each word that has rows of [begin, end).
  template <typename Take>
  void for_range(size_t begin, size_t end, const Take& take) const {
    SPOOR_ASSERT(end <= rows_);
    for (size_t i = begin / 64; begin < end; ++i) {
      size_t stop = end < (i + 1) * 64 ? end : (i + 1) * 64;
      size_t length = stop - begin;
      uint64_t bits = length == 64 ? ~uint64_t{0} : ((uint64_t{1} << length) - 1) << (begin % 64);
      take(i, bits);
      begin = stop;
    }
  }

  size_t rows_;
  std::vector<uint64_t> words_;
};

}  // namespace spoor::query
