// Runs a TraceQL metrics query over a snapshot: spans become series of numbers over time.
//
// The pipeline in front of the function is evaluated as a search does it; every span of the
// spansets that result, and that starts in the range, counts in the interval of its start. What
// an interval holds is exact, whichever road an answer is computed on.
//
//   rate, count_over_time   spans; 0 where there are none
//   min, max, avg, sum      of the field's numbers, absent where there are none; durations in
//                           seconds; what is no number is passed over
//   quantile, histogram     of the field's numbers in buckets (metrics_buckets.h)
//
// Labels are the fields of by() as they are written, with their typed values; one that is nil is
// left out, but the first where all are. Without by() the only label is __name__, the function.
// Quantiles add p, histograms __bucket, the upper end. A query without by() that counts has its
// series also where nothing matches; every other series has a point at least.
//
// With the hint `extrapolate` a span counts as often as its sampling_weight() says, where a
// function counts or sums.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "query/metrics_intervals.h"
#include "query/query_context.h"
#include "query/traceql_value.h"
#include "store/snapshot.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

constexpr size_t kMetricsSeriesDefault = 1'000;
constexpr size_t kMetricsExemplarsMax = 100;
// Series that the work on one function may make before second stages make them fewer.
constexpr size_t kMetricsGroupsMax = 200'000;

// How the numbers are found. All roads lead to the same, but that spans which are stored twice
// count once only where traces are read whole.
enum class MetricsRoad : uint8_t {
  Rollups,  // the store's minutes
  Scan,     // columns
  Traces,   // whole traces
};

struct MetricsRequest {
  const traceql::Query& query;  // REQUIRES: traceql::check() let it pass, it is one of metrics
  MetricsIntervals intervals;
  size_t exemplars = 0;  // unless the query has a hint; at most kMetricsExemplarsMax are given
  size_t series_max = kMetricsSeriesDefault;
  // No road before this one is tried; for comparisons.
  MetricsRoad first_road = MetricsRoad::Rollups;
};

struct MetricsLabel {
  std::string_view name;
  TypedValue value;
  bool operator==(const MetricsLabel&) const = default;
};

// A span that a series counts.
struct MetricsExemplar {
  UnixNanos time;    // its start
  double value = 0;  // of the field; of functions that count the series' in its interval
  std::vector<MetricsLabel> labels;  // trace:id, span:id and what the query names
};

struct MetricsSeries {
  std::vector<MetricsLabel> labels;
  std::vector<double> values;  // by interval; NaN: no point
  std::vector<MetricsExemplar> exemplars;
};

// Owns what its views point to.
struct MetricsResult {
  MetricsIntervals intervals;
  std::vector<MetricsSeries> series;        // in order of their labels
  uint64_t series_left_out = 0;             // beyond the limit, the last of that order
  std::vector<std::string> missing;         // why spans may lack
  uint64_t spans_counted = 0;               // in any series
  MetricsRoad road = MetricsRoad::Rollups;  // the last that a function of the query took
  Arena arena;
};

// Cancelled, ResourceExhausted, Unavailable; Unimplemented for functions that are not run, by
// name; InvalidArgument for what evaluate() refuses once it meets it on a trace.
// Spans of several snapshots, of a tenant each, count together; pipelines see one tenant's.
// REQUIRES: at least one snapshot.
Result<MetricsResult> metrics(std::span<const store::Snapshot> snapshots,
                              const MetricsRequest& request, QueryContext& context);

}  // namespace spoor::query
