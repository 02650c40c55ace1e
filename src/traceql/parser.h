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

// Calls that the parser may be deep in. A printed tree needs three a level at most.
constexpr uint32_t kNestingMax = 3 * kTreeHeightMax + 16;

Result<Query> parse(std::string_view text);

// The inside of a filter alone: "span.a = 1 && name = \"x\"".
Result<FieldExpression> parse_condition(std::string_view text);

}  // namespace spoor::traceql
