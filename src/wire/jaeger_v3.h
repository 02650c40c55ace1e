// The bodies of Jaeger's HTTP API /api/v3 that carry traces or errors.
#pragma once

#include <string>
#include <string_view>

#include "model/span.h"

namespace spoor::wire {

// {"result":{"resourceSpans":[...]}}, OTLP JSON inside.
std::string encode_jaeger_v3_traces(const SpanBatch& batch);

// {"error":{"httpCode":400,"message":"..."}}
std::string encode_jaeger_v3_error(int http_code, std::string_view message);

// The body of the 404 for a trace or a search without result, word for word Jaeger's.
std::string encode_jaeger_v3_not_found();

}  // namespace spoor::wire
