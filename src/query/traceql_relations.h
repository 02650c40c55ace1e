// The relations between spans of two sets: {a} > {b} and all that look alike. Each is one pass
// over the spans, or over the tree in the order of its depth.
#pragma once

#include <span>
#include <vector>

#include "query/traceql_trace.h"
#include "traceql/tree.h"

namespace spoor::query {

using SpanIndexes = std::vector<SpanIndex>;  // ascending, each once

// Those of either.
SpanIndexes unite(const SpanIndexes& a, const SpanIndexes& b);

// Child to UnionSibling. Neither a span itself nor one that is not connected is ever related; so
// of a negated relation the right ones that are not connected are all in the result.
SpanIndexes relate(traceql::SpansetOperator op, TraceqlTrace& trace, const SpanIndexes& left,
                   const SpanIndexes& right);

}  // namespace spoor::query
