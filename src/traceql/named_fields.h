// Which fields a query names: what the answer of a search shows of each span.
#pragma once

#include <vector>

#include "traceql/metrics_tree.h"

namespace spoor::traceql {

// Each once, in the order of the text: of filters, groups, aggregates, select() and metrics.
std::vector<Field> named_fields(const Query& query);
std::vector<Field> named_fields(const FieldExpression& expression);

}  // namespace spoor::traceql
