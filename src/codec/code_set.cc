#include "codec/code_set.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/assert.h"

namespace spoor::codec {
namespace {

constexpr size_t kWordBits = 64;

#if defined(__SSE2__)
// Bit k is whether flags[k] is not zero, of sixteen.
uint64_t nonzero_of(const uint8_t* flags) {
  __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(flags));
  int zero = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
  return static_cast<uint16_t>(~zero);
}
#endif

}  // namespace

void select_codes_scalar(std::span<const int64_t> codes, std::span<const uint8_t> is_member,
                         std::span<uint64_t> words) {
  SPOOR_ASSERT(words.size() == (codes.size() + kWordBits - 1) / kWordBits);
  for (uint64_t& word : words) word = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    uint64_t yes = is_member.data()[static_cast<size_t>(codes[i])] != 0 ? 1 : 0;
    words[i / kWordBits] |= yes << (i % kWordBits);
  }
}

#if defined(__SSE2__)
void select_codes(std::span<const int64_t> codes, std::span<const uint8_t> is_member,
                  std::span<uint64_t> words) {
  SPOOR_ASSERT(words.size() == (codes.size() + kWordBits - 1) / kWordBits);
  alignas(16) uint8_t flags[kWordBits];
  const uint8_t* members = is_member.data();
  const size_t whole_words = codes.size() / kWordBits;
  for (size_t i = 0; i < whole_words; ++i) {
    const int64_t* from = codes.data() + i * kWordBits;
    for (size_t k = 0; k < kWordBits; k += 4) {
      flags[k] = members[from[k]];
      flags[k + 1] = members[from[k + 1]];
      flags[k + 2] = members[from[k + 2]];
      flags[k + 3] = members[from[k + 3]];
    }
    words[i] = nonzero_of(flags) | nonzero_of(flags + 16) << 16 | nonzero_of(flags + 32) << 32 |
               nonzero_of(flags + 48) << 48;
  }
  select_codes_scalar(codes.subspan(whole_words * kWordBits), is_member,
                      words.subspan(whole_words));
}
#else
void select_codes(std::span<const int64_t> codes, std::span<const uint8_t> is_member,
                  std::span<uint64_t> words) {
  select_codes_scalar(codes, is_member, words);
}
#endif

}  // namespace spoor::codec
