#include "query/forest.h"

#include <algorithm>

#include "base/assert.h"

namespace spoor::query {
namespace {

using traceql::SpansetOperator;

constexpr uint32_t kNone = ~uint32_t{0};

uint32_t deepest(const Forest& forest) {
  return forest.depths.empty() ? 0 : *std::ranges::max_element(forest.depths);
}

// Calls take(row, depth) for each row below a row of the set, in order, and meet(row, depth) before
// for each such outermost row. Sets are small: what lies outside their trees is passed over
// sixty-four rows at a time.
template <typename Meet, typename Take>
void walk_below(const Forest& forest, const RowMask& set, const Meet& meet, const Take& take) {
  const uint32_t* depths = forest.depths.data();
  const size_t rows = forest.depths.size();
  for (size_t row = set.next(0); row < rows; row = set.next(row)) {
    const uint32_t outermost = depths[row];
    meet(row, outermost);
    for (++row; row < rows && depths[row] > outermost; ++row) take(row, depths[row]);
  }
}

// Rows whose parent is in the set.
RowMask children_of(const Forest& forest, const RowMask& set) {
  std::vector<uint8_t> is_in_set(deepest(forest) + 1);  // by depth, of the row and its ancestors
  RowMask rows(forest.depths.size());
  walk_below(
      forest, set, [&](size_t, uint32_t depth) { is_in_set[depth] = 1; },
      [&](size_t row, uint32_t depth) {
        is_in_set[depth] = set.has(row);
        if (is_in_set[depth - 1] != 0) rows.set(row);
      });
  return rows;
}

RowMask descendants_of(const Forest& forest, const RowMask& set) {
  RowMask rows(forest.depths.size());
  walk_below(forest, set, [](size_t, uint32_t) {}, [&](size_t row, uint32_t) { rows.set(row); });
  return rows;
}

RowMask parents_of(const Forest& forest, const RowMask& set) {
  std::vector<uint8_t> has_child(deepest(forest) + 2);  // by depth, of the rows passed last
  RowMask rows(forest.depths.size());
  for (size_t row = forest.depths.size(); row-- > 0;) {
    uint32_t depth = forest.depths[row];
    if (has_child[depth + 1] != 0) rows.set(row);
    has_child[depth + 1] = 0;
    if (set.has(row)) has_child[depth] = 1;
    if (depth == 0) has_child[0] = 0;
  }
  return rows;
}

// A row of the set leads up from parent to parent: the next row that is less deep is one.
RowMask ancestors_of(const Forest& forest, const RowMask& set) {
  RowMask rows(forest.depths.size());
  uint32_t depth_below = 0;
  for (size_t row = forest.depths.size(); row-- > 0;) {
    uint32_t depth = forest.depths[row];
    if (depth < depth_below) {
      rows.set(row);
      depth_below = depth;
    }
    if (set.has(row)) depth_below = std::max(depth_below, depth);
  }
  return rows;
}

RowMask siblings_of(const Forest& forest, const RowMask& set) {
  std::vector<uint32_t> parents(forest.depths.size(), kNone), row_of_depth(deepest(forest) + 1);
  std::vector<uint32_t> counts(forest.depths.size());  // of children in the set
  for (uint32_t row = 0; row < forest.depths.size(); ++row) {
    uint32_t depth = forest.depths[row];
    row_of_depth[depth] = row;
    if (depth == 0) continue;
    parents[row] = row_of_depth[depth - 1];
    counts[parents[row]] += set.has(row);
  }
  return RowMask::where(forest.depths.size(), [&](size_t row) {
    return parents[row] != kNone && counts[parents[row]] > uint32_t{set.has(row)};
  });
}

// Rows that stand on the right of the relation to one of the set.
RowMask related_to(SpansetOperator relation, const Forest& forest, const RowMask& set) {
  switch (relation) {
    case SpansetOperator::Child:
      return children_of(forest, set);
    case SpansetOperator::Descendant:
      return descendants_of(forest, set);
    case SpansetOperator::Parent:
      return parents_of(forest, set);
    case SpansetOperator::Ancestor:
      return ancestors_of(forest, set);
    default:
      SPOOR_ASSERT(relation == SpansetOperator::Sibling);
      return siblings_of(forest, set);
  }
}

}  // namespace

RowMask relate(SpansetOperator op, const Forest& forest, const RowMask& left,
               const RowMask& right) {
  SPOOR_ASSERT(left.rows() == forest.depths.size() && right.rows() == forest.depths.size());
  auto [relation, is_negated, is_union] = traceql::relation_of(op);
  if (left.empty() || right.empty()) return is_negated ? right : RowMask(right.rows());
  RowMask set = RowMask(left) &= forest.connected;
  RowMask related = related_to(relation, forest, set);
  if (is_negated) return RowMask(right).subtract(related);
  RowMask found = related &= right;
  if (!is_union) return found;
  set = RowMask(right) &= forest.connected;
  return found |= (related_to(traceql::inverse(relation), forest, set) &= left);
}

}  // namespace spoor::query
