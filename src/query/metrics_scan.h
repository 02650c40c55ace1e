// The road of metrics for filters that columns answer: rows are matched, grouped and added up
// where they lie, and no trace is read.
//
// The pipeline is filters which lower_plain_spans() says exactly, and by() and the function name
// fields that templates, resources, columns or the row itself give. What a group is, is worked out
// once for each template, resource and entry of a dictionary of a row group; starts of rows are
// only read where a row group spreads over several intervals. Spans that are stored twice count
// twice until a merge brings them together. Threads lent by the context share row groups and
// chunks of the head.
#pragma once

#include "query/metrics_rollups.h"

namespace spoor::query {

Result<MetricsOutcome> count_scan(const store::Snapshot& snapshot, const MetricsPlan& plan,
                                  const MetricsIntervals& intervals, QueryContext& context,
                                  MetricsTable& table, MetricsWork& work);

}  // namespace spoor::query
