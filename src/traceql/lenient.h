// What can be known of a filter that is still being typed. Autocompletion asks for the names and
// values that occur in spans of the filter so far: "{ span.a = \"b\" && span.c = ".
#pragma once

#include <string_view>

#include "base/status.h"
#include "traceql/tree.h"

namespace spoor::traceql {

// The condition of the filter that the text begins with, incomplete parts counted as true: so it
// holds for every span that the finished filter could hold for. Of complete text it is the
// condition itself. The literal true where nothing is known: no filter, several of them, a
// comparison without its value, an attribute alone, anything that check() refuses.
//
// InvalidArgument only for what check_text() refuses. Positions in it mean nothing.
Result<FieldExpression> known_condition(std::string_view text);

}  // namespace spoor::traceql
