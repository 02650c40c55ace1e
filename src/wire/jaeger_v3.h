// The bodies of Jaeger's HTTP API /api/v3, in protobuf's JSON mapping: 64-bit integers as
// decimal strings, zero values left out.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/span.h"
#include "wire/jaeger_json.h"

namespace spoor::wire {

// {"result":{"resourceSpans":[...]}}, OTLP JSON inside.
std::string encode_jaeger_v3_traces(const SpanBatch& batch);

// The same of several batches, one after the other:
//
//   JaegerV3Traces traces(out);
//   for (...) write_jaeger_v3_trace(traces.json(), batch);
//   traces.finish();
class JaegerV3Traces {
 public:
  explicit JaegerV3Traces(std::string& out);
  JsonWriter& json() { return json_; }
  void finish();

 private:
  JsonWriter json_;
};

// The elements of `resourceSpans` for a batch.
void write_jaeger_v3_trace(JsonWriter& json, const SpanBatch& batch);

// {"error":{"httpCode":400,"message":"..."}}
std::string encode_jaeger_v3_error(int http_code, std::string_view message);

// The body of the 404 for a trace or a search without result, word for word Jaeger's.
std::string encode_jaeger_v3_not_found();

// {"services":[...]} and {"operations":[{"name","spanKind"}]}; the arrays are there also when
// they are empty, and a kind that is empty is "internal".
std::string encode_jaeger_v3_services(std::span<const std::string> services);
std::string encode_jaeger_v3_operations(std::span<const JaegerOperation> operations);

// {"dependencies":[{"parent","child","callCount"}]}
std::string encode_jaeger_v3_dependencies(std::span<const JaegerDependency> dependencies);

// One trace of a list. Views point to whoever worked it out.
struct JaegerSummary {
  TraceId id;
  std::string_view root_service;
  std::string_view root_name;
  UnixNanos start;
  UnixNanos end;
  uint64_t span_count = 0;
  uint64_t error_count = 0;
  uint64_t orphan_count = 0;
  struct Service {
    std::string_view name;
    uint64_t span_count = 0;
    uint64_t error_count = 0;
  };
  std::vector<Service> services;  // by name
};

// {"summaries":[...]}, or {} if there are none.
std::string encode_jaeger_v3_summaries(std::span<const JaegerSummary> summaries);

}  // namespace spoor::wire
