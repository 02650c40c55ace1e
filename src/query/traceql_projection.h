// What of their spans the evaluation of a query reads.
#pragma once

#include <span>

#include "store/projection.h"
#include "traceql/tree.h"

namespace spoor::query {

// Enough for append_values() of each of the fields, for TraceqlTrace and for summarize().
store::Projection projection_of(std::span<const traceql::Field> fields);

}  // namespace spoor::query
