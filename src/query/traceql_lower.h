// What a TraceQL search needs of single spans, as an Expression that the column scans understand.
#pragma once

#include <optional>

#include "query/expression.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

// For which spans a condition holds that does for all those that are meant.
enum class Fit : uint8_t {
  Exact,  // for no others
  Plain,  // for few others: where an attribute has no value, or a key is there more than once
  Loose,
};

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

// Of the condition of one filter.
struct LoweredCondition {
  // Holds for every span for which the condition does; looks at whole traces too, and holds in
  // those that a scan leaves undecided.
  Expression necessary;
  Fit fit = Fit::Loose;
};

// All of it passes check(). REQUIRES: traceql::check() let the condition pass.
LoweredCondition lower_condition(const traceql::FieldExpression& condition);

// Holds for every span of the spansets that the stages make. REQUIRES: as above.
Expression lower_spans(const std::vector<traceql::Stage>& stages);

// Holds for exactly those spans, where stages are filters, and those that only group, merge or
// show. This is so for spans whose attributes are plain: every key that the stages name is at
// most once in a list of attributes, and has a value; and, where it looks at whole traces, of those
// that scans decide. Nothing where no expression says the same.
std::optional<Expression> lower_plain_spans(const std::vector<traceql::Stage>& stages);

}  // namespace spoor::query
