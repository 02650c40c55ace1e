#include "wire/tempo.h"

#include "wire/otlp_encode.h"
#include "wire/span_json.h"
#include "wire/tempo_json.h"
#include "wire/tempo_proto.h"

namespace spoor::wire {

std::string encode_tempo_trace_v1_json(const SpanBatch& batch) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("batches");
  write_resource_spans(json, batch, kTempoJsonStyle);
  json.end_object();
  return out;
}

// tempopb.Trace has ResourceSpans in field 1, as ExportTraceServiceRequest has.
std::string encode_tempo_trace_v1(const SpanBatch& batch) {
  return encode_otlp(batch);
}

std::string encode_tempo_trace_v2_json(const SpanBatch& batch, const TempoTraceOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("trace");
  json.begin_object();
  if (!batch.spans.empty()) {
    json.key("resourceSpans");
    write_resource_spans(json, batch, kTempoJsonStyle);
  }
  json.end_object();
  json.key("metrics");
  json.begin_object();
  json.end_object();
  write_outcome(json, outcome);
  json.end_object();
  return out;
}

std::string encode_tempo_trace_v2(const SpanBatch& batch, const TempoTraceOutcome& outcome) {
  constexpr uint32_t kTrace = 1;
  ProtobufWriter out;
  write_outcome(out, outcome);
  out.bytes(kTempoMetricsField, {});
  out.bytes(kTrace, encode_otlp(batch));
  return std::string(out.view());
}

}  // namespace spoor::wire
