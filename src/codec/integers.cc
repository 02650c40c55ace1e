#include "codec/integers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/bit_packing.h"

namespace spoor::codec {
namespace {

enum class PageKind : uint8_t { Constant = 0, Packed = 1 };

// Bits an exception costs beside its high bits: position and length of two varints.
constexpr size_t kExceptionBits = 24;

struct Plan {
  uint64_t base = 0;
  uint64_t divisor = 1;
  unsigned width = 0;
};

// The common divisor of the distances from the base: clocks of micro- or milliseconds leave
// their zeros in nanoseconds. Gives up at once where there is none.
uint64_t common_divisor(std::span<const uint64_t> distances) {
  uint64_t divisor = 0;
  for (uint64_t distance : distances) {
    divisor = std::gcd(divisor, distance);
    if (divisor == 1) return 1;
  }
  return std::max<uint64_t>(divisor, 1);
}

// The width that makes packed bits plus exceptions smallest.
unsigned best_width(std::span<const uint64_t> values) {
  std::array<size_t, 65> count_of_width{};
  for (uint64_t value : values) ++count_of_width[static_cast<size_t>(std::bit_width(value))];
  unsigned widest = 64;
  while (widest > 0 && count_of_width[widest] == 0) --widest;

  unsigned best = widest;
  size_t best_bits = widest * values.size();
  size_t exceptions = 0;
  size_t exception_bits = 0;
  for (unsigned width = widest; width-- > 0;) {
    exceptions += count_of_width[width + 1];
    exception_bits += count_of_width[width + 1] * (kExceptionBits + widest - width);
    size_t bits = width * values.size() + exception_bits;
    if (bits < best_bits) {
      best_bits = bits;
      best = width;
    }
    if (exceptions > values.size() / 4) break;
  }
  return best;
}

Status damaged(std::string_view what) {
  return data_loss("integer page: " + std::string(what));
}

Status decode_packed(ByteReader& reader, std::span<int64_t> values) {
  uint64_t base = reader.varint();
  uint64_t divisor = reader.varint();
  unsigned width = reader.fixed<uint8_t>();
  uint64_t exception_count = reader.varint();
  if (reader.failed() || width > 64 || exception_count > values.size()) {
    return damaged("bad header");
  }
  std::string_view packed = reader.bytes(packed_size_bytes(values.size(), width));
  if (reader.failed()) return damaged("cut short");
  std::span<uint64_t> raw(reinterpret_cast<uint64_t*>(values.data()), values.size());
  unpack_bits(packed, width, raw);
  uint64_t position = 0;
  for (uint64_t i = 0; i < exception_count; ++i) {
    position += reader.varint();
    uint64_t high = reader.varint();
    if (reader.failed() || position >= values.size() || width >= 64) {
      return damaged("bad exception");
    }
    raw[position] |= high << width;
  }
  if (divisor == 1) {
    for (uint64_t& value : raw) value += base;
  } else {
    for (uint64_t& value : raw) value = base + value * divisor;
  }
  return {};
}

}  // namespace

void encode_integers(std::span<const int64_t> values, std::string& target) {
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  int64_t base = *std::min_element(values.begin(), values.end());
  std::array<uint64_t, kPageValues> buffer;
  std::span<uint64_t> distances(buffer.data(), values.size());
  uint64_t all = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    distances[i] = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(base);
    all |= distances[i];
  }
  if (all == 0) {
    target.push_back(static_cast<char>(PageKind::Constant));
    append_varint(target, zigzag_encode(base));
    return;
  }
  uint64_t divisor = common_divisor(distances);
  if (divisor > 1) {
    for (uint64_t& distance : distances) distance /= divisor;
  }
  unsigned width = best_width(distances);
  uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;

  std::string exceptions;
  size_t exception_count = 0;
  size_t last_position = 0;
  for (size_t i = 0; i < distances.size(); ++i) {
    if ((distances[i] & ~mask) == 0) continue;
    append_varint(exceptions, i - last_position);
    append_varint(exceptions, distances[i] >> width);
    last_position = i;
    ++exception_count;
    distances[i] &= mask;
  }
  target.push_back(static_cast<char>(PageKind::Packed));
  append_varint(target, static_cast<uint64_t>(base));
  append_varint(target, divisor);
  target.push_back(static_cast<char>(width));
  append_varint(target, exception_count);
  pack_bits(distances, width, target);
  target.append(exceptions);
}

Result<size_t> decode_integers_prefix(std::string_view bytes, std::span<int64_t> values) {
  if (values.empty() || values.size() > kPageValues) return damaged("bad count");
  ByteReader reader(bytes);
  auto kind = static_cast<PageKind>(reader.fixed<uint8_t>());
  if (reader.failed()) return damaged("empty");
  switch (kind) {
    case PageKind::Constant: {
      int64_t value = zigzag_decode(reader.varint());
      if (reader.failed()) return damaged("cut short");
      std::fill(values.begin(), values.end(), value);
      break;
    }
    case PageKind::Packed:
      SPOOR_TRY(decode_packed(reader, values));
      break;
    default:
      return damaged("unknown kind " + std::to_string(static_cast<int>(kind)));
  }
  return bytes.size() - reader.remaining();
}

Status decode_integers(std::string_view page, std::span<int64_t> values) {
  SPOOR_ASSIGN(size_t taken, decode_integers_prefix(page, values));
  if (taken != page.size()) return damaged("trailing bytes");
  return {};
}

}  // namespace spoor::codec
