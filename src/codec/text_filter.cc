#include "codec/text_filter.h"

#include <array>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace spoor::codec {
namespace {

constexpr size_t kWords = 8;  // of 32 bits in a block
static_assert(kWords * sizeof(uint32_t) == kTextFilterBlockBytes);

// The bit of each word comes from the hash times an odd number of its own: the first 32 bits behind
// the point of the square roots of the first primes, made odd.
constexpr std::array<uint32_t, kWords> kFactors = {0x6a09e667, 0xbb67ae85, 0x3c6ef373, 0xa54ff53b,
                                                   0x510e527f, 0x9b05688d, 0x1f83d9ab, 0x5be0cd19};

size_t block_of(uint64_t hash, size_t size_bytes) {
  return static_cast<size_t>((hash >> 32) * (size_bytes / kTextFilterBlockBytes) >> 32);
}

uint32_t bit_of(uint64_t hash, size_t word) {
  return uint32_t{1} << (static_cast<uint32_t>(hash) * kFactors[word] >> 27);
}

}  // namespace

uint64_t text_filter_hash(std::string_view text) {
  return hash64(text);
}

void encode_text_filter(std::span<const uint64_t> hashes, std::string& target) {
  SPOOR_ASSERT(!hashes.empty());
  const size_t begin = target.size(), size = text_filter_size_bytes(hashes.size());
  target.resize(begin + size);
  for (uint64_t hash : hashes) {
    char* block = target.data() + begin + block_of(hash, size) * kTextFilterBlockBytes;
    for (size_t word = 0; word < kWords; ++word) {
      char* at = block + word * sizeof(uint32_t);
      store_le(at, load_le<uint32_t>(at) | bit_of(hash, word));
    }
  }
}

Result<TextFilter> TextFilter::open(std::string_view filter) {
  if (filter.empty() || filter.size() % kTextFilterBlockBytes != 0) {
    return data_loss("text filter: expected blocks of " + std::to_string(kTextFilterBlockBytes) +
                     " bytes, got " + std::to_string(filter.size()) + " bytes");
  }
  return TextFilter(filter);
}

bool TextFilter::may_contain(uint64_t hash) const {
  const char* block = filter_.data() + block_of(hash, filter_.size()) * kTextFilterBlockBytes;
  for (size_t word = 0; word < kWords; ++word) {
    if ((load_le<uint32_t>(block + word * sizeof(uint32_t)) & bit_of(hash, word)) == 0)
      return false;
  }
  return true;
}

}  // namespace spoor::codec
