// What is done with finished series, point by point: topk, bottomk, comparisons, and arithmetic
// between the series of two functions or with a number.
//
// topk(n) and bottomk(n) keep the n points of each interval that are largest, or smallest; of
// equal ones those whose labels come first. A series that is left without a point is gone.
//
// Arithmetic joins series that have the same labels but for __name__. A side that has the series
// without labels gives that to all of the other side. A point that one of two series does not
// have counts as 0, and a division by 0 has no result. With a number a point that is not there
// stays away. Where both sides have a __name__, the result's is "(a / b)".
#pragma once

#include <vector>

#include "base/arena.h"
#include "query/metrics.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

using MetricsSeriesList = std::vector<MetricsSeries>;

// By labels, one after the other: name, type, value.
void sort_series(MetricsSeriesList& series);
bool has_points(const MetricsSeries& series);

MetricsSeriesList apply_stage(const traceql::SecondStage& stage, MetricsSeriesList series);

// The number of a literal; durations in seconds.
double metrics_number(const traceql::Literal& literal);

// One operand of arithmetic. New names are put into the arena.
struct MetricsOperand {
  const traceql::Literal* number = nullptr;
  MetricsSeriesList series;  // without a number
};
MetricsSeriesList combine(traceql::Operator op, MetricsOperand left, MetricsOperand right,
                          Arena& arena);

}  // namespace spoor::query
