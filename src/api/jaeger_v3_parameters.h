// The parameters of Jaeger's /api/v3, in camelCase and in the snake_case of older clients.
//
// Times are RFC 3339; the `+` of an offset may have come as a space. What was found wrong is
// named by the parameter that the client sent.
#pragma once

#include "api/jaeger_search.h"

namespace spoor::api {

// GET /api/v3/traces and /api/v3/trace-summaries: query.serviceName, operationName, attributes
// (JSON), startTimeMin, startTimeMax, durationMin, durationMax, searchDepth, rawTraces, filter
// (JSON); and the extensions count and cursor.
Result<JaegerSearch> parse_jaeger_v3_search(const net::QueryParams& params);

// GET /api/v3/traces/{id}: rawTraces; startTime and endTime, which are not needed.
Result<JaegerTraceRequest> parse_jaeger_v3_trace(std::string_view id,
                                                 const net::QueryParams& params);

// GET /api/v3/dependencies: startTime, endTime.
Result<JaegerDependencyRequest> parse_jaeger_v3_dependencies(const net::QueryParams& params);

struct JaegerOperationsRequest {
  std::string service;  // empty: all
  std::string kind;     // empty: all
};
JaegerOperationsRequest parse_jaeger_v3_operations(const net::QueryParams& params);

}  // namespace spoor::api
