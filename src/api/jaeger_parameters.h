// The parameters of Jaeger's legacy HTTP API, with the texts of its errors.
//
// Times are micro- or milliseconds: what would lie before March 1973 in microseconds is taken
// for milliseconds, because clients send either. A service is not required.
#pragma once

#include "api/jaeger_search.h"

namespace spoor::api {

// GET /api/traces: service, operation, start, end, minDuration, maxDuration, limit, tag (each
// key:value), tags (JSON), traceID, raw; and the extensions count and cursor.
Result<JaegerSearch> parse_jaeger_search(const net::QueryParams& params, UnixNanos now);

// GET /api/traces/{id}: raw; start and end, which must be numbers and are not needed.
Result<JaegerTraceRequest> parse_jaeger_trace(std::string_view id, const net::QueryParams& params);

// GET /api/dependencies: endTs and lookback in milliseconds, service.
Result<JaegerDependencyRequest> parse_jaeger_dependencies(const net::QueryParams& params,
                                                          UnixNanos now);

}  // namespace spoor::api
