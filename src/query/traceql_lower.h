// What a TraceQL query needs of single spans, as an Expression that the column scans understand.
#pragma once

#include <optional>

#include "query/expression.h"
#include "query/lower_condition.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

struct LoweredQuery {
  // Holds for at least one span of every trace that matches: it may hold for more, and is the
  // literal true where nothing is known. Of operands that must all find something, only the one
  // that asks for most is in it, because they may find different spans.
  Expression necessary;
  // If it is not loose: a trace matches where the condition holds for one of its spans, and those
  // are the spans that the query finds.
  Fit fit = Fit::Loose;
};

// REQUIRES: traceql::check() let the query pass, and it is no query of metrics.
LoweredQuery lower(const traceql::Query& query);

// Holds for every trace that matches, and looks at whole traces alone: true where nothing is said
// of them. REQUIRES: as above.
Expression lower_traces(const std::vector<traceql::Stage>& stages);

// Holds for every span of the spansets that the stages make. REQUIRES: as above.
Expression lower_spans(const std::vector<traceql::Stage>& stages);

// Holds for exactly those spans, where stages are filters, and those that only group, merge or
// show. This is so for spans whose attributes are plain: every key that the stages name is at
// most once in a list of attributes, and has a value; and, where it looks at whole traces, of those
// that scans decide. Nothing where no expression says the same.
std::optional<Expression> lower_plain_spans(const std::vector<traceql::Stage>& stages);

}  // namespace spoor::query
