// Finds the traces that have a span for which an expression holds.
//
// Exact and in one order: by the trace's start, which is the earliest start among all its spans
// wherever they lie, newest first, then by trace id, ascending. A limit cuts the end. A cursor is
// the last hit of the page before: a trace that did not change meanwhile is neither missed nor
// repeated. Fragments of a trace count as one trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/expression.h"
#include "query/query_context.h"
#include "store/snapshot.h"

namespace spoor::query {

struct TraceHit {
  TraceId id;
  UnixNanos start;
  bool operator==(const TraceHit&) const = default;
};

// Whether a comes before b in the order of results.
bool comes_before(const TraceHit& a, const TraceHit& b);

// Where a hit lies, if that is one section of the snapshot and nothing else.
struct HitPlace {
  store::SectionReader* section = nullptr;  // null: it must be looked for
  uint64_t first_row = 0;
  uint32_t rows = 0;
  uint8_t flags = 0;

  static HitPlace of(const std::optional<store::TraceFragment>& only);
  std::optional<store::TraceFragment> fragment(const TraceHit& hit) const;
};

struct SpansetTree;

struct SearchRequest {
  Expression condition;
  // What the whole trace has to satisfy beside: all traces that do are found, and some more,
  // because columns cannot tell everything. The trees' makers see to it that every such trace
  // has a span for which the condition holds. Null: nothing.
  const SpansetTree* spansets = nullptr;
  // The span that the condition holds for starts within these, both included.
  UnixNanos start_min{0};
  UnixNanos start_max{~uint64_t{0}};
  size_t limit = 20;                // traces; REQUIRES: at least 1
  std::optional<TraceHit> after{};  // the cursor
  bool count_all = false;           // fill SearchResult::total; looks at everything in range
};

struct SearchResult {
  std::vector<TraceHit> hits;
  std::vector<HitPlace> places;      // of each hit
  bool more = false;                 // hits beyond the limit exist
  std::optional<uint64_t> total;     // all traces that match, those before the cursor included
  std::vector<std::string> missing;  // why hits may lack; empty if everything could be read
  uint64_t rows_scanned = 0;         // rows whose template was looked at
};

// InvalidArgument for a bad expression (a regex that does not compile, too deep), Cancelled,
// ResourceExhausted. What cannot be read makes the result partial, not an error.
Result<SearchResult> search(const store::Snapshot& snapshot, const SearchRequest& request,
                            QueryContext& context);

}  // namespace spoor::query
