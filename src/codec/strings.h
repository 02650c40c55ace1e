// Pages of byte strings. A value that stood in the page before is a reference to it; the new ones
// are kept as numbers where they all spell such (numeric_texts.h), else as lengths and bytes, under
// zstd where that is smaller. Layout: docs/format/part.md, "Text page".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "codec/sought_text.h"

namespace spoor::codec {

// REQUIRES: 1 to kPageValues values.
void encode_strings(std::span<const std::string_view> values, std::string& target);

// A decoded page owns its bytes; values() point into it. Values that refer to one another share
// its bytes: who judges values need not judge the same place twice.
class StringPage {
 public:
  StringPage() = default;
  // Of texts that lie one behind another in `bytes`. REQUIRES: they fill it from `first` on.
  StringPage(std::vector<char> bytes, size_t first, std::span<const int64_t> lengths);

  // `raw_bytes_max` bounds what a damaged page may make us allocate.
  static Result<StringPage> decode(std::string_view page, size_t count, size_t raw_bytes_max);

  std::span<const std::string_view> values() const { return values_; }
  // False if none of the values is what is sought. May say true where one contains it, or two of
  // them that lie one behind another: one search over all bytes, whatever there is.
  bool may_contain(const SoughtText& sought) const;
  size_t size_bytes() const { return bytes_.capacity() + values_.capacity() * sizeof values_[0]; }

 private:
  std::vector<char> bytes_;  // not a string: its buffer keeps its address when moved
  size_t first_ = 0;         // what lies before is no text
  std::vector<std::string_view> values_;
};

// The same of a page that is not decoded, nor is more of it than it takes.
Result<bool> strings_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                 const SoughtText& sought);

}  // namespace spoor::codec
