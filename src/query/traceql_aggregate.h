// Values computed from one spanset: aggregates, and sums of them.
#pragma once

#include "query/traceql_condition.h"
#include "query/traceql_relations.h"

namespace spoor::query {

// Nil where an aggregate has no number to take; as evaluate() says in traceql_evaluate.h.
Result<TypedValue> scalar_value(const PlannedScalar& node, const SpanIndexes& spans,
                                ConditionEvaluator& conditions);

}  // namespace spoor::query
