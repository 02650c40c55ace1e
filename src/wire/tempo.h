// The bodies of Tempo's trace-by-id endpoints. JSON is as gogo's jsonpb writes it: ids base64,
// enums by name, 64-bit integers as strings, zero values left out. Field numbers: Tempo's
// pkg/tempopb/tempo.proto, messages Trace and TraceByIDResponse.
#pragma once

#include <string>
#include <string_view>

#include "model/span.h"

namespace spoor::wire {

// GET /api/traces/{id}: {"batches":[ResourceSpans...]}, and tempopb.Trace.
std::string encode_tempo_trace_v1_json(const SpanBatch& batch);
std::string encode_tempo_trace_v1(const SpanBatch& batch);

// Whether GET /api/v2/traces/{id} gives the whole trace; numbers are the proto enum's.
enum class TempoTraceStatus : uint32_t { Complete = 0, Partial = 1 };

struct TempoTraceOutcome {
  TempoTraceStatus status = TempoTraceStatus::Complete;
  std::string_view message;
};

// GET /api/v2/traces/{id}: {"trace":{"resourceSpans":[...]},"metrics":{}} and, where they say
// something, "status":"PARTIAL" and "message"; and tempopb.TraceByIDResponse.
std::string encode_tempo_trace_v2_json(const SpanBatch& batch, const TempoTraceOutcome& outcome);
std::string encode_tempo_trace_v2(const SpanBatch& batch, const TempoTraceOutcome& outcome);

}  // namespace spoor::wire
