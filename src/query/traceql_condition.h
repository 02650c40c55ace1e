// Expressions over one span of a trace.
//
// Nil, which is what a field has that is not there, satisfies no comparison and makes every sum
// nil; only "= nil" asks for it. A comparison of fields with several values (events, links) holds
// if it holds for one of them. && and || stop where they are decided; otherwise an operand that
// is no truth value makes them false, also `nil || true`. Of several values the truth is whether
// one is true. `!` of what is no truth value, and `-` of what is no number, is nil.
#pragma once

#include "base/status.h"
#include "query/traceql_fields.h"
#include "query/traceql_plan.h"

namespace spoor::query {

// Pairs of values that one operation may look at on one span.
constexpr size_t kValuePairsMax = 65'536;

class ConditionEvaluator {
 public:
  explicit ConditionEvaluator(TraceqlTrace& trace) : trace_(trace) {}

  // Both mean nothing once status() is an error: InvalidArgument for an integer divided by zero,
  // ResourceExhausted for too many pairs.
  bool holds(const PlannedExpression& node, SpanIndex i) { return truth(node, i).is_true(); }
  TypedValue first_value(const PlannedExpression& node, SpanIndex i);
  const Status& status() const { return status_; }

 private:
  TypedValue truth(const PlannedExpression& node, SpanIndex i);
  TypedValue logical(const PlannedExpression& node, SpanIndex i);
  bool compares(const PlannedExpression& node, SpanIndex i);
  bool matches(const PlannedExpression& node, SpanIndex i);
  void append(const PlannedExpression& node, SpanIndex i, TypedValues& values);
  void append_computed(const PlannedExpression& node, SpanIndex i, TypedValues& values);
  bool may_pair(const TypedValues& left, const TypedValues& right);

  TraceqlTrace& trace_;
  Status status_;
};

// One operation on two numbers; `text` is for the message of a division by zero.
Result<TypedValue> computed(traceql::Operator op, const TypedValue& a, const TypedValue& b,
                            std::string_view text);

}  // namespace spoor::query
