#include "wire/jaeger_v3.h"

#include "wire/json_members.h"
#include "wire/span_json.h"

namespace spoor::wire {
namespace {

void write_summary(JsonWriter& json, const JaegerSummary& summary) {
  json.begin_object();
  json.key("traceId"), json.plain_string(to_hex(summary.id));
  write_text_unless_empty(json, "rootServiceName", summary.root_service);
  write_text_unless_empty(json, "rootOperationName", summary.root_name);
  write_decimal_unless_zero(json, "minStartTimeUnixNano", summary.start.value);
  write_decimal_unless_zero(json, "maxEndTimeUnixNano", summary.end.value);
  write_number_unless_zero(json, "spanCount", summary.span_count);
  write_number_unless_zero(json, "errorSpanCount", summary.error_count);
  write_number_unless_zero(json, "orphanSpanCount", summary.orphan_count);
  if (!summary.services.empty()) {
    json.key("services");
    json.begin_array();
    for (const JaegerSummary::Service& service : summary.services) {
      json.begin_object();
      write_text_unless_empty(json, "name", service.name);
      write_number_unless_zero(json, "spanCount", service.span_count);
      write_number_unless_zero(json, "errorSpanCount", service.error_count);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

// An object with one array.
template <typename Items, typename Function>
std::string encode_list(JsonWriter::Key key, const Items& items, Function write) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key(key);
  json.begin_array();
  for (const auto& item : items) write(json, item);
  json.end_array();
  json.end_object();
  return out;
}

}  // namespace

JaegerV3Traces::JaegerV3Traces(std::string& out) : json_(out) {
  json_.begin_object();
  json_.key("result");
  json_.begin_object();
  json_.key("resourceSpans");
  json_.begin_array();
}

void write_jaeger_v3_trace(JsonWriter& json, const SpanBatch& batch) {
  write_resource_spans_elements(json, batch, kOtlpJsonStyle);
}

void JaegerV3Traces::finish() {
  json_.end_array();
  json_.end_object();
  json_.end_object();
}

std::string encode_jaeger_v3_traces(const SpanBatch& batch) {
  std::string out;
  JaegerV3Traces traces(out);
  write_jaeger_v3_trace(traces.json(), batch);
  traces.finish();
  return out;
}

std::string encode_jaeger_v3_error(int http_code, std::string_view message) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("error");
  json.begin_object();
  json.key("httpCode");
  json.number(static_cast<int64_t>(http_code));
  json.key("message");
  json.string(message);
  json.end_object();
  json.end_object();
  return out;
}

std::string encode_jaeger_v3_not_found() {
  return encode_jaeger_v3_error(404, "No traces found");
}

std::string encode_jaeger_v3_services(std::span<const std::string> services) {
  return encode_list("services", services,
                     [](JsonWriter& json, const std::string& name) { json.string(name); });
}

std::string encode_jaeger_v3_operations(std::span<const JaegerOperation> operations) {
  return encode_list("operations", operations,
                     [](JsonWriter& json, const JaegerOperation& operation) {
                       json.begin_object();
                       write_text_unless_empty(json, "name", operation.name);
                       write_text_unless_empty(
                           json, "spanKind", operation.kind.empty() ? "internal" : operation.kind);
                       json.end_object();
                     });
}

std::string encode_jaeger_v3_dependencies(std::span<const JaegerDependency> dependencies) {
  return encode_list("dependencies", dependencies,
                     [](JsonWriter& json, const JaegerDependency& dependency) {
                       json.begin_object();
                       write_text_unless_empty(json, "parent", dependency.parent);
                       write_text_unless_empty(json, "child", dependency.child);
                       if (dependency.calls != 0) {
                         json.key("callCount"), json.decimal_string_unsigned(dependency.calls);
                       }
                       json.end_object();
                     });
}

std::string encode_jaeger_v3_summaries(std::span<const JaegerSummary> summaries) {
  if (summaries.empty()) return "{}";
  return encode_list("summaries", summaries, write_summary);
}

}  // namespace spoor::wire
