// Jaeger's structured filter (its RFC 0005) as a condition of the query engine.
//
// All operators, and of the references: attributes of every level, the fields name, kind, start
// time, duration, status and status message of spans, service of resources, name and version of
// scopes, name of events. `some` binds a level for a single comparison. The rest is refused by
// name.
//
// As everywhere a comparison holds if any value of the reference satisfies it; `ne` and `not_in`
// hold if there is a value and none that equals. A regular expression must match the whole value.
#pragma once

#include "query/expression.h"
#include "wire/jaeger_query.h"

namespace spoor::api {

Result<query::Expression> filter_condition(const wire::JaegerFilter& filter);

}  // namespace spoor::api
