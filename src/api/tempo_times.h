// Times and ranges in the parameters of Tempo's API.
#pragma once

#include <string_view>

#include "base/time.h"
#include "net/http.h"

namespace spoor::api {

// In every form that clients of Tempo send: seconds since 1970, which are at most ten digits;
// nanoseconds, which are more; seconds with decimals; RFC 3339.
Result<UnixNanos> parse_tempo_time(std::string_view text);

// Both included.
struct TempoRange {
  UnixNanos from{0};
  UnixNanos to{~uint64_t{0}};
};

// `start` and `end`; one that is missing, empty or 0 leaves its side open. An end on a full
// second includes that second, so that what was sent before the client looked at its clock is
// in the range. InvalidArgument unless the end is later than the start.
Result<TempoRange> parse_tempo_range(const net::QueryParams& params);

// The same of whole seconds, 0 where a side is open.
Result<TempoRange> tempo_range_of_seconds(uint32_t start, uint32_t end);

// The same of metrics, where the range is closed: without an end up to now, without a start
// `since` (an hour) before the end. Ends are exact.
Result<TempoRange> parse_tempo_metrics_range(const net::QueryParams& params, UnixNanos now);
// The same of nanoseconds, 0 where a side is not given.
Result<TempoRange> tempo_metrics_range(uint64_t start, uint64_t end, UnixNanos now);

}  // namespace spoor::api
