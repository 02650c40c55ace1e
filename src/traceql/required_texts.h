// Which texts a condition leaves to a field: what narrows the names and values that are worth
// offering to whoever types the rest of the query.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "traceql/tree.h"

namespace spoor::traceql {

// Of every span that the condition holds for the field is one of these texts; sorted, each once,
// none at all if no span can satisfy the condition. Nothing where the condition leaves it open.
// Only `field = "text"` is understood, and what && and || make of it.
std::optional<std::vector<std::string>> required_texts(const FieldExpression& condition,
                                                       const Field& field);

}  // namespace spoor::traceql
