// Values of TraceQL as answers of Tempo's API have them.
#pragma once

#include "base/arena.h"
#include "query/traceql_value.h"

namespace spoor::api {

// As Tempo writes values that OTLP has no type for, by their words: durations, states, kinds,
// nil. New text is put into the arena.
Value tempo_value(const query::TypedValue& typed, Arena& arena);

}  // namespace spoor::api
