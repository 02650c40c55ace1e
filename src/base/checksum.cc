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
