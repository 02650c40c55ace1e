// The words of the language: one table for each kind of name, read by the parser, the checks and
// the printer alike.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "traceql/metrics_tree.h"
#include "traceql/tree.h"

namespace spoor::traceql {

// What a value can be. Any is an attribute's: known only when a span is looked at.
enum class Type : uint8_t { Any, Nil, Text, Integer, Float, Boolean, Duration, Status, Kind };

std::string_view type_name(Type type);  // "string", "integer", ...

struct IntrinsicName {
  Intrinsic intrinsic;
  std::string_view name;   // as it is printed: the short form where there is one
  std::string_view alias;  // the other form; may be empty
  Type type;
};

const IntrinsicName& name_of(Intrinsic intrinsic);
std::optional<Intrinsic> intrinsic_named(std::string_view name);

std::string_view name_of(AttributeScope scope);  // "span"; empty for None
std::optional<AttributeScope> scope_named(std::string_view name);

std::string_view symbol_of(Operator op);
std::string_view symbol_of(SpansetOperator op);

std::string_view name_of(AggregateFunction function);
std::optional<AggregateFunction> aggregate_named(std::string_view name);
std::string_view name_of(MetricsFunction function);
std::optional<MetricsFunction> metrics_function_named(std::string_view name);

// Literals that are words: true, nil, error, server, minInt.
std::optional<Literal> literal_named(std::string_view name);
std::string_view name_of(StatusCode status);
std::string_view name_of(SpanKind kind);

// How strongly operators bind; those of a higher level bind first. All operators of a level
// associate to the left but the power. Operators between spansets have the same two lowest.
constexpr int kLogicalLevel = 1;  // && and || are equals
constexpr int kComparisonLevel = 2;
constexpr int kSumLevel = 3;
constexpr int kNotLevel = 4;
constexpr int kProductLevel = 5;
constexpr int kPowerLevel = 6;
constexpr int kNegateLevel = 7;
int level_of(Operator op);
int level_of(SpansetOperator op);

inline bool is_comparison(Operator op) {
  return op >= Operator::Equal && op <= Operator::DoesNotMatch;
}
inline bool is_arithmetic(Operator op) {
  return op >= Operator::Add && op <= Operator::Power;
}

// Words that a query can have where a value is expected, and those that begin a stage.
std::span<const std::string_view> value_words();
std::span<const std::string_view> stage_words();

// ", did you mean 'duration'?" for a word of `known` that is one or two letters away; else empty.
std::string near_miss(std::string_view name, std::span<const std::string_view> known);

}  // namespace spoor::traceql
