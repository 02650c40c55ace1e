// Which of a sequence of codes belong to a set: the first step of every scan.
#pragma once

#include <cstdint>
#include <span>

namespace spoor::codec {

// Bit i of `words`, from the lowest on, says whether is_member[codes[i]] is not zero; the bits
// behind the last code are zero. REQUIRES: (codes + 63) / 64 words, and every code is below the
// size of `is_member`, which is not checked here.
void select_codes(std::span<const int64_t> codes, std::span<const uint8_t> is_member,
                  std::span<uint64_t> words);
// The same, a code at a time: what the other is tested against, and machines without SSE2 run.
void select_codes_scalar(std::span<const int64_t> codes, std::span<const uint8_t> is_member,
                         std::span<uint64_t> words);

}  // namespace spoor::codec
