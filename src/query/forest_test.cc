#include "query/forest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/bytes.h"
#include "query/traceql_relations.h"
#include "store/trace_order.h"

namespace spoor::query {
namespace {

using traceql::SpansetOperator;

// A trace with a tree, some roots, spans whose parent is not there, and circles.
SpanBatch random_trace(std::mt19937_64& random) {
  SpanBatch batch;
  size_t count = random() % 40 + 1;
  for (size_t i = 0; i < count; ++i) {
    std::string id;
    append_le<uint64_t>(id, i + 1);
    Span& span = batch.spans.emplace_back();
    span.span_id = batch.arena.copy(id);
    span.start.value = i;
    std::string parent;
    uint64_t dice = random() % 16;
    append_le<uint64_t>(parent, dice == 0   ? 99
                                : dice == 1 ? random() % count + 1
                                            : random() % (i + 1) / (dice % 3 + 1) + 1);
    bool is_root = i == 0 || dice == 2;
    if (!is_root) span.parent_span_id = batch.arena.copy(parent);
  }
  return batch;
}

// The spans of the traces as a section has them: depth first, one trace behind another.
struct Rows {
  Forest forest;
  std::vector<std::pair<size_t, SpanIndex>> spans;  // of which trace, and where in it
};

Rows rows_of(const std::vector<SpanBatch>& traces) {
  Rows rows;
  std::vector<uint8_t> connected;
  for (size_t trace = 0; trace < traces.size(); ++trace) {
    std::vector<store::TraceNode> nodes;
    for (const Span& span : traces[trace].spans) {
      store::TraceNode& node = nodes.emplace_back();
      node.span_id = SpanId::from_bytes(span.span_id);
      node.names_parent = span.has_parent();
      if (node.names_parent) node.parent_span_id = SpanId::from_bytes(span.parent_span_id);
    }
    store::TraceOrder order;
    bool is_connected = false;
    for (const store::OrderedNode& node : order.of(nodes)) {
      if (node.depth == 0) is_connected = !nodes[node.node].names_parent;
      connected.push_back(is_connected);
      rows.forest.depths.push_back(node.depth);
      rows.spans.emplace_back(trace, node.node);
    }
  }
  rows.forest.connected =
      RowMask::where(connected.size(), [&](size_t row) { return connected[row] != 0; });
  return rows;
}

TEST(Forest, relations_are_those_of_single_traces) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 150; ++round) {
    std::vector<SpanBatch> traces;
    for (size_t i = random() % 5 + 1; i > 0; --i) traces.push_back(random_trace(random));
    Rows rows = rows_of(traces);
    auto random_mask = [&] {
      uint64_t share = random() % 5 + 1;
      return RowMask::where(rows.spans.size(), [&](size_t) { return random() % share == 0; });
    };
    for (auto op = SpansetOperator::Child; op <= SpansetOperator::UnionSibling;
         op = static_cast<SpansetOperator>(static_cast<int>(op) + 1)) {
      RowMask left = random_mask(), right = random_mask();
      RowMask expected(rows.spans.size());
      for (size_t trace = 0; trace < traces.size(); ++trace) {
        TraceqlTrace one(traces[trace]);
        SpanIndexes sides[2];
        for (size_t row = 0; row < rows.spans.size(); ++row) {
          if (rows.spans[row].first != trace) continue;
          if (left.has(row)) sides[0].push_back(rows.spans[row].second);
          if (right.has(row)) sides[1].push_back(rows.spans[row].second);
        }
        for (SpanIndexes& side : sides) std::ranges::sort(side);
        SpanIndexes found = relate(op, one, sides[0], sides[1]);
        for (size_t row = 0; row < rows.spans.size(); ++row) {
          bool is_found = rows.spans[row].first == trace &&
                          std::ranges::binary_search(found, rows.spans[row].second);
          if (is_found) expected.set(row);
        }
      }
      RowMask got = relate(op, rows.forest, left, right);
      for (size_t row = 0; row < rows.spans.size(); ++row) {
        ASSERT_EQ(got.has(row), expected.has(row)) << "operator " << static_cast<int>(op);
      }
    }
  }
}

TEST(RowMask, ranges_are_counted_and_copied) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    size_t rows = random() % 300 + 1;
    RowMask mask = RowMask::where(rows, [&](size_t) { return random() % 3 == 0; });
    size_t begin = random() % (rows + 1), end = begin + random() % (rows + 1 - begin);
    size_t expected = 0;
    for (size_t row = begin; row < end; ++row) expected += mask.has(row);
    ASSERT_EQ(mask.count(begin, end), expected);
    ASSERT_EQ(mask.has_any(begin, end), expected > 0);
    RowMask range(rows);
    range.set_range(begin, end);
    ASSERT_EQ(range.count(0, rows), end - begin);
    ASSERT_EQ(range.count(begin, end), end - begin);
    RowMask copied(rows);
    copied.copy(mask, begin, end);
    for (size_t row = 0; row < rows; ++row) {
      ASSERT_EQ(copied.has(row), mask.has(row) && row >= begin && row < end);
    }
    size_t next = begin;
    while (next < rows && !mask.has(next)) ++next;
    ASSERT_EQ(mask.next(begin), next);
  }
}

}  // namespace
}  // namespace spoor::query
