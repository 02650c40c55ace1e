#include "wire/jaeger_v3.h"

#include "wire/span_json.h"

namespace spoor::wire {

std::string encode_jaeger_v3_traces(const SpanBatch& batch) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("result");
  json.begin_object();
  json.key("resourceSpans");
  write_resource_spans(json, batch, kOtlpJsonStyle);
  json.end_object();
  json.end_object();
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

}  // namespace spoor::wire
