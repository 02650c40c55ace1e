// The road of metrics for what the store's minute rollups know: functions that count, and those
// of `duration` but its extremes, over spans that are told apart and grouped by service, name,
// kind and status alone, in steps of whole minutes.
//
// The pipeline is evaluated once for each operation, on a span made of it. Where rollups do not
// know enough for the same answer as whole traces give, the road is not taken: operations beyond
// those that a section keeps apart, status codes that OTLP does not know, a service.name that is
// no text or empty, durations that ran over. Spans that are stored twice, in two sections or
// a section and the head, count twice until a merge brings them together.
#pragma once

#include "query/metrics_traces.h"

namespace spoor::query {

// Whether a road led to an answer; if not, what it left in the table means nothing.
enum class MetricsOutcome : uint8_t { Counted, NotPossible };

Result<MetricsOutcome> count_rollups(const store::Snapshot& snapshot, const MetricsPlan& plan,
                                     const MetricsIntervals& intervals, QueryContext& context,
                                     MetricsTable& table, MetricsWork& work);

}  // namespace spoor::query
