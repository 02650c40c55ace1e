// Pages of byte strings: lengths, then the bytes one after another, under zstd where that is
// smaller. Layout: docs/format/part.md, "String page".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::codec {

// REQUIRES: 1 to kPageValues values.
void encode_strings(std::span<const std::string_view> values, std::string& target);

// A decoded page owns its bytes; values() point into it.
class StringPage {
 public:
  // `raw_bytes_max` bounds what a damaged page may make us allocate.
  static Result<StringPage> decode(std::string_view page, size_t count, size_t raw_bytes_max);

  std::span<const std::string_view> values() const { return values_; }
  size_t size_bytes() const { return bytes_.capacity() + values_.capacity() * sizeof values_[0]; }

 private:
  std::vector<char> bytes_;  // not a string: its buffer keeps its address when moved
  std::vector<std::string_view> values_;
};

}  // namespace spoor::codec
