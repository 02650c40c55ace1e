// The values by which spans are grouped, as bytes: equal values have equal bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/bytes.h"
#include "query/traceql_value.h"

namespace spoor::query {

// Values of MetricsPlan::key_fields(), one behind the other.
using MetricsKey = std::string;
void append_metrics_key(MetricsKey& key, const TypedValue& value);
// The next value of a key. What it points to is the key's, or the arena's.
// REQUIRES: append_metrics_key() wrote it.
TypedValue read_metrics_key(ByteReader& reader, Arena& arena);

}  // namespace spoor::query
