#include "base/utf8.h"

namespace spoor {

size_t utf8_sequence_size(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (!continues(1)) return 0;
  if (first < 0xe0) return 2;
  if (!continues(2)) return 0;
  if (first < 0xf0) {
    bool overlong = first == 0xe0 && byte(1) < 0xa0;
    bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (!continues(3)) return 0;
  bool overlong = first == 0xf0 && byte(1) < 0x90;
  bool beyond = first == 0xf4 && byte(1) >= 0x90;
  return overlong || beyond ? 0 : 4;
}

bool is_valid_utf8_slow(std::string_view text) {
  while (!text.empty()) {
    size_t size = static_cast<unsigned char>(text[0]) < 0x80 ? 1 : utf8_sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace spoor
