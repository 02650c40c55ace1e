// Values while a TraceQL query runs, and what its operators do with them.
//
// Numbers of all types mix. Two integers compute as integers, everything else as float; what an
// integer cannot hold becomes a float. Comparisons are exact, also between integers and floats
// that the other side cannot hold. Values of different types satisfy no comparison, neither = nor
// !=. A list whose elements are of one type (text, truth values, integers, floats) satisfies a
// comparison if one of its elements does, != and !~ if none of them is equal or matches; of two
// lists, mixed lists, bytes and key-value lists none holds.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string_view>

#include "model/value.h"
#include "traceql/names.h"

namespace spoor::query {

// A value with its type. Text, Boolean, Float: the value as OTLP has it. Integer, Duration (in
// nanoseconds), Status and Kind (OTLP's numbers): an Int. Nil: Empty. Any: a list, bytes or
// key-value list as received. Never owns memory.
struct TypedValue {
  traceql::Type type = traceql::Type::Nil;
  Value value = Value::empty();

  static TypedValue nil() { return {}; }
  static TypedValue text(std::string_view text) {
    return {traceql::Type::Text, Value::of_string(text)};
  }
  static TypedValue boolean(bool flag) { return {traceql::Type::Boolean, Value::of_bool(flag)}; }
  static TypedValue floating(double number) {
    return {traceql::Type::Float, Value::of_double(number)};
  }
  static TypedValue whole(traceql::Type type, int64_t number) {
    return {type, Value::of_int(number)};
  }
  static TypedValue integer(int64_t number) { return whole(traceql::Type::Integer, number); }
  // An attribute's.
  static TypedValue of(const Value& value);
  // A literal's; the literal outlives the value.
  static TypedValue of(const traceql::Literal& literal);

  bool is_nil() const { return type == traceql::Type::Nil; }
  bool is_true() const { return type == traceql::Type::Boolean && value.as_bool(); }
  bool is_number() const {
    return type == traceql::Type::Integer || type == traceql::Type::Float ||
           type == traceql::Type::Duration;
  }
  double as_number() const;  // REQUIRES: is_number()
  // Equal in type and bits: what makes a group.
  bool operator==(const TypedValue&) const = default;
};

// Exact; unordered where one is NaN. REQUIRES: both are numbers.
std::partial_ordering order_of_numbers(const TypedValue& a, const TypedValue& b);

// Equal to GreaterOrEqual.
bool compare(traceql::Operator op, const TypedValue& a, const TypedValue& b);

// Add to Power. Nil where one is no number; nothing for an integer divided by zero.
std::optional<TypedValue> compute(traceql::Operator op, const TypedValue& a, const TypedValue& b);
TypedValue negate(const TypedValue& value);

// The elements of a list of one type; nothing of every other value. An empty list has one type.
std::optional<std::span<const Value>> elements_of(const TypedValue& value);

}  // namespace spoor::query
