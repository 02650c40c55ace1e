// Points of the oracle in plain_traceql_metrics.h: the intervals of a range, and what a function
// makes of the list of values of one interval, each time from the whole list. Header only; shares
// nothing with src/query.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/plain_traceql_values.h"
#include "traceql/metrics_tree.h"

namespace spoor::test {

struct PlainRange {
  uint64_t start = 0, end = 0, step = 0;  // nanoseconds
  bool is_instant = false;                // NOLINT: as the API has it

  // The ends of the intervals.
  std::vector<__int128> ends() const {
    if (is_instant) return {end};
    std::vector<__int128> result;
    __int128 last = (static_cast<__int128>(end) + step - 1) / step * step;
    for (__int128 t = start / step * step; t <= last; t += step) result.push_back(t);
    return result;
  }
  bool contains(uint64_t time, __int128 interval_end) const {
    if (is_instant) return time >= start && time <= end;
    return time > interval_end - step && time <= interval_end;
  }
  double seconds() const { return static_cast<double>(is_instant ? end - start : step) / 1e9; }
};

// By name; a name is there once.
using PlainLabels = std::map<std::string, std::string>;
// By labels; NaN where there is no point.
using PlainSeries = std::map<PlainLabels, std::vector<double>>;

constexpr double kPlainNone = std::numeric_limits<double>::quiet_NaN();

inline long double plain_seconds(const PlainValue& value, long double number) {
  return value.type == 'd' ? number / 1'000'000'000 : number;
}

// A value that counts as if it were there so often.
struct PlainCounted {
  PlainValue value;
  double weight = 1;
};

struct PlainPoints {
  using Values = std::vector<PlainCounted>;
  double precision = 0;  // of buckets; 0: by powers of two
  double seconds = 1;    // of an interval

  bool has_bucket(const PlainValue& value) const {
    if (std::isinf(value.number)) return false;
    if (precision > 0) return true;
    return value.type == 'f' ? value.number > 0 : value.number >= 2;
  }
  // The upper end.
  double bucket_of(const PlainValue& value) const {
    long double end = 1;
    if (precision > 0) throw std::runtime_error("ends of precise buckets are not known here");
    while (end < value.number) end *= 2;
    while (end / 2 >= value.number) end /= 2;
    return static_cast<double>(end) / (value.type == 'd' ? 1e9 : 1);
  }

  double point(traceql::MetricsFunction function, const Values& list) const {
    using traceql::MetricsFunction;
    double count = 0;
    for (const PlainCounted& counted : list) count += counted.weight;
    if (function == MetricsFunction::Rate) return count / seconds;
    if (function == MetricsFunction::CountOverTime) return count;
    if (function == MetricsFunction::HistogramOverTime) return count;
    if (list.empty()) return kPlainNone;
    const PlainValue& first = list.front().value;
    long double least = first.number, most = least, real = 0, size = 0;
    __int128 whole = 0;
    for (const auto& [value, weight] : list) {
      least = std::min(least, value.number);
      most = std::max(most, value.number);
      size += weight * std::abs(value.number);
      bool is_whole = value.type != 'f' && weight == 1;
      if (!is_whole) real += weight * value.number;
      if (is_whole) whole += static_cast<__int128>(value.number);
    }
    if (function == MetricsFunction::MinOverTime) {
      return static_cast<double>(plain_seconds(first, least));
    }
    if (function == MetricsFunction::MaxOverTime) {
      return static_cast<double>(plain_seconds(first, most));
    }
    long double sum = static_cast<long double>(whole) + real;
    bool is_vague = std::isfinite(size) && size > 1'000 * std::abs(sum) && size > 0;
    if (is_vague || size > 1e300L) throw std::runtime_error("a sum that cancels out");
    sum = plain_seconds(first, sum);
    return static_cast<double>(function == MetricsFunction::SumOverTime ? sum : sum / count);
  }

  // The number that so many are not above.
  double quantile_of(double quantile, const Values& list) const {
    if (list.empty()) return 0;
    double count = 0;
    for (const PlainCounted& counted : list) count += counted.weight;
    double wanted = std::max(1.0, std::ceil(quantile * count));
    if (precision > 0) {
      Values sorted = list;
      std::ranges::sort(sorted, {},
                        [](const PlainCounted& counted) { return counted.value.number; });
      size_t i = 0;
      for (double below = sorted[0].weight; below < wanted && i + 1 < sorted.size();) {
        below += sorted[++i].weight;
      }
      return static_cast<double>(plain_seconds(sorted[i].value, sorted[i].value.number));
    }
    std::map<double, double> buckets;
    for (const auto& [value, weight] : list) buckets[bucket_of(value)] += weight;
    long double before = static_cast<long double>(buckets.begin()->first) / 2;
    for (const auto& [end, in_bucket] : buckets) {
      if (in_bucket >= wanted) {
        auto share = static_cast<long double>(wanted) / static_cast<long double>(in_bucket);
        return static_cast<double>(before * std::pow(end / before, share));
      }
      wanted -= in_bucket;
      before = end;
    }
    return static_cast<double>(before);
  }
};

}  // namespace spoor::test
