#include "query/traceql_aggregate.h"

#include <limits>
#include <optional>

#include "base/assert.h"

namespace spoor::query {
namespace {

using traceql::AggregateFunction;
using traceql::Type;

// Numbers of the type that the first one has.
class Sum {
 public:
  void add(const TypedValue& number) {
    if (count_ == 0) type_ = number.type;
    if (number.type != type_) return;
    ++count_;
    if (type_ == Type::Float) {
      floating_ += number.value.as_double();
    } else {
      whole_ += number.value.as_int();
    }
  }

  TypedValue sum() const {
    if (count_ == 0) return TypedValue::nil();
    if (type_ == Type::Float) return TypedValue::floating(floating_);
    auto held = static_cast<int64_t>(whole_);
    if (held == whole_) return TypedValue::whole(type_, held);
    return TypedValue::floating(static_cast<double>(whole_));
  }

  TypedValue average() const {
    if (count_ == 0) return TypedValue::nil();
    if (type_ == Type::Float) {
      return TypedValue::floating(floating_ / static_cast<double>(count_));
    }
    if (type_ == Type::Duration) {
      return TypedValue::whole(type_, static_cast<int64_t>(whole_ / count_));
    }
    return TypedValue::floating(static_cast<double>(whole_) / static_cast<double>(count_));
  }

 private:
  Type type_ = Type::Nil;
  int64_t count_ = 0;
  double floating_ = 0;
  __extension__ __int128 whole_ = 0;  // of 2^32 spans at most: never too small
};

TypedValue aggregate(const PlannedScalar& node, const SpanIndexes& spans,
                     ConditionEvaluator& conditions) {
  if (node.function == AggregateFunction::Count) {
    return TypedValue::integer(static_cast<int64_t>(spans.size()));
  }
  Sum sum;
  TypedValue best;
  for (SpanIndex i : spans) {
    TypedValue value = conditions.first_value(node.argument, i);
    if (!value.is_number()) continue;
    sum.add(value);
    bool is_better = best.is_nil();
    if (!is_better) {
      std::partial_ordering order = order_of_numbers(value, best);
      is_better = node.function == AggregateFunction::Min ? order < 0 : order > 0;
    }
    if (is_better) best = value;
  }
  switch (node.function) {
    case AggregateFunction::Sum:
      return sum.sum();
    case AggregateFunction::Avg:
      return sum.average();
    default:
      return best;
  }
}

}  // namespace

Result<TypedValue> scalar_value(const PlannedScalar& node, const SpanIndexes& spans,
                                ConditionEvaluator& conditions) {
  switch (node.kind) {
    case traceql::ScalarExpression::Kind::Constant:
      return node.constant;
    case traceql::ScalarExpression::Kind::Aggregate: {
      TypedValue value = aggregate(node, spans, conditions);
      SPOOR_TRY(conditions.status());
      return value;
    }
    case traceql::ScalarExpression::Kind::Operation: {
      SPOOR_ASSERT(node.operands.size() == 2);
      SPOOR_ASSIGN(TypedValue left, scalar_value(node.operands[0], spans, conditions));
      SPOOR_ASSIGN(TypedValue right, scalar_value(node.operands[1], spans, conditions));
      return computed(node.op, left, right, node.text);
    }
    case traceql::ScalarExpression::Kind::Pipeline:
      break;
  }
  return unimplemented("an aggregate of a pipeline in parentheses is not supported yet");
}

}  // namespace spoor::query
