// Leaves of one whole trace the spans that a TraceQL filter matches and, where asked for, those
// above and below them in the tree. Parents as TraceqlTrace finds them; what is not there ends a
// way up.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "model/span.h"
#include "query/traceql_plan.h"

namespace spoor::query {

constexpr uint64_t kAllLevels = ~uint64_t{0};

struct TraceFilter {
  const TraceqlPlan& plan;         // of a query that is one filter
  uint64_t levels_of_parents = 0;  // kept above each match
  uint64_t levels_of_children = 0;
};

// What is left of the batch, in its order.
struct FilteredTrace {
  uint64_t matched = 0;
  uint64_t kept = 0;
};

// InvalidArgument and ResourceExhausted as evaluate().
Result<FilteredTrace> filter_trace(const TraceFilter& filter, SpanBatch& batch);

}  // namespace spoor::query
