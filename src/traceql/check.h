// What a tree must be to mean something: types that an operator takes, expressions that compile,
// limits, and what this program runs at all.
//
// Guaranteed of a tree that passes: every condition is a truth value or an attribute that may be
// one; operands of known type fit their operator; the right side of =~ and !~ is a literal that
// RE2 compiles; quantiles lie in 0..1; counts are positive.
#pragma once

#include <string_view>

#include "base/status.h"
#include "traceql/metrics_tree.h"
#include "traceql/names.h"

namespace spoor::traceql {

constexpr size_t kRegexBytesMax = 1'024;
constexpr size_t kGroupFieldsMax = 5;             // of by() behind a metrics function; Tempo's
constexpr size_t kGroupFieldsWithBucketsMax = 4;  // of quantiles and histograms: one is the bucket
// Of the hint `precision`: the relative error of quantiles.
constexpr double kPrecisionMin = 0.001;
constexpr double kPrecisionMax = 0.5;

// InvalidArgument for what the language does not allow, Unimplemented, by name, for what it has
// and this program does not run. `text` is what the tree came from and gives line and column.
Status check(const Query& query, std::string_view text);
Status check(const FieldExpression& condition, std::string_view text);

// parse() and check() in one.
Result<Query> parse_checked(std::string_view text);

// The type of a value, as far as it is known without a span.
Type type_of(const Literal& literal);
Type type_of(const FieldExpression& expression);

}  // namespace spoor::traceql
