#include "store/trace_order.h"

#include <gtest/gtest.h>

#include <random>

namespace spoor::store {
namespace {

SpanId id(uint64_t number) {
  SpanId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  return id;
}

// The parent that depths give to each node must be the one it names, wherever it has depth > 0.
void expect_depths_give_parents(const std::vector<TraceNode>& nodes) {
  TraceOrder order;
  std::span<const OrderedNode> ordered = order.of(nodes);
  ASSERT_EQ(ordered.size(), nodes.size());
  std::vector<uint8_t> seen(nodes.size(), 0);
  std::vector<uint32_t> path;
  for (const OrderedNode& node : ordered) {
    ASSERT_FALSE(seen[node.node]);
    seen[node.node] = 1;
    ASSERT_LE(node.depth, path.size());
    if (node.depth > 0) {
      EXPECT_EQ(nodes[path[node.depth - 1]].span_id, nodes[node.node].parent_span_id);
    }
    path.resize(node.depth);
    path.push_back(node.node);
  }
}

TEST(TraceOrder, random_graphs_with_cycles_repeated_ids_and_lost_parents) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    size_t count = 1 + random() % 120;
    std::vector<TraceNode> nodes(count);
    for (TraceNode& node : nodes) {
      node.span_id = id(1 + random() % (count + 3));
      node.names_parent = random() % 5 != 0;
      if (node.names_parent) node.parent_span_id = id(random() % (count + 5));
    }
    expect_depths_give_parents(nodes);
  }
}

TEST(TraceOrder, a_child_follows_its_parent_and_siblings_keep_their_order) {
  std::vector<TraceNode> nodes = {
      {id(3), id(1), true}, {id(1), {}, false}, {id(4), id(3), true}, {id(2), id(1), true}};
  TraceOrder order;
  std::vector<uint32_t> places, depths;
  for (const OrderedNode& node : order.of(nodes)) {
    places.push_back(node.node);
    depths.push_back(node.depth);
  }
  EXPECT_EQ(places, (std::vector<uint32_t>{1, 0, 2, 3}));
  EXPECT_EQ(depths, (std::vector<uint32_t>{0, 1, 2, 1}));
}

TEST(TraceOrder, a_chain_of_a_hundred_thousand_and_a_million_children) {
  std::vector<TraceNode> chain(100'000);
  for (uint64_t i = 0; i < chain.size(); ++i) chain[i] = {id(i + 1), id(i), i > 0};
  TraceOrder order;
  EXPECT_EQ(order.of(chain).back().depth, chain.size() - 1);
  std::vector<TraceNode> star(1'000'000);
  for (uint64_t i = 0; i < star.size(); ++i) star[i] = {id(i + 1), id(1), i > 0};
  EXPECT_EQ(order.of(star).back().depth, 1u);
}

}  // namespace
}  // namespace spoor::store
