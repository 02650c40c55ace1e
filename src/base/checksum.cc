#include "base/checksum.h"

#include <array>

#include "base/bytes.h"

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#endif

namespace spoor {
namespace {

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    table[i] = crc;
  }
  return table;
}
constexpr auto kTable = make_table();

#if defined(__SSE4_2__)

// Three runs of bytes at a time, because the instruction takes one word a cycle but answers three
// later.
constexpr size_t kRunBytes = 1024;

// What a state becomes by so many zero bytes: linear in its bits, so looked up byte by byte.
class ZeroRun {
 public:
  ZeroRun() {
    std::array<uint32_t, 32> of_bit;
    for (unsigned bit = 0; bit < 32; ++bit) {
      uint32_t state = uint32_t{1} << bit;
      for (size_t i = 0; i < kRunBytes; ++i) state = kTable[state & 0xff] ^ state >> 8;
      of_bit[bit] = state;
    }
    for (unsigned byte = 0; byte < 4; ++byte) {
      for (uint32_t value = 0; value < 256; ++value) {
        uint32_t state = 0;
        for (unsigned bit = 0; bit < 8; ++bit) {
          if ((value >> bit & 1) != 0) state ^= of_bit[byte * 8 + bit];
        }
        of_byte_[byte][value] = state;
      }
    }
  }
  uint32_t after(uint32_t state) const {
    return of_byte_[0][state & 0xff] ^ of_byte_[1][state >> 8 & 0xff] ^
           of_byte_[2][state >> 16 & 0xff] ^ of_byte_[3][state >> 24];
  }

 private:
  std::array<std::array<uint32_t, 256>, 4> of_byte_;
};

uint32_t extend_by_three_runs(uint32_t state, const char* at) {
  static const ZeroRun zeros;
  uint64_t first = state, second = 0, third = 0;
  for (size_t i = 0; i < kRunBytes; i += 8) {
    first = _mm_crc32_u64(first, load_le<uint64_t>(at + i));
    second = _mm_crc32_u64(second, load_le<uint64_t>(at + kRunBytes + i));
    third = _mm_crc32_u64(third, load_le<uint64_t>(at + 2 * kRunBytes + i));
  }
  uint32_t both = zeros.after(static_cast<uint32_t>(first)) ^ static_cast<uint32_t>(second);
  return zeros.after(both) ^ static_cast<uint32_t>(third);
}

#endif

}  // namespace

uint32_t crc32c_extend_scalar(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  for (unsigned char byte : bytes) crc = kTable[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc;
}

uint32_t crc32c_extend(uint32_t crc, std::string_view bytes) {
#if defined(__SSE4_2__)
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t state = ~crc;
  for (; left >= 3 * kRunBytes; left -= 3 * kRunBytes, at += 3 * kRunBytes) {
    state = extend_by_three_runs(static_cast<uint32_t>(state), at);
  }
  for (; left >= 8; left -= 8, at += 8) state = _mm_crc32_u64(state, load_le<uint64_t>(at));
  uint32_t tail = static_cast<uint32_t>(state);
  for (; left > 0; --left, ++at) tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*at));
  return ~tail;
#else
  return crc32c_extend_scalar(crc, bytes);
#endif
}

uint32_t crc32c_at_place(uint64_t file_id, uint64_t offset, std::string_view bytes) {
  char place[16];
  store_le(place, file_id);
  store_le(place + 8, offset);
  return crc32c_extend(crc32c({place, sizeof place}), bytes);
}

}  // namespace spoor
