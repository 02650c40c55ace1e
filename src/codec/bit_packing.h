// Bit streams of fixed width, little-endian: value i takes the bits [i * width, (i + 1) * width).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace spoor::codec {

constexpr size_t packed_size_bytes(size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

// Appends packed_size_bytes() bytes. REQUIRES: width <= 64, every value below 2^width.
void pack_bits(std::span<const uint64_t> values, unsigned width, std::string& target);

// REQUIRES: width <= 64, packed.size() == packed_size_bytes(values.size(), width).
void unpack_bits(std::string_view packed, unsigned width, std::span<uint64_t> values);

// How many values have each bit width.
using BitWidthCounts = std::array<uint32_t, 65>;
// The width that makes packed bits smallest together with exceptions for the values that are wider.
unsigned best_width(const BitWidthCounts& counts);

}  // namespace spoor::codec
