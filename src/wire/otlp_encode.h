// A SpanBatch to OTLP protobuf: the bytes of ExportTraceServiceRequest, which are also those of
// TracesData and of Tempo's Trace. Decoding them gives the same spans with the same resources and
// scopes; only their order may differ, because spans are grouped.
#pragma once

#include <string>

#include "model/span.h"

namespace spoor::wire {

// One ResourceSpans for each resource index that spans use, in it one ScopeSpans for each scope
// index, both in order of first appearance. Resources and scopes without spans are left out.
std::string encode_otlp(const SpanBatch& batch);

}  // namespace spoor::wire
