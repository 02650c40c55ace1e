#include "api/tempo_times.h"

#include <algorithm>
#include <charconv>

#include "api/go_values.h"
#include "api/jaeger_search.h"

namespace spoor::api {
namespace {

constexpr size_t kSecondsDigitsMax = 10;
constexpr size_t kShownBytes = 64;
constexpr uint64_t kSinceDefault = kNanosPerHour;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Status no_time(std::string_view text) {
  return invalid_argument(
      "expected seconds or nanoseconds since 1970 or a time like "
      "2026-11-22T12:34:56Z, got \"" +
      std::string(text.substr(0, kShownBytes)) + "\"");
}

// REQUIRES: digits only, at most 20.
Result<uint64_t> number_of(std::string_view digits, std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc()) return no_time(text);
  return number;
}

// What is missing, empty or 0 is not given.
Result<UnixNanos> time_parameter(const net::QueryParams& params, std::string_view name) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return UnixNanos{0};
  auto time = parse_tempo_time(text);
  if (!time.ok()) {
    return invalid_argument("invalid " + std::string(name) + ": " + time.status().message());
  }
  return time;
}

Status wrong_order(std::string_view start, std::string_view end) {
  return invalid_argument("http parameter start must be before end. received start=" +
                          std::string(start.substr(0, kShownBytes)) +
                          " end=" + std::string(end.substr(0, kShownBytes)));
}

Status check_order(const net::QueryParams& params, UnixNanos from, UnixNanos to) {
  if (from < to) return {};
  return wrong_order(text_parameter(params, "start"), text_parameter(params, "end"));
}

UnixNanos before(UnixNanos time, uint64_t nanos) {
  return {time.value > nanos ? time.value - nanos : 0};
}

// The last nanosecond of a range that ends there.
UnixNanos last_of(UnixNanos end) {
  bool is_full_second = end.value % kNanosPerSecond == 0;
  uint64_t rest = std::min(kNanosPerSecond - 1, UINT64_MAX - end.value);
  return {end.value + (is_full_second ? rest : 0)};
}

}  // namespace

Result<UnixNanos> parse_tempo_time(std::string_view text) {
  size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  if (!is_digits(whole)) {
    auto time = parse_rfc3339(text);
    if (!time.ok()) return no_time(text);
    return time;
  }
  bool is_seconds = point != std::string_view::npos || whole.size() <= kSecondsDigitsMax;
  SPOOR_ASSIGN(uint64_t number, number_of(whole, text));
  if (!is_seconds) return UnixNanos{number};
  if (number > UINT64_MAX / kNanosPerSecond - 1) return no_time(text);
  uint64_t nanos = number * kNanosPerSecond;
  if (point == std::string_view::npos) return UnixNanos{nanos};
  std::string decimals(text.substr(point + 1, 9));
  bool has_decimals = is_digits(text.substr(point + 1));
  if (!has_decimals) return no_time(text);
  decimals.resize(9, '0');
  SPOOR_ASSIGN(uint64_t fraction, number_of(decimals, text));
  return UnixNanos{nanos + fraction};
}

Result<TempoRange> parse_tempo_range(const net::QueryParams& params) {
  TempoRange range;
  SPOOR_ASSIGN(range.from, time_parameter(params, "start"));
  SPOOR_ASSIGN(UnixNanos end, time_parameter(params, "end"));
  if (end.value == 0) return range;
  SPOOR_TRY(check_order(params, range.from, end));
  range.to = last_of(end);
  return range;
}

Result<TempoRange> tempo_range_of_seconds(uint32_t start, uint32_t end) {
  TempoRange range;
  range.from = {start * kNanosPerSecond};
  if (end == 0) return range;
  if (start >= end) return wrong_order(std::to_string(start), std::to_string(end));
  range.to = last_of({end * kNanosPerSecond});
  return range;
}

Result<TempoRange> parse_tempo_metrics_range(const net::QueryParams& params, UnixNanos now) {
  TempoRange range;
  SPOOR_ASSIGN(range.from, time_parameter(params, "start"));
  SPOOR_ASSIGN(range.to, time_parameter(params, "end"));
  if (range.to.value == 0) range.to = now;
  if (range.from.value == 0) {
    uint64_t since = kSinceDefault;
    if (std::string_view text = text_parameter(params, "since"); !text.empty()) {
      auto nanos = parse_go_duration_nanos(text);
      if (!nanos.ok()) return invalid_argument("invalid since: " + nanos.status().message());
      since = static_cast<uint64_t>(*nanos);
    }
    range.from = before(range.to, since);
  }
  SPOOR_TRY(check_order(params, range.from, range.to));
  return range;
}

Result<TempoRange> tempo_metrics_range(uint64_t start, uint64_t end, UnixNanos now) {
  TempoRange range{{start}, end == 0 ? now : UnixNanos{end}};
  if (start == 0) range.from = before(range.to, kSinceDefault);
  if (range.from < range.to) return range;
  return wrong_order(std::to_string(start), std::to_string(end));
}

}  // namespace spoor::api
