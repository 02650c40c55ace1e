// XXH3 behind one name. Hashes are never stored where a format document does not say so.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace spoor {

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  auto operator<=>(const Hash128&) const = default;
};

uint64_t hash64(std::string_view bytes);
Hash128 hash128(std::string_view bytes);

// Mixes a value into a running hash; for keys made of several numbers.
inline uint64_t hash_mix(uint64_t hash, uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
  hash *= 0xff51afd7ed558ccdull;
  return hash ^ hash >> 33;
}

}  // namespace spoor
