// The road of metrics that is open to every query: traces with a span in range that may count
// are found in columns and read whole, wherever their fragments lie, the pipeline is evaluated on
// each, and the spans that it leaves are counted.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "query/metrics_table.h"
#include "query/query_context.h"
#include "query/search.h"
#include "store/snapshot.h"

namespace spoor::query {

struct MetricsWork {
  std::vector<std::string> missing;
  uint64_t spans = 0;  // counted
};

// Adds all spans in the intervals to the table. Errors as metrics().
Status count_traces(const store::Snapshot& snapshot, const MetricsPlan& plan,
                    const MetricsIntervals& intervals, QueryContext& context, MetricsTable& table,
                    MetricsWork& work);

// The same of the spans of some traces, each named once.
Status count_listed(const store::Snapshot& snapshot, const MetricsPlan& plan,
                    const MetricsIntervals& intervals, std::span<const TraceHit> traces,
                    QueryContext& context, MetricsTable& table, MetricsWork& work);

// Calls take(trace, span, key) for each span of the trace that counts, in order of spansets. The
// key is that of its group; it is lent for the call. Errors as evaluate().
using TakeMetricsSpan = std::function<void(TraceqlTrace&, SpanIndex, const MetricsKey&)>;
Status visit_counted(const MetricsPlan& plan, const MetricsIntervals& intervals,
                     TraceqlTrace& trace, const TakeMetricsSpan& take);

}  // namespace spoor::query
