// Runs a TraceQL plan on one whole trace: filters, relations, groups and aggregates.
//
// A query begins with one spanset of all spans of the trace and passes spansets from stage to
// stage; empty ones are dropped at once, so what counts nothing never holds. A filter keeps the
// spans for which its condition is true. Operators between spansets take one spanset on each
// side: after by() coalesce() must come first. The result of an operator has the attributes of
// the spanset that it looked at; coalesce() drops them.
//
// by() makes a spanset of each distinct value, in the order of their first span; nil is one, and
// of several values of a span the first counts. Aggregates take the first value of each span,
// pass over what is no number, and drop the spanset if none is left. sum() and avg() take the type
// of the first number and pass over those of another type; avg() of integers is a float, of
// durations a duration; a sum that an integer cannot hold is a float. A filter of aggregates
// annotates the spanset with both its sides, but for constants.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/traceql_plan.h"
#include "query/traceql_relations.h"

namespace spoor::query {

struct SpansetAttribute {
  std::string_view key;  // "by(name)", "avg(duration)"; the plan's
  TypedValue value;      // the trace's
};

struct Spanset {
  SpanIndexes spans;  // not empty
  std::vector<SpansetAttribute> attributes;
};

// None if the trace does not match. InvalidArgument for a division of integers by zero and for
// several spansets where an operator takes one; ResourceExhausted as ConditionEvaluator.
Result<std::vector<Spanset>> evaluate(const TraceqlPlan& plan, TraceqlTrace& trace);

}  // namespace spoor::query
