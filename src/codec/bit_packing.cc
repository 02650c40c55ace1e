#include "codec/bit_packing.h"

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
  size_t i = 0;
  if (width <= 56) {
    uint64_t mask = mask_of(width);
    size_t bit = 0;
    // Eight bytes from the value's first byte hold all of it; stop where they would cross the end.
    for (; i < values.size() && bit / 8 + 8 <= packed.size(); ++i, bit += width) {
      values[i] = load_le<uint64_t>(packed.data() + bit / 8) >> bit % 8 & mask;
    }
  }
  for (; i < values.size(); ++i) values[i] = load_bits(packed, i * width, width);
}

}  // namespace spoor::codec
