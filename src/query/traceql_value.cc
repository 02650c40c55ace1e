#include "query/traceql_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace spoor::query {

using traceql::Operator;
using traceql::Type;

TypedValue TypedValue::of(const Value& value) {
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return nil();
    case ValueType::String:
      return {Type::Text, value};
    case ValueType::Bool:
      return {Type::Boolean, value};
    case ValueType::Int:
      return {Type::Integer, value};
    case ValueType::Double:
      return {Type::Float, value};
    case ValueType::Bytes:
    case ValueType::Array:
    case ValueType::KeyValueList:
      break;
  }
  return {Type::Any, value};
}

TypedValue TypedValue::of(const traceql::Literal& literal) {
  if (const auto* text_literal = std::get_if<std::string>(&literal)) return text(*text_literal);
  if (const auto* number = std::get_if<int64_t>(&literal)) return integer(*number);
  if (const auto* number = std::get_if<double>(&literal)) return floating(*number);
  if (const auto* flag = std::get_if<bool>(&literal)) return boolean(*flag);
  if (const auto* duration = std::get_if<traceql::Duration>(&literal)) {
    return whole(Type::Duration, duration->nanos);
  }
  if (const auto* status = std::get_if<StatusCode>(&literal)) return whole(Type::Status, *status);
  if (const auto* kind = std::get_if<SpanKind>(&literal)) return whole(Type::Kind, *kind);
  return nil();
}

double TypedValue::as_number() const {
  SPOOR_ASSERT(is_number());
  return type == Type::Float ? value.as_double() : static_cast<double>(value.as_int());
}

namespace {

std::partial_ordering order_of(int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= 0x1p63) return std::partial_ordering::less;
  if (b < -0x1p63) return std::partial_ordering::greater;
  double whole = std::floor(b);
  std::partial_ordering order = a <=> static_cast<int64_t>(whole);
  if (order != 0) return order;
  return b > whole ? std::partial_ordering::less : order;
}

bool satisfies(Operator op, std::partial_ordering order) {
  switch (op) {
    case Operator::Equal:
      return order == 0;
    case Operator::NotEqual:
      return order != 0;
    case Operator::Less:
      return order < 0;
    case Operator::LessOrEqual:
      return order <= 0;
    case Operator::Greater:
      return order > 0;
    case Operator::GreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

bool compare_single(Operator op, const TypedValue& a, const TypedValue& b) {
  if (a.is_number() && b.is_number()) return satisfies(op, order_of_numbers(a, b));
  // OTLP's number of a status.
  bool is_status = (a.type == Type::Status && b.type == Type::Integer) ||
                   (a.type == Type::Integer && b.type == Type::Status);
  if (a.type != b.type && !is_status) return false;
  if (a.type == Type::Text) return satisfies(op, a.value.as_string() <=> b.value.as_string());
  bool is_equality = op == Operator::Equal || op == Operator::NotEqual;
  if (!is_equality || a.type == Type::Nil || a.type == Type::Any) return false;
  return (a.value == b.value) == (op == Operator::Equal);
}

std::optional<int64_t> power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) return std::nullopt;
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) return std::nullopt;
  }
  return result;
}

// Nothing where an integer cannot hold the result. REQUIRES: no division by zero.
std::optional<int64_t> compute_whole(Operator op, int64_t a, int64_t b) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  int64_t result = 0;
  bool overflows = false;
  switch (op) {
    case Operator::Add:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::Subtract:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::Multiply:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case Operator::Divide:
      if (a == kMin && b == -1) return std::nullopt;
      return a / b;
    case Operator::Modulo:
      return b == -1 ? 0 : a % b;
    case Operator::Power:
      return b < 0 ? std::nullopt : power(a, b);
    default:
      SPOOR_ASSERT(false);
  }
  return overflows ? std::nullopt : std::optional(result);
}

double compute_floating(Operator op, double a, double b) {
  switch (op) {
    case Operator::Add:
      return a + b;
    case Operator::Subtract:
      return a - b;
    case Operator::Multiply:
      return a * b;
    case Operator::Divide:
      return a / b;
    case Operator::Modulo:
      return std::fmod(a, b);
    default:
      return std::pow(a, b);
  }
}

}  // namespace

std::partial_ordering order_of_numbers(const TypedValue& a, const TypedValue& b) {
  bool a_is_float = a.type == Type::Float, b_is_float = b.type == Type::Float;
  if (a_is_float && b_is_float) return a.value.as_double() <=> b.value.as_double();
  if (b_is_float) return order_of(a.value.as_int(), b.value.as_double());
  if (a_is_float) return 0 <=> order_of(b.value.as_int(), a.value.as_double());
  return a.value.as_int() <=> b.value.as_int();
}

std::optional<std::span<const Value>> elements_of(const TypedValue& value) {
  if (value.type != Type::Any || value.value.type() != ValueType::Array) return std::nullopt;
  std::span<const Value> elements = value.value.as_array();
  for (const Value& element : elements) {
    bool is_simple = element.type() >= ValueType::String && element.type() <= ValueType::Double;
    if (!is_simple || element.type() != elements.front().type()) return std::nullopt;
  }
  return elements;
}

bool compare(Operator op, const TypedValue& a, const TypedValue& b) {
  if (a.type == Type::Nil || b.type == Type::Nil) return false;
  if (a.type != Type::Any && b.type != Type::Any) return compare_single(op, a, b);
  if (a.type == Type::Any && b.type == Type::Any) return false;
  bool is_negated = op == Operator::NotEqual;
  Operator asked = is_negated ? Operator::Equal : op;
  const TypedValue& list = a.type == Type::Any ? a : b;
  auto elements = elements_of(list);
  if (!elements) return false;
  // An element of another type is no answer to != either.
  const TypedValue& single = a.type == Type::Any ? b : a;
  bool fits = elements->empty() ||
              compare_single(Operator::Equal, TypedValue::of(elements->front()), single) ||
              compare_single(Operator::NotEqual, TypedValue::of(elements->front()), single);
  if (!fits) return false;
  bool any = std::ranges::any_of(*elements, [&](const Value& element) {
    TypedValue one = TypedValue::of(element);
    return a.type == Type::Any ? compare_single(asked, one, b) : compare_single(asked, a, one);
  });
  return any != is_negated;
}

std::optional<TypedValue> compute(Operator op, const TypedValue& a, const TypedValue& b) {
  if (!a.is_number() || !b.is_number()) return TypedValue::nil();
  if (a.type == Type::Integer && b.type == Type::Integer) {
    bool divides = op == Operator::Divide || op == Operator::Modulo;
    if (divides && b.value.as_int() == 0) return std::nullopt;
    if (auto result = compute_whole(op, a.value.as_int(), b.value.as_int())) {
      return TypedValue::integer(*result);
    }
  }
  return TypedValue::floating(compute_floating(op, a.as_number(), b.as_number()));
}

TypedValue negate(const TypedValue& value) {
  if (!value.is_number()) return TypedValue::nil();
  if (value.type == Type::Float) return TypedValue::floating(-value.value.as_double());
  int64_t number = value.value.as_int();
  if (number == std::numeric_limits<int64_t>::min()) return TypedValue::floating(0x1p63);
  return TypedValue::whole(value.type, -number);
}

}  // namespace spoor::query
