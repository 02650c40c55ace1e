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

enum class PageKind : uint8_t { Constant = 0, Packed = 1, Steps = 2 };

// Steps that are looked at to judge whether they are smaller than the values.
constexpr size_t kSampledSteps = 64;
constexpr size_t kStepsMin = 16;  // fewer values gain nothing
// To choose a width, so many values are counted of each so many.
constexpr size_t kRun = 16;
constexpr size_t kStride = 64;
constexpr size_t kSampledMin = 512;  // of fewer all are counted
// Unless more than one of so many is an exception then.
constexpr size_t kSampledExceptions = 8;

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

// Counts of runs of values, one in each stride: of all of them with a stride of one run.
unsigned width_for(std::span<const uint64_t> values, size_t stride) {
  BitWidthCounts counts{};
  for (size_t first = 0; first < values.size(); first += stride) {
    for (uint64_t value : values.subspan(first, std::min(kRun, values.size() - first))) {
      ++counts[static_cast<size_t>(std::bit_width(value))];
    }
  }
  return best_width(counts);
}

size_t wider_than(std::span<const uint64_t> values, unsigned width) {
  if (width == 64) return 0;
  size_t count = 0;
  for (uint64_t value : values) count += value >> width == 0 ? 0 : 1;
  return count;
}

// Runs tell of values that alternate; where they did not tell enough all values are counted.
unsigned width_for(std::span<const uint64_t> values) {
  if (values.size() < kSampledMin) return width_for(values, kRun);
  const unsigned width = width_for(values, kStride);
  if (wider_than(values, width) <= values.size() / kSampledExceptions) return width;
  return width_for(values, kRun);
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
    if (base == 0) return {};
    for (uint64_t& value : raw) value += base;
  } else {
    for (uint64_t& value : raw) value = base + value * divisor;
  }
  return {};
}

// A page of kind Constant or Packed.
Status decode_values(PageKind kind, ByteReader& reader, std::span<int64_t> values) {
  switch (kind) {
    case PageKind::Constant: {
      int64_t value = zigzag_decode(reader.varint());
      if (reader.failed()) return damaged("cut short");
      std::fill(values.begin(), values.end(), value);
      return {};
    }
    case PageKind::Packed:
      return decode_packed(reader, values);
    default:
      return damaged("unknown kind " + std::to_string(static_cast<int>(kind)));
  }
}

Status decode_steps(ByteReader& reader, std::span<int64_t> values) {
  values[0] = zigzag_decode(reader.varint());
  auto kind = static_cast<PageKind>(reader.fixed<uint8_t>());
  if (reader.failed() || values.size() < 2) return damaged("bad steps");
  SPOOR_TRY(decode_values(kind, reader, values.subspan(1)));
  uint64_t sum = static_cast<uint64_t>(values[0]);
  for (int64_t& value : values.subspan(1)) {
    sum += static_cast<uint64_t>(value);
    value = static_cast<int64_t>(sum);
  }
  return {};
}

// A page of kind Constant or Packed.
void encode_values(std::span<const int64_t> values, std::string& target) {
  int64_t base = values[0];
  for (int64_t value : values) base = std::min(base, value);
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
  unsigned width = width_for(distances);
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

int64_t step_to(std::span<const int64_t> values, size_t i) {
  return static_cast<int64_t>(static_cast<uint64_t>(values[i]) -
                              static_cast<uint64_t>(values[i - 1]));
}

// By a sample: what grows evenly, as counters, times and codes given out in turn.
bool steps_look_smaller(std::span<const int64_t> values) {
  if (values.size() < kStepsMin) return false;
  const size_t stride = (values.size() - 1) / kSampledSteps + 1;
  int64_t low = values[0], high = values[0], step_low = step_to(values, 1), step_high = step_low;
  for (size_t i = 1; i < values.size(); i += stride) {
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
    step_low = std::min(step_low, step_to(values, i));
    step_high = std::max(step_high, step_to(values, i));
  }
  auto bits = [](int64_t from, int64_t to) {
    return std::bit_width(static_cast<uint64_t>(to) - static_cast<uint64_t>(from));
  };
  return bits(step_low, step_high) + 1 < bits(low, high);
}

}  // namespace

void encode_integers(std::span<const int64_t> values, std::string& target) {
  SPOOR_ASSERT(!values.empty() && values.size() <= kPageValues);
  const size_t begin = target.size();
  encode_values(values, target);
  if (!steps_look_smaller(values)) return;
  std::array<int64_t, kPageValues> steps;
  for (size_t i = 1; i < values.size(); ++i) steps[i - 1] = step_to(values, i);
  std::string page;
  page.push_back(static_cast<char>(PageKind::Steps));
  append_varint(page, zigzag_encode(values[0]));
  encode_values({steps.data(), values.size() - 1}, page);
  if (page.size() < target.size() - begin) target.replace(begin, target.size() - begin, page);
}

Result<size_t> decode_integers_prefix(std::string_view bytes, std::span<int64_t> values) {
  if (values.empty() || values.size() > kPageValues) return damaged("bad count");
  ByteReader reader(bytes);
  auto kind = static_cast<PageKind>(reader.fixed<uint8_t>());
  if (reader.failed()) return damaged("empty");
  if (kind == PageKind::Steps) {
    SPOOR_TRY(decode_steps(reader, values));
  } else {
    SPOOR_TRY(decode_values(kind, reader, values));
  }
  return bytes.size() - reader.remaining();
}

Status decode_integers(std::string_view page, std::span<int64_t> values) {
  SPOOR_ASSIGN(size_t taken, decode_integers_prefix(page, values));
  if (taken != page.size()) return damaged("trailing bytes");
  return {};
}

}  // namespace spoor::codec
