#include "base/hash.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace spoor {
namespace {

// Stored in the log: it must not depend on the processor.
TEST(Hash, the_one_of_128_bits_is_xxh3_whatever_vectors_compute_it) {
  EXPECT_EQ(hash128(""), (Hash128{0x6001c324468d497f, 0x99aa06d3014798d8}));
  std::mt19937_64 random(1);
  std::string bytes;
  for (int i = 0; i < 3'000; ++i) {
    XXH128_hash_t expected = XXH3_128bits(bytes.data(), bytes.size());
    ASSERT_EQ(hash128(bytes), (Hash128{expected.low64, expected.high64})) << bytes.size();
    bytes.push_back(static_cast<char>(random()));
  }
}

}  // namespace
}  // namespace spoor
