#include "store/trace_order.h"

#include <algorithm>

#include "base/assert.h"

namespace spoor::store {
namespace {

constexpr uint32_t kNone = ~uint32_t{0};
// Up to here looking at all is quicker than sorting them.
constexpr size_t kNodesSearched = 48;

}  // namespace

// For each node its parent: the first node with that span id, kNone if there is none or it is the
// node itself.
void TraceOrder::find_parents(std::span<const TraceNode> nodes) {
  const uint32_t count = static_cast<uint32_t>(nodes.size());
  by_id_.clear();
  for (uint32_t i = 0; i < count; ++i) by_id_.push_back({nodes[i].span_id.number(), i});
  const bool is_sorted = count > kNodesSearched;
  if (is_sorted) std::ranges::sort(by_id_);
  parents_.assign(count, kNone);
  for (uint32_t i = 0; i < count; ++i) {
    if (!nodes[i].names_parent) continue;
    const uint64_t parent = nodes[i].parent_span_id.number();
    auto found = is_sorted ? std::ranges::lower_bound(by_id_, parent, {}, &IdOfNode::id)
                           : std::ranges::find(by_id_, parent, &IdOfNode::id);
    if (found == by_id_.end() || found->id != parent || found->node == i) continue;
    parents_[i] = found->node;
  }
}

// Children as linked lists in the given order: built backwards.
void TraceOrder::link_children() {
  const uint32_t count = static_cast<uint32_t>(parents_.size());
  first_child_.assign(count, kNone);
  next_sibling_.assign(count, kNone);
  for (uint32_t i = count; i-- > 0;) {
    if (parents_[i] == kNone) continue;
    next_sibling_[i] = first_child_[parents_[i]];
    first_child_[parents_[i]] = i;
  }
}

void TraceOrder::visit(uint32_t root) {
  stack_.push_back({root, 0});
  while (!stack_.empty()) {
    OrderedNode node = stack_.back();
    stack_.pop_back();
    // The sibling waits below the children, so that these come first. A root's siblings are
    // children of a node that did not lead here.
    if (node.depth > 0 && next_sibling_[node.node] != kNone) {
      stack_.push_back({next_sibling_[node.node], node.depth});
    }
    if (visited_[node.node]) continue;
    visited_[node.node] = 1;
    ordered_.push_back(node);
    if (first_child_[node.node] != kNone) {
      stack_.push_back({first_child_[node.node], node.depth + 1});
    }
  }
}

std::span<const OrderedNode> TraceOrder::of(std::span<const TraceNode> nodes) {
  const uint32_t count = static_cast<uint32_t>(nodes.size());
  find_parents(nodes);
  link_children();
  visited_.assign(count, 0);
  ordered_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (parents_[i] == kNone) visit(i);
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!visited_[i]) visit(i);  // only cycles are left
  }
  SPOOR_ASSERT(ordered_.size() == count);
  return ordered_;
}

}  // namespace spoor::store
