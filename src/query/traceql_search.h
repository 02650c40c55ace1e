// Runs a TraceQL search over a snapshot: everything the language has but metrics.
//
// Exact and in the order of search(): newest first by the trace's true start. Candidates are the
// traces with a span for which TraceCandidates::condition holds; all their spans are read, wherever
// they lie, and of them what the query names; it is evaluated on each. With a time range a trace is
// in if such a span starts within it; the query sees all spans of the trace, also those outside.
// Threads lent by the context evaluate slices of candidates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "query/query_context.h"
#include "query/search.h"
#include "query/trace_summary.h"
#include "query/traceql_value.h"
#include "store/snapshot.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

struct TraceqlRequest {
  const traceql::Query& query;  // REQUIRES: traceql::check() let it pass
  UnixNanos start_min{0};
  UnixNanos start_max{~uint64_t{0}};
  size_t limit = 20;                // traces; REQUIRES: at least 1
  std::optional<TraceHit> after{};  // the cursor: the last trace of the page before
  size_t spans_per_spanset = 3;     // 0: all
};

// What stands for the root's service where the root is not there; its name is empty.
constexpr std::string_view kRootNotReceived = "<root span not yet received>";

struct TraceqlSpan {
  SpanId id;
  std::string_view name;
  UnixNanos start;
  uint64_t duration = 0;
  // What the query names and the span has; of several values the first. The index is that of
  // TraceqlResult::fields.
  struct Attribute {
    size_t field = 0;
    TypedValue value;
  };
  std::vector<Attribute> attributes;
};

struct TraceqlSpanset {
  uint64_t matched = 0;            // spans, those that are not shown included
  std::vector<TraceqlSpan> spans;  // the first by their start
  struct Attribute {
    std::string_view key;  // "by(name)", "count()"
    TypedValue value;      // nil for the group of spans without the value
  };
  std::vector<Attribute> attributes;
};

struct TraceqlMatch {
  // Its start is that of the order, also where spans of the trace could not be read.
  TraceSummary summary;
  std::vector<TraceqlSpanset> spansets;  // not empty

  TraceHit hit() const { return {summary.id, summary.start}; }
};

// Owns what its views point to.
struct TraceqlResult {
  std::vector<TraceqlMatch> traces;
  std::vector<traceql::Field> fields;  // that the query names; traceql::to_string() is their text
  std::vector<std::string> field_names;
  bool more = false;                 // traces beyond the limit match
  std::optional<uint64_t> total;     // all that match, if that came out on the way
  std::vector<std::string> missing;  // why traces or spans may lack
  uint64_t rows_scanned = 0;         // by the searches for candidates
  uint64_t traces_evaluated = 0;
  uint64_t spans_evaluated = 0;
  Arena arena;
};

// Cancelled, ResourceExhausted, Unavailable, Unimplemented for metrics; InvalidArgument for what
// evaluate() refuses once it meets it on a trace.
Result<TraceqlResult> search(const store::Snapshot& snapshot, const TraceqlRequest& request,
                             QueryContext& context);

}  // namespace spoor::query
