// The values that a field of TraceQL names on a span.
//
// Events and links give a value each, so a field may have several; what has none is nil. Of an
// attribute the first entry of the key counts, and one without a value is as none. Intrinsics are
// never nil but those of events and links: the parent's id of a root, and the root's name and
// service of a trace whose root is not there, are empty texts. Ids are texts of hexadecimal
// digits in lower case. A span's duration is 0 where its end is before its start.
#pragma once

#include <boost/container/small_vector.hpp>

#include "query/traceql_trace.h"
#include "query/traceql_value.h"
#include "traceql/tree.h"

namespace spoor::query {

using TypedValues = boost::container::small_vector<TypedValue, 2>;

// Appends them; none of them is nil. They live as long as the trace.
// REQUIRES: check() let the field pass.
void append_values(const traceql::Field& field, TraceqlTrace& trace, SpanIndex i,
                   TypedValues& values);

}  // namespace spoor::query
