// Bodies of Jaeger's legacy HTTP API (/api/...): the JSON that Jaeger UI and Grafana read traces
// from, and the envelope {"data","total","limit","offset","errors"} of all its answers.
//
// A trace is OTLP translated to Jaeger's old model: resources become processes, attributes tags,
// events logs, the parent and the links references; kind, status, trace state and scope become
// tags, and the attributes of scopes and links are lost. Times are in microseconds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/span.h"

namespace spoor::wire {

// What a process is called whose resource has no service.name.
constexpr std::string_view kNoServiceName = "OTLPResourceNoServiceName";

// The span attribute, an array of strings, in which warnings about a span travel.
constexpr std::string_view kJaegerWarningsKey = "@jaeger@warnings";

// 16 hex digits if the upper half of the id is zero or there is none, else 32.
std::string jaeger_trace_id(std::string_view id);

// One element of "data": the trace that these spans of the batch are, in their order.
void write_jaeger_trace(JsonWriter& json, const SpanBatch& batch, std::span<const uint32_t> spans);
// The same of all its spans.
void write_jaeger_trace(JsonWriter& json, const SpanBatch& batch);

struct JaegerError {
  int code = 0;  // left out if 0
  std::string message;
  std::string trace_id;  // left out if empty
};

// The envelope around data that is written in between:
//
//   JaegerEnvelope envelope(out);
//   write_jaeger_trace(envelope.json(), batch);
//   envelope.finish({.errors = errors});
class JaegerEnvelope {
 public:
  explicit JaegerEnvelope(std::string& out);
  JsonWriter& json() { return json_; }

  struct Rest {
    uint64_t total = 0;
    std::span<const JaegerError> errors = {};  // none: null
  };
  void finish(const Rest& rest);

 private:
  JsonWriter json_;
};

// The whole body of a failed request: no data, one error.
std::string encode_jaeger_error(int http_code, std::string_view message);

std::string encode_jaeger_names(std::span<const std::string> names);

struct JaegerOperation {
  std::string name;
  std::string kind;  // "server"; empty if unspecified
};
std::string encode_jaeger_operations(std::span<const JaegerOperation> operations);

struct JaegerDependency {
  std::string parent;
  std::string child;
  uint64_t calls = 0;
};
std::string encode_jaeger_dependencies(std::span<const JaegerDependency> dependencies);

// "client" for 3; empty for unspecified and for numbers without a name.
std::string_view jaeger_kind_name(uint32_t kind);

// The same JSON with a line for each value and four spaces for each level.
std::string indented_json(std::string_view json);

}  // namespace spoor::wire
