// What the rows of the head say of the traces that have spans there: as row_traces.h for sections.
// Undecided are traces that a section has spans of too, that have several roots, and whose root's
// name is a value of its row. Immutable once made, and thread-safe; as long as its snapshot.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "query/prepared.h"
#include "query/whole_traces.h"

namespace spoor::query {

struct HeadTrace {
  bool is_undecided = false;
  // Of decided traces. Without a root the texts are empty.
  bool has_root = false;
  std::string_view root_name, root_service;
  uint64_t start = ~uint64_t{0}, end = 0;  // the earliest and the latest of its spans'
  uint64_t duration() const { return end > start ? end - start : 0; }
};

class HeadTraces {
 public:
  // REQUIRES: `whole_traces` are the snapshot's, compared.
  HeadTraces(const store::Snapshot& snapshot, const WholeTraces& whole_traces);

  // REQUIRES: the trace has a visible span in the head.
  const HeadTrace& find(const TraceId& id) const;
  // Those that only all their spans decide.
  std::vector<TraceId> undecided() const;
  uint64_t size_bytes() const { return traces_.size() * sizeof(*traces_.begin()); }

 private:
  boost::unordered_flat_map<TraceId, HeadTrace, std::hash<TraceId>> traces_;
};

// What a leaf on whole traces says of a decided one.
bool matches(const Leaf& leaf, const HeadTrace& trace);
// Whether a trace may satisfy a tree of such leaves.
bool may_match(const Prepared& of_traces, const HeadTrace& trace);

}  // namespace spoor::query
