// Searches and traces of several tenants at once: what each of them would find, as one answer.
//
// A query sees the spans of one tenant at a time, so a trace that lies in two tenants is two traces
// to it: nothing is joined that one tenant alone could not see. What is found comes in the one
// order of searches, with the limit and the cursor of all together.
#pragma once

#include <span>
#include <vector>

#include "query/trace_filter.h"
#include "query/traceql_search.h"

namespace spoor::query {

// Owns what its views point to.
struct FederatedResult {
  // As of search(). Traces of two tenants that have the same id and the same start are one, with
  // the spansets of both, because a cursor cannot stand between them.
  TraceqlResult found;
  std::vector<TraceqlResult> owners;  // of several tenants
};

// As search() of one snapshot. REQUIRES: at least one snapshot.
Result<FederatedResult> search(std::span<const store::Snapshot> snapshots,
                               const TraceqlRequest& request, QueryContext& context);

// The spans of the trace in all snapshots, each that equals another in every field once. With a
// filter those of each snapshot are filtered by themselves.
struct FederatedTrace {
  store::FoundTrace found;
  uint64_t spans = 0;      // before the filter
  FilteredTrace filtered;  // with a filter
};
Result<FederatedTrace> find_trace(std::span<const store::Snapshot> snapshots, const TraceId& id,
                                  const TraceFilter* filter);

}  // namespace spoor::query
