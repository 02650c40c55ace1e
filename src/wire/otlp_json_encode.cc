#include "wire/otlp_json_encode.h"

#include "wire/span_json.h"

namespace spoor::wire {

std::string encode_otlp_json(const SpanBatch& batch) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("resourceSpans");
  write_resource_spans(json, batch, kOtlpJsonStyle);
  json.end_object();
  return out;
}

}  // namespace spoor::wire
