// What a TraceQL search needs of single spans, as an Expression that the column scans understand.
#pragma once

#include <optional>

#include "query/expression.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

struct LoweredQuery {
  // Holds for at least one span of every trace that matches: it may hold for more, and is the
  // literal true where nothing is known. Of operands that must all find something, only the one
  // that asks for most is in it, because they may find different spans.
  Expression necessary;
  // A trace matches if and only if the condition holds for one of its spans, and it holds for
  // exactly those spans that the query finds.
  bool is_exact = false;
};

// REQUIRES: traceql::check() let the query pass, and it is no query of metrics.
LoweredQuery lower(const traceql::Query& query);

// Of the condition of one filter.
struct LoweredCondition {
  // Holds for every span for which the condition does; for those alone if it is exact.
  Expression necessary;
  bool is_exact = false;
  // Holds for the root of every trace that has such a span: what is said of rootName and
  // rootServiceName.
  Expression of_root;
};

// All of it passes check(). REQUIRES: traceql::check() let the condition pass.
LoweredCondition lower_condition(const traceql::FieldExpression& condition);

// Holds for every span of the spansets that the stages make. REQUIRES: as above.
Expression lower_spans(const std::vector<traceql::Stage>& stages);

// Holds for exactly those spans, where stages are filters, and those that only group, merge or
// show. This is so for spans whose attributes are plain: every key that the stages name is at
// most once in a list of attributes, and has a value. Nothing where no expression says the same.
std::optional<Expression> lower_plain_spans(const std::vector<traceql::Stage>& stages);

}  // namespace spoor::query
