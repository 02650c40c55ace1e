#include "query/traceql_condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "base/assert.h"

namespace spoor::query {

using Kind = PlannedExpression::Kind;
using traceql::Operator;
using traceql::Type;

Result<TypedValue> computed(Operator op, const TypedValue& a, const TypedValue& b,
                            std::string_view text) {
  if (auto result = compute(op, a, b)) return *result;
  return invalid_argument("division by zero in '" + std::string(text) + "'");
}

TypedValue ConditionEvaluator::first_value(const PlannedExpression& node, SpanIndex i) {
  TypedValues values;
  append(node, i, values);
  return values.empty() ? TypedValue::nil() : values.front();
}

TypedValue ConditionEvaluator::truth(const PlannedExpression& node, SpanIndex i) {
  switch (node.kind) {
    case Kind::And:
    case Kind::Or:
      return logical(node, i);
    case Kind::Not: {
      TypedValue operand = truth(node.operands.front(), i);
      if (operand.type != Type::Boolean) return TypedValue::nil();
      return TypedValue::boolean(!operand.value.as_bool());
    }
    case Kind::Compare:
      return TypedValue::boolean(compares(node, i));
    case Kind::Match:
      return TypedValue::boolean(matches(node, i));
    case Kind::IsNil: {
      TypedValues values;
      append(node.operands.front(), i, values);
      return TypedValue::boolean(values.empty() != node.is_negated);
    }
    case Kind::Constant:
      return node.constant;
    case Kind::Field:
    case Kind::Negate:
    case Kind::Compute:
      break;
  }
  TypedValues values;
  append(node, i, values);
  bool any_true = std::ranges::any_of(values, &TypedValue::is_true);
  if (any_true || values.empty()) return any_true ? TypedValue::boolean(true) : TypedValue::nil();
  auto flag = std::ranges::find(values, Type::Boolean, &TypedValue::type);
  return flag != values.end() ? *flag : values.front();
}

TypedValue ConditionEvaluator::logical(const PlannedExpression& node, SpanIndex i) {
  bool decisive = node.kind == Kind::Or;
  TypedValue result = truth(node.operands.front(), i);
  for (size_t k = 1; k < node.operands.size() && status_.ok(); ++k) {
    bool is_flag = result.type == Type::Boolean;
    if (is_flag && result.value.as_bool() == decisive) return result;
    TypedValue next = truth(node.operands[k], i);
    result = is_flag && next.type == Type::Boolean ? next : TypedValue::boolean(false);
  }
  return result;
}

bool ConditionEvaluator::may_pair(const TypedValues& left, const TypedValues& right) {
  if (left.size() <= 1 || right.size() <= kValuePairsMax / left.size()) return status_.ok();
  status_ = resource_exhausted("a span has " + std::to_string(left.size()) + " and " +
                               std::to_string(right.size()) +
                               " values of events or links that the query relates to each other");
  return false;
}

bool ConditionEvaluator::compares(const PlannedExpression& node, SpanIndex i) {
  SPOOR_ASSERT(node.operands.size() == 2);
  TypedValues left, right;
  append(node.operands[0], i, left);
  if (left.empty()) return false;
  append(node.operands[1], i, right);
  if (!may_pair(left, right)) return false;
  return std::ranges::any_of(left, [&](const TypedValue& a) {
    return std::ranges::any_of(right, [&](const TypedValue& b) { return compare(node.op, a, b); });
  });
}

bool ConditionEvaluator::matches(const PlannedExpression& node, SpanIndex i) {
  TypedValues values;
  append(node.operands.front(), i, values);
  auto text_matches = [&](const Value& text) {
    return re2::RE2::FullMatch(text.as_string(), *node.regex);
  };
  return std::ranges::any_of(values, [&](const TypedValue& value) {
    if (value.type == Type::Text) return text_matches(value.value) != node.is_negated;
    auto elements = elements_of(value);
    if (!elements) return false;
    if (!elements->empty() && elements->front().type() != ValueType::String) return false;
    return std::ranges::any_of(*elements, text_matches) != node.is_negated;
  });
}

void ConditionEvaluator::append(const PlannedExpression& node, SpanIndex i, TypedValues& values) {
  switch (node.kind) {
    case Kind::Constant:
      values.push_back(node.constant);
      return;
    case Kind::Field:
      append_values(*node.field, trace_, i, values);
      return;
    case Kind::Negate: {
      TypedValues operands;
      append(node.operands.front(), i, operands);
      for (const TypedValue& operand : operands) {
        if (operand.is_number()) values.push_back(negate(operand));
      }
      return;
    }
    case Kind::Compute:
      append_computed(node, i, values);
      return;
    default:
      break;
  }
  TypedValue flag = truth(node, i);
  if (!flag.is_nil()) values.push_back(flag);
}

void ConditionEvaluator::append_computed(const PlannedExpression& node, SpanIndex i,
                                         TypedValues& values) {
  TypedValues left, right;
  append(node.operands[0], i, left);
  if (left.empty()) return;
  append(node.operands[1], i, right);
  if (!may_pair(left, right)) return;
  for (const TypedValue& a : left) {
    for (const TypedValue& b : right) {
      Result<TypedValue> result = computed(node.op, a, b, node.text);
      if (!result.ok()) {
        status_ = result.status();
        return;
      }
      if (!result->is_nil()) values.push_back(*result);
    }
  }
}

}  // namespace spoor::query
