// UTF-8 as RFC 3629 has it: no surrogates, nothing above U+10FFFF, no overlong forms.
#pragma once

#include <cstddef>
#include <string_view>

namespace spoor {

bool is_valid_utf8(std::string_view text);

// The length in bytes of the valid sequence that `text` begins with, 0 if it is not valid.
// REQUIRES: text is not empty.
size_t utf8_sequence_size(std::string_view text);

}  // namespace spoor
