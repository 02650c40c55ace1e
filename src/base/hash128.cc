// Apart from the hash of 64 bits, whose texts are short so that it is inlined: what this one is for
// is long, and the library finds out which vectors the processor has.
#include "base/hash.h"

#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

namespace spoor {

Hash128 hash128(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

}  // namespace spoor
