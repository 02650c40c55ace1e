// OTLP protobuf (ExportTraceServiceRequest, the same bytes as TracesData) to a SpanBatch. Hand
// written for the one message family: strings and ids are views into the input, lists lie in the
// batch's arena, nothing is allocated per span.
//
// Follows protobuf's rules: the last of a scalar field wins, resource, scope and status given
// twice merge, unknown fields and known fields of another wire type are skipped, groups are
// refused, enum numbers stay as they came. Strings are not checked for UTF-8 and ids not for
// their length: that is admission's.
//
// Field numbers: opentelemetry-proto 1.11, collector/trace/v1, trace/v1, resource/v1, common/v1.
#pragma once

#include <string_view>

#include "base/status.h"
#include "wire/decoded_request.h"

namespace spoor::wire {

// Fills `request`, whose old content is forgotten and whose memory is used again. The views point
// into `bytes`, which the caller keeps. InvalidArgument with the byte offset for malformed
// protobuf, ResourceExhausted for more spans or memory than the limits; then `request` is empty.
Status decode_otlp(std::string_view bytes, const DecodeLimits& limits, DecodedRequest& request);

Result<DecodedRequest> decode_otlp(std::string_view bytes, const DecodeLimits& limits = {});

}  // namespace spoor::wire
