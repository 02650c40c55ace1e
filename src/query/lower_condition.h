// What the condition of one TraceQL filter asks of a span, as an Expression that the column scans
// understand.
#pragma once

#include <cstdint>

#include "query/expression.h"
#include "traceql/tree.h"

namespace spoor::query {

// For which spans a condition holds that does for all those that are meant.
enum class Fit : uint8_t {
  Exact,  // for no others
  Plain,  // for few others: where an attribute has no value, or a key is there more than once
  Loose,
};

enum class Purpose : uint8_t {
  Necessary,    // it holds at least where the condition does, and does not look at whole traces
  WithTraces,   // the same, looking at whole traces; it holds in those that a scan leaves undecided
  TracesAlone,  // what it asks of whole traces and of nothing else
  Plain,  // the same as the condition, if it can be said, for spans whose attributes are plain
          // and of traces that a scan decides
};

struct LoweredCondition {
  Expression expression;
  Fit fit = Fit::Loose;
};

// It may be more than check() lets pass. REQUIRES: traceql::check() let the condition pass.
LoweredCondition lower_condition(const traceql::FieldExpression& condition, Purpose purpose);

}  // namespace spoor::query
