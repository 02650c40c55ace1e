// Turns groups of spans into the series of a function. Where spans stand for several, groups that
// differ in their weight only are one series, in which each counts as often as its weight says.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "query/metrics.h"
#include "query/metrics_cells.h"
#include "query/metrics_plan.h"

namespace spoor::query {

// A span to show with the series that counts it.
struct MetricsSample {
  UnixNanos time;
  TypedValue value;  // of the field; nil for functions that count
  std::vector<MetricsLabel> labels;
};

struct MetricsGroup {
  MetricsCells cells;
  std::vector<MetricsSample> samples;
};

// With the key of each. What the series point to is put into the arena. Cancelled.
Result<std::vector<MetricsSeries>> make_series(
    const MetricsPlan& plan, const MetricsIntervals& intervals,
    std::span<const std::pair<std::string_view, const MetricsGroup*>> groups, Arena& arena,
    QueryContext& context);

}  // namespace spoor::query
