// Tree to text, in one canonical form: single spaces, short names of intrinsics, parentheses only
// where precedence asks for them.
//
// Guaranteed: the text of a tree that the parser made parses to an equal tree; printing that
// gives the same text.
#pragma once

#include <string>

#include "traceql/metrics_tree.h"

namespace spoor::traceql {

std::string to_string(const Query& query);
std::string to_string(const FieldExpression& expression);
std::string to_string(const SpansetExpression& expression);

// "resource.service.name", "duration": the name of a column, a label, a group.
std::string to_string(const Field& field);

// "count()", "avg(span.x)", "by(name)": the name of a spanset's attribute.
std::string to_string(const ScalarExpression& expression);
std::string to_string(const Stage& stage);

}  // namespace spoor::traceql
