// A place in the log: segment number and offset in the segment. Grows with every record and is
// never used twice, so it also orders what was accepted.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace spoor::store {

struct LogPosition {
  uint64_t value = 0;

  static constexpr LogPosition at(uint64_t segment, uint64_t offset) {
    return {segment << 32 | offset};
  }
  constexpr uint64_t segment() const { return value >> 32; }
  constexpr uint64_t offset() const { return value & 0xffffffff; }
  auto operator<=>(const LogPosition&) const = default;
};

// Tells whether a record that ends at the position may be seen.
using Visible = std::function<bool(LogPosition)>;

inline std::string to_string(LogPosition position) {
  return std::to_string(position.segment()) + ":" + std::to_string(position.offset());
}

}  // namespace spoor::store
