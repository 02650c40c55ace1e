#include "query/metrics_intervals.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/assert.h"

namespace spoor::query {
namespace {

constexpr uint64_t kIntervalsWanted = 240;
constexpr uint64_t kShortRange = kNanosPerMinute;
constexpr uint64_t kShortStep = 50 * kNanosPerMilli;

Status check_range(UnixNanos start, UnixNanos end) {
  if (start < end) return {};
  return invalid_argument("the range of a metrics query must end after its start");
}

}  // namespace

uint64_t default_metrics_step(UnixNanos start, UnixNanos end) {
  constexpr std::array<uint64_t, 6> kUnits = {kNanosPerHour,       5 * kNanosPerMinute,
                                              kNanosPerMinute,     15 * kNanosPerSecond,
                                              5 * kNanosPerSecond, kNanosPerSecond};
  uint64_t range = end.value > start.value ? end.value - start.value : 0;
  uint64_t wanted = range / kIntervalsWanted;
  for (uint64_t unit : kUnits) {
    if (wanted >= unit) return wanted - wanted % unit;
  }
  if (range >= kShortRange) return kNanosPerSecond;
  return std::max(kShortStep, wanted - wanted % kShortStep);
}

Result<MetricsIntervals> MetricsIntervals::of_range(UnixNanos start, UnixNanos end, uint64_t step) {
  SPOOR_TRY(check_range(start, end));
  if (step < kMetricsStepMin) {
    return invalid_argument("the step of a metrics query must be at least 1ms");
  }
  MetricsIntervals intervals;
  uint64_t first_end = start.value - start.value % step;
  uint64_t rest = end.value % step == 0 ? 0 : step - end.value % step;
  // Where time itself ends, the last interval is shorter.
  uint64_t last = end.value > UINT64_MAX - rest ? UINT64_MAX : end.value + rest;
  uint64_t before = first_end < step ? 0 : first_end - step;
  uint64_t count = (last - before - 1) / step + 1;
  if (count > kMetricsIntervalsMax) {
    return invalid_argument("a range of " + format_duration(end.value - start.value) +
                            " in steps of " + format_duration(step) + " has " +
                            std::to_string(count) + " intervals, allowed are " +
                            std::to_string(kMetricsIntervalsMax) + "; ask for a longer step");
  }
  intervals.before_ = before;
  intervals.last_ = last;
  intervals.step_ = step;
  intervals.count_ = static_cast<size_t>(count);
  return intervals;
}

MetricsIntervals MetricsIntervals::part(UnixNanos first, UnixNanos last) const {
  SPOOR_ASSERT(contains(first) && contains(last) && first <= last);
  MetricsIntervals part = *this;
  if (is_instant_) return part;
  const size_t begin = of(first);
  part.count_ = of(last) - begin + 1;
  part.before_ = before_ + begin * step_;
  part.last_ = end_of(begin + part.count_ - 1).value;
  return part;
}

Result<MetricsIntervals> MetricsIntervals::of_instant(UnixNanos start, UnixNanos end) {
  SPOOR_TRY(check_range(start, end));
  MetricsIntervals intervals;
  intervals.before_ = start.value == 0 ? 0 : start.value - 1;
  intervals.last_ = end.value;
  // A rate counts the distance of the ends; all of it is one interval.
  intervals.step_ = end.value - start.value;
  intervals.is_instant_ = true;
  return intervals;
}

}  // namespace spoor::query
