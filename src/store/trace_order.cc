#include "store/trace_order.h"

#include <algorithm>

#include "base/assert.h"

namespace spoor::store {
namespace {

constexpr uint32_t kNone = ~uint32_t{0};

// For each node the index of its parent: the first node with that span id, kNone if there is
// none or it is the node itself.
std::vector<uint32_t> find_parents(std::span<const TraceNode> nodes) {
  std::vector<uint32_t> by_id(nodes.size());
  for (uint32_t i = 0; i < nodes.size(); ++i) by_id[i] = i;
  std::ranges::stable_sort(
      by_id, [&](uint32_t a, uint32_t b) { return nodes[a].span_id < nodes[b].span_id; });
  std::vector<uint32_t> parents(nodes.size(), kNone);
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].names_parent) continue;
    auto found = std::ranges::lower_bound(by_id, nodes[i].parent_span_id, {},
                                          [&](uint32_t k) { return nodes[k].span_id; });
    if (found == by_id.end() || nodes[*found].span_id != nodes[i].parent_span_id) continue;
    if (*found != i) parents[i] = *found;
  }
  return parents;
}

}  // namespace

void order_trace(std::span<const TraceNode> nodes, std::vector<OrderedNode>& ordered) {
  ordered.clear();
  std::vector<uint32_t> parents = find_parents(nodes);
  // Children as linked lists in the given order: built backwards.
  std::vector<uint32_t> first_child(nodes.size(), kNone), next_sibling(nodes.size(), kNone);
  for (uint32_t i = static_cast<uint32_t>(nodes.size()); i-- > 0;) {
    if (parents[i] == kNone) continue;
    next_sibling[i] = first_child[parents[i]];
    first_child[parents[i]] = i;
  }

  std::vector<uint8_t> visited(nodes.size(), 0);
  std::vector<OrderedNode> stack;
  auto visit = [&](uint32_t root) {
    stack.push_back({root, 0});
    while (!stack.empty()) {
      OrderedNode node = stack.back();
      stack.pop_back();
      // The sibling waits below the children, so that these come first. A root's siblings are
      // children of a node that did not lead here.
      if (node.depth > 0 && next_sibling[node.node] != kNone) {
        stack.push_back({next_sibling[node.node], node.depth});
      }
      if (visited[node.node]) continue;
      visited[node.node] = 1;
      ordered.push_back(node);
      if (first_child[node.node] != kNone) {
        stack.push_back({first_child[node.node], node.depth + 1});
      }
    }
  };
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (parents[i] == kNone) visit(i);
  }
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (!visited[i]) visit(i);  // only cycles are left
  }
  SPOOR_ASSERT(ordered.size() == nodes.size());
}

}  // namespace spoor::store
