// Picks spans to show with the series of a metrics query: the newest that count of each slice of
// the range, so that they lie all over it. Which they are does not depend on the road on which
// the numbers were computed.
#pragma once

#include "query/metrics_table.h"
#include "query/query_context.h"
#include "store/snapshot.h"

namespace spoor::query {

// Gives the table at most `count` samples of the spans it counts. Their labels are trace:id,
// span:id, the service's name, the span's name and what `fields`, the query, names; they are put
// into the arena.
Status add_samples(const store::Snapshot& snapshot, const MetricsPlan& plan,
                   const MetricsIntervals& intervals, const std::vector<traceql::Field>& fields,
                   size_t count, QueryContext& context, MetricsTable& table, Arena& arena);

}  // namespace spoor::query
