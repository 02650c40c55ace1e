// Time as numbers. UnixNanos is OTLP's fixed64: nanoseconds since 1970-01-01 UTC, unsigned, so
// every value a sender can give (1970, 2554) is representable. Clocks live in os/world.h.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor {

constexpr uint64_t kNanosPerMicro = 1'000;
constexpr uint64_t kNanosPerMilli = 1'000'000;
constexpr uint64_t kNanosPerSecond = 1'000'000'000;
constexpr uint64_t kNanosPerMinute = 60 * kNanosPerSecond;
constexpr uint64_t kNanosPerHour = 60 * kNanosPerMinute;
constexpr uint64_t kNanosPerDay = 24 * kNanosPerHour;

struct UnixNanos {
  uint64_t value = 0;
  auto operator<=>(const UnixNanos&) const = default;
};

// A UTC day, counted from 1970-01-01. At most 213,503 for a UnixNanos.
struct Day {
  uint32_t value = 0;
  auto operator<=>(const Day&) const = default;
};

constexpr Day day_of(UnixNanos time) {
  return {static_cast<uint32_t>(time.value / kNanosPerDay)};
}

std::string to_string(Day day);  // "2026-11-22"

// "2026-11-22T12:34:56.123456789Z"; always nine decimals, always UTC.
std::string to_rfc3339(UnixNanos time);

// RFC 3339 with any offset and up to nine decimals. A space for the `+` of an offset is
// accepted, because clients send it unencoded in query strings.
Result<UnixNanos> parse_rfc3339(std::string_view text);

// Go's form: "1h30m", "1.5s", "250ms", "10us", "7ns"; also "d" for days and "w" for weeks.
Result<uint64_t> parse_duration_nanos(std::string_view text);

// The shortest of the same form with at most three significant decimals: "1.25ms", "2m3s".
std::string format_duration(uint64_t nanos);

}  // namespace spoor
