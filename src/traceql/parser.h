// Text to tree. What comes back is grammatical and within the limits; whether it means anything
// is for check.h to say.
//
// Guaranteed: a tree of at most kTreeHeightMax levels, whatever the text; an error says line,
// column, what was expected and what stands there.
#pragma once

#include <string_view>

#include "base/status.h"
#include "traceql/lexer.h"
#include "traceql/metrics_tree.h"

namespace spoor::traceql {

// How deep calls of the parser may be: 256 parentheses in a filter, or some 20 around pipelines,
// whose calls weigh ten times as much. What is printed has no more of them than what was read.
constexpr uint32_t kNestingMax = 272;

Result<Query> parse(std::string_view text);

// The inside of a filter alone: "span.a = 1 && name = \"x\"".
Result<FieldExpression> parse_condition(std::string_view text);

}  // namespace spoor::traceql
