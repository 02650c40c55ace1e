// One whole trace as TraceQL sees it: its spans in order of their start, and the tree that they
// make.
//
// The order is by start, then id, end and name. A span's parent is the first of the trace in this
// order that has the id which the span names. Spans whose parents lead to one without a parent
// are connected: they have numbers of a nested set, counted from 1 through all roots, roots and
// siblings in their order. All others (a parent that is not there, a circle) have none and are in
// no relation. Several roots are in no relation to one another.
// The tree is built at first use. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/arena.h"
#include "model/ids.h"
#include "model/span.h"

namespace spoor::query {

using SpanIndex = uint32_t;  // of a span in the order
constexpr SpanIndex kNoSpan = ~uint32_t{0};

class TraceqlTrace {
 public:
  // The batch, all spans of the trace, outlives this.
  explicit TraceqlTrace(const SpanBatch& batch);

  const SpanBatch& batch() const { return batch_; }
  size_t size() const { return order_.size(); }
  const Span& span(SpanIndex i) const { return batch_.spans[order_[i]]; }
  const Resource& resource(SpanIndex i) const { return batch_.resources[span(i).resource]; }
  const Scope& scope(SpanIndex i) const { return batch_.scopes[span(i).scope]; }

  // The tree.
  struct Place {
    SpanIndex parent = kNoSpan;  // also of spans that are not connected; never the span itself
    uint32_t left = 0;           // 0 if not connected
    uint32_t right = 0;
    uint32_t children = 0;
  };
  const Place& place(SpanIndex i) { return tree().places[i]; }
  bool is_connected(SpanIndex i) { return place(i).left != 0; }
  // The connected parent of a connected span.
  SpanIndex parent(SpanIndex i) { return is_connected(i) ? place(i).parent : kNoSpan; }
  // Connected spans, each after its parent.
  const std::vector<SpanIndex>& depth_first() { return tree().depth_first; }

  // Of the whole trace. The root is the first span without a parent.
  std::optional<SpanIndex> root() const { return root_; }
  uint64_t duration() const { return duration_; }  // from the earliest start to the latest end

  // For what a query computes from the trace; lives as long as this.
  Arena& arena() { return arena_; }

 private:
  struct Tree {
    std::vector<Place> places;
    std::vector<SpanIndex> depth_first;
  };
  const Tree& tree();
  void find_parents(std::vector<Place>& places) const;

  const SpanBatch& batch_;
  std::vector<uint32_t> order_;
  std::optional<SpanIndex> root_;
  uint64_t duration_ = 0;
  std::optional<Tree> tree_;
  Arena arena_;
};

}  // namespace spoor::query
