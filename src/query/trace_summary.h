// What a list of traces shows of each, worked out from few columns; spans are only assembled for
// traces that lie in several places.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/query_context.h"
#include "query/search.h"
#include "store/snapshot.h"

namespace spoor::query {

struct TraceSummary {
  TraceId id;
  // The parentless span with the earliest start (the first of them in the store's order); empty
  // if every span names a parent.
  bool has_root = false;
  std::string root_service;
  std::string root_name;
  UnixNanos start;  // the earliest start and the latest end of its spans
  UnixNanos end;
  uint64_t span_count = 0;
  uint64_t error_count = 0;   // spans whose status is error
  uint64_t orphan_count = 0;  // spans that name a parent which is not in the trace
  struct Service {
    std::string name;
    uint64_t span_count = 0;
    uint64_t error_count = 0;
    bool operator==(const Service&) const = default;
  };
  std::vector<Service> services;  // by name
  bool operator==(const TraceSummary&) const = default;
};

struct Summaries {
  std::vector<TraceSummary> traces;  // in order of the hits; those that are gone are left out
  std::vector<std::string> missing;
};

Result<Summaries> summarize(const store::Snapshot& snapshot, const std::vector<TraceHit>& hits,
                            QueryContext& context);

// The same of a trace in hand.
TraceSummary summarize(const TraceId& id, const SpanBatch& batch);

// Brings the spans of hits [first, first + traces.size()), each trace in a batch of its own.
using TakeTraces = std::function<Status(size_t first, std::vector<store::FoundTrace>& traces)>;

// What is read of them, and how many traces one thread reads together at most: neighbours share
// pages, but large ones are shared out.
struct TraceReading {
  store::Projection projection = store::Projection::whole();
  size_t traces_per_slice = 8;
};

// The spans of all hits, of which the search said the places, slice by slice. `take` is called on
// the thread that brought the slice, several at the same time; its error ends the loading.
Status load(const store::Snapshot& snapshot, std::span<const TraceHit> hits,
            std::span<const HitPlace> places, const TraceReading& reading, QueryContext& context,
            const TakeTraces& take);

}  // namespace spoor::query
