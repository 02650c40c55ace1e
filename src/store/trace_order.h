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

// Keeps its buffers from trace to trace. One thread uses it.
class TraceOrder {
 public:
  // All nodes, each once, until the next call. A node whose parent is not among the nodes has depth
  // 0, and so has the first of a cycle. Iterative: a chain of any length is fine.
  std::span<const OrderedNode> of(std::span<const TraceNode> nodes);

 private:
  void find_parents(std::span<const TraceNode> nodes);
  void link_children();
  void visit(uint32_t root);

  struct IdOfNode {
    uint64_t id;
    uint32_t node;
    auto operator<=>(const IdOfNode&) const = default;
  };
  std::vector<IdOfNode> by_id_;
  std::vector<uint32_t> parents_;  // by node, as all below
  std::vector<uint32_t> first_child_, next_sibling_;
  std::vector<uint8_t> visited_;
  std::vector<OrderedNode> stack_;
  std::vector<OrderedNode> ordered_;
};

}  // namespace spoor::store
