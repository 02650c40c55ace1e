// The order of spans within a trace: depth first, children after their parent, siblings in the
// order given. With it a depth per row is all that is needed to know each row's parent.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/ids.h"

namespace spoor::store {

struct TraceNode {
  SpanId span_id;
  SpanId parent_span_id;
  bool names_parent = false;
};

struct OrderedNode {
  uint32_t node;   // index into the nodes given
  uint32_t depth;  // 0 for a root; else one more than the parent, which is the nearest node
                   // before it of the depth below
};

// All nodes, each once. A node whose parent is not among the nodes has depth 0, and so has the
// first of a cycle. Iterative: a chain of any length is fine.
void order_trace(std::span<const TraceNode> nodes, std::vector<OrderedNode>& ordered);

}  // namespace spoor::store
