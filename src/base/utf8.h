// UTF-8 as RFC 3629 has it: no surrogates, nothing above U+10FFFF, no overlong forms.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

namespace spoor {

inline bool is_ascii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080ull;
  size_t size = text.size();
  uint64_t seen = 0;
  if (size < 8) {
    for (char c : text) seen |= static_cast<unsigned char>(c);
    return (seen & kHighBits) == 0;
  }
  for (size_t at = 0; at + 8 < size; at += 8) seen |= load_le<uint64_t>(text.data() + at);
  seen |= load_le<uint64_t>(text.data() + size - 8);
  return (seen & kHighBits) == 0;
}

bool is_valid_utf8_slow(std::string_view text);

// Most strings of spans are short and ASCII, which needs no call.
inline bool is_valid_utf8(std::string_view text) {
  return is_ascii(text) || is_valid_utf8_slow(text);
}

// The length in bytes of the valid sequence that `text` begins with, 0 if it is not valid.
// REQUIRES: text is not empty.
size_t utf8_sequence_size(std::string_view text);

}  // namespace spoor
