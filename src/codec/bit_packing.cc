#include "codec/bit_packing.h"

#include <array>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"

namespace spoor::codec {
namespace {

uint64_t mask_of(unsigned width) {
  return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

// The slow twin for the last values of a stream and for widths whose value can span nine bytes.
uint64_t load_bits(std::string_view packed, size_t bit, unsigned width) {
  uint64_t value = 0;
  for (unsigned done = 0; done < width;) {
    unsigned within = (bit + done) % 8;
    unsigned take = std::min(8 - within, width - done);
    uint64_t byte = static_cast<unsigned char>(packed[(bit + done) / 8]);
    value |= ((byte >> within) & ((1u << take) - 1)) << done;
    done += take;
  }
  return value;
}

// Widths up to this one have every value within the eight bytes from its first.
constexpr unsigned kEightByteWidthMax = 56;

// Eight values take `Width` bytes, so with the width known all offsets and shifts are constants.
// How many values were unpacked: the eight bytes of the others would cross the end.
template <unsigned Width>
size_t unpack_eights(std::string_view packed, std::span<uint64_t> values) {
  constexpr uint64_t kMask = (uint64_t{1} << Width) - 1;
  constexpr size_t kLastOffset = 7 * Width / 8;
  size_t i = 0;
  const char* at = packed.data();
  const char* end = packed.data() + packed.size();
  for (; i + 8 <= values.size() && at + kLastOffset + 8 <= end; i += 8, at += Width) {
    uint64_t* out = values.data() + i;
    [&]<size_t... K>(std::index_sequence<K...>) {
      ((out[K] = load_le<uint64_t>(at + K * Width / 8) >> K * Width % 8 & kMask), ...);
    }(std::make_index_sequence<8>());
  }
  return i;
}

using UnpackEights = size_t (*)(std::string_view packed, std::span<uint64_t> values);

template <size_t... Width>
constexpr std::array<UnpackEights, sizeof...(Width)> unpack_table(std::index_sequence<Width...>) {
  return {unpack_eights<static_cast<unsigned>(Width) + 1>...};
}
constexpr auto kUnpackEights = unpack_table(std::make_index_sequence<kEightByteWidthMax>());

// Bits an exception costs beside its high bits: position and length of two varints.
constexpr size_t kExceptionBits = 24;

}  // namespace

void pack_bits(std::span<const uint64_t> values, unsigned width, std::string& target) {
  SPOOR_ASSERT(width <= 64);
  size_t start = target.size();
  size_t size = packed_size_bytes(values.size(), width);
  target.resize(start + size);
  if (width == 0) return;
  char* out = target.data() + start;
  unsigned __int128 pending = 0;
  unsigned pending_bits = 0;
  for (uint64_t value : values) {
    SPOOR_ASSERT((value & ~mask_of(width)) == 0);
    pending |= static_cast<unsigned __int128>(value) << pending_bits;
    pending_bits += width;
    while (pending_bits >= 32) {
      store_le(out, static_cast<uint32_t>(pending));
      out += 4;
      pending >>= 32;
      pending_bits -= 32;
    }
  }
  while (pending_bits > 0) {
    *out++ = static_cast<char>(pending);
    pending >>= 8;
    pending_bits -= std::min(pending_bits, 8u);
  }
  SPOOR_ASSERT(out == target.data() + start + size);
}

void unpack_bits(std::string_view packed, unsigned width, std::span<uint64_t> values) {
  SPOOR_ASSERT(width <= 64 && packed.size() == packed_size_bytes(values.size(), width));
  if (width == 0) {
    for (uint64_t& value : values) value = 0;
    return;
  }
  size_t i = width <= kEightByteWidthMax ? kUnpackEights[width - 1](packed, values) : 0;
  for (; i < values.size(); ++i) values[i] = load_bits(packed, i * width, width);
}

unsigned best_width(const BitWidthCounts& counts) {
  unsigned widest = 64;
  while (widest > 0 && counts[widest] == 0) --widest;
  size_t values = 0;
  for (uint32_t count : counts) values += count;

  unsigned best = widest;
  size_t best_bits = widest * values;
  size_t exceptions = 0;
  size_t exception_bits = 0;
  for (unsigned width = widest; width-- > 0;) {
    exceptions += counts[width + 1];
    exception_bits += counts[width + 1] * (kExceptionBits + widest - width);
    size_t bits = width * values + exception_bits;
    if (bits < best_bits) {
      best_bits = bits;
      best = width;
    }
    if (exceptions > values / 4) break;
  }
  return best;
}

}  // namespace spoor::codec
