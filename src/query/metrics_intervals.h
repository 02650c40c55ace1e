// The intervals of a metrics query. Of a range they are right-closed, (t - step, t], named by
// their end t, multiples of the step: the first ends at the last multiple up to the start, the
// last at the first multiple from the end on. So the interval before the start is there, too, and
// what began in the second of the end is not cut. An instant is one interval, [start, end].
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/time.h"

namespace spoor::query {

constexpr uint64_t kMetricsIntervalsMax = 10'000;
constexpr uint64_t kMetricsStepMin = kNanosPerMilli;

// About 240 intervals, of a length that people expect.
uint64_t default_metrics_step(UnixNanos start, UnixNanos end);

class MetricsIntervals {
 public:
  MetricsIntervals() = default;
  // InvalidArgument for an empty range, a step below a millisecond, too many intervals.
  static Result<MetricsIntervals> of_range(UnixNanos start, UnixNanos end, uint64_t step);
  static Result<MetricsIntervals> of_instant(UnixNanos start, UnixNanos end);

  // Those of them that times from `first` to `last` lie in. REQUIRES: contains() says yes to both,
  // first <= last.
  MetricsIntervals part(UnixNanos first, UnixNanos last) const;

  size_t count() const { return count_; }
  uint64_t step() const { return step_; }
  bool is_instant() const { return is_instant_; }
  // The starts of spans that count, both included.
  UnixNanos first() const { return {before_ + 1}; }
  UnixNanos last() const { return {last_}; }

  bool contains(UnixNanos start) const { return start.value > before_ && start.value <= last_; }
  // REQUIRES: contains(start).
  size_t of(UnixNanos start) const {
    return is_instant_ ? 0 : static_cast<size_t>((start.value - before_ - 1) / step_);
  }
  // What names the interval.
  UnixNanos end_of(size_t interval) const {
    uint64_t distance = (interval + 1) * step_;
    return {is_instant_ || distance > last_ - before_ ? last_ : before_ + distance};
  }

 private:
  uint64_t before_ = 0;  // the last time before the first interval
  uint64_t last_ = 1;
  uint64_t step_ = 1;
  size_t count_ = 1;
  bool is_instant_ = false;
};

}  // namespace spoor::query
