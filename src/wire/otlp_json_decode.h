// OTLP JSON (the protobuf JSON mapping of ExportTraceServiceRequest with OTLP's hex ids) to a
// SpanBatch. Tolerant of what senders do: lowerCamelCase and snake_case names, ids as hex in
// either case or as base64, 64-bit numbers as strings or numbers, enums as numbers or names,
// null for absent, unknown fields, duplicate keys (the last wins).
//
// The outcome and the limits are those of decode_otlp; strings are copied into the arena, so the
// batch does not point into the input. Invalid UTF-8 is invalid JSON.
#pragma once

#include <string_view>

#include "base/status.h"
#include "wire/decoded_request.h"

namespace spoor::wire {

// InvalidArgument for bytes that are no JSON object or nest deeper than limits.json_depth, and
// for a known field of the wrong type, named by its path
// ("resourceSpans[0].scopeSpans[0].spans[3].name").
Status decode_otlp_json(std::string_view json, const DecodeLimits& limits, DecodedRequest& request);

Result<DecodedRequest> decode_otlp_json(std::string_view json, const DecodeLimits& limits = {});

}  // namespace spoor::wire
