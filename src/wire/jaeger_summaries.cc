#include "wire/jaeger_summaries.h"

#include "wire/json_fields.h"

namespace spoor::wire {
namespace {

constexpr uint32_t kJsonDepthMax = 8;

bool read_summary(JsonReader& reader, JsonElement element, ListedTrace& trace) {
  static constexpr std::array<JsonName, 8> kNames = {{
      {"traceId", "trace_id"},
      {"rootServiceName", "root_service_name"},
      {"rootOperationName", "root_operation_name"},
      {"minStartTimeUnixNano", "min_start_time_unix_nano"},
      {"maxEndTimeUnixNano", "max_end_time_unix_nano"},
      {"spanCount", "span_count"},
      {"errorSpanCount", "error_span_count"},
      {"services", "services"},
  }};
  JsonFields<kNames.size()> fields;
  if (!reader.object(element, kNames, fields)) return false;
  std::string_view id, service, name;
  bool read =
      reader.text(fields[0], id) && reader.text(fields[1], service) &&
      reader.text(fields[2], name) && reader.uint64(fields[3], trace.start.value) &&
      reader.uint64(fields[4], trace.end.value) && reader.uint64(fields[5], trace.span_count) &&
      reader.uint64(fields[6], trace.error_count) && reader.each(fields[7], [&](JsonElement) {
        ++trace.service_count;
        return true;
      });
  if (!read) return false;
  Result<TraceId> parsed = parse_trace_id(id);
  if (!parsed.ok()) return reader.wrong(fields[0], "a trace id");
  trace.id = *parsed;
  trace.root_service = service;
  trace.root_name = name;
  return true;
}

}  // namespace

Result<std::vector<ListedTrace>> decode_jaeger_v3_summaries(std::string_view json) {
  simdjson::dom::parser parser;
  JsonElement root;
  SPOOR_TRY(parse_json(json, kJsonDepthMax, parser, root));
  static constexpr std::array<JsonName, 1> kNames = {{{"summaries", "summaries"}}};
  JsonReader reader;
  JsonFields<1> fields;
  std::vector<ListedTrace> traces;
  bool read =
      reader.object(root, kNames, fields) && reader.each(fields[0], [&](JsonElement element) {
        return read_summary(reader, element, traces.emplace_back());
      });
  if (!read) return reader.error();
  return traces;
}

}  // namespace spoor::wire
