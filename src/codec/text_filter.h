// A filter of texts: whether one may be among those it was made of. A byte a text; of a hundred
// that are not there about three seem to be. Each text sets eight bits of one block of 32 bytes, so
// that a question touches one cache line. Layout: docs/format/part.md, "Text filter".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::codec {

constexpr size_t kTextFilterBlockBytes = 32;

uint64_t text_filter_hash(std::string_view text);

constexpr size_t text_filter_size_bytes(size_t texts) {
  return (texts + kTextFilterBlockBytes - 1) / kTextFilterBlockBytes * kTextFilterBlockBytes;
}

// Appends text_filter_size_bytes() bytes. `hashes` are those of distinct texts, at least one.
void encode_text_filter(std::span<const uint64_t> hashes, std::string& target);

// Asks a filter, which outlives the view. DataLoss if it is none.
class TextFilter {
 public:
  static Result<TextFilter> open(std::string_view filter);
  bool may_contain(uint64_t hash) const;

 private:
  explicit TextFilter(std::string_view filter) : filter_(filter) {}
  std::string_view filter_;
};

}  // namespace spoor::codec
