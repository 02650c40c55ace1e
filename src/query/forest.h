// The rows of a row group as trees, and TraceQL's relations between sets of them: what
// relate() of traceql_relations.h says of one trace, of all traces of a row group at once. Rows lie
// depth first, so each relation is one pass over depths. Relations never leave a tree, so where
// one trace ends and the next begins does not matter.
#pragma once

#include <cstdint>
#include <vector>

#include "query/row_mask.h"
#include "traceql/tree.h"

namespace spoor::query {

struct Forest {
  std::vector<uint32_t> depths;  // 0 for the first row of a tree, else at most one more than before
  // Rows of trees that a span without a parent begins. All others are in no relation.
  RowMask connected;
};

// Rows of `right`, of a union of both, that are in the relation; Child to UnionSibling.
// REQUIRES: both have the rows of the forest.
RowMask relate(traceql::SpansetOperator op, const Forest& forest, const RowMask& left,
               const RowMask& right);

}  // namespace spoor::query
