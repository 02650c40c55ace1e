// The inside of check.h: check_fields.cc looks at expressions over one span, check.cc at the rest.
#pragma once

#include <string_view>

#include "traceql/check.h"

namespace spoor::traceql {

inline bool is_numeric(Type type) {
  return type == Type::Integer || type == Type::Float || type == Type::Duration;
}

// Types of all operations in it.
Status check_expression(const FieldExpression& node, std::string_view text);

// A field that this program can read.
Status check_field(const Field& field, std::string_view text);

// Whether its value depends on the span.
bool names_field(const FieldExpression& node);

}  // namespace spoor::traceql
