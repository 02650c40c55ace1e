#include "wire/tempo_search.h"

#include <algorithm>
#include <array>

#include "wire/span_json.h"
#include "wire/tempo_json.h"

namespace spoor::wire {
namespace {

constexpr std::string_view kNoRootService = "<root span not yet received>";

void write_attributes_unless_empty(JsonWriter& json, Attributes attributes) {
  if (attributes.empty()) return;
  json.key("attributes");
  write_attributes(json, attributes);
}

void write_span(JsonWriter& json, const TempoSpan& span) {
  json.begin_object();
  json.key("spanID"), json.plain_string(to_hex(span.id));
  write_text_unless_empty(json, "name", span.name);
  write_decimal_unless_zero(json, "startTimeUnixNano", span.start.value);
  write_decimal_unless_zero(json, "durationNanos", span.duration_nanos);
  write_attributes_unless_empty(json, span.attributes);
  json.end_object();
}

void write_spanset(JsonWriter& json, const TempoSpanset& spanset) {
  json.begin_object();
  if (!spanset.spans.empty()) write_list(json, "spans", spanset.spans, write_span);
  write_number_unless_zero(json, "matched", spanset.matched);
  write_attributes_unless_empty(json, spanset.attributes);
  json.end_object();
}

// A map, whose values are objects also where they say nothing.
void write_services(JsonWriter& json, std::span<const TempoService> services) {
  json.key("serviceStats");
  json.begin_object();
  for (const TempoService& service : services) {
    json.key(service.name);
    json.begin_object();
    write_number_unless_zero(json, "spanCount", service.span_count);
    write_number_unless_zero(json, "errorCount", service.error_count);
    json.end_object();
  }
  json.end_object();
}

void write_trace(JsonWriter& json, const TempoTrace& trace) {
  json.begin_object();
  json.key("traceID"), json.plain_string(to_hex(trace.id));
  write_text_unless_empty(json, "rootServiceName", trace.shown_root_service());
  write_text_unless_empty(json, "rootTraceName", trace.root_name);
  write_decimal_unless_zero(json, "startTimeUnixNano", trace.start.value);
  write_number_unless_zero(json, "durationMs", trace.duration_millis());
  if (!trace.spansets.empty()) {
    json.key("spanSet");
    write_spanset(json, trace.spansets.front());
    write_list(json, "spanSets", trace.spansets, write_spanset);
  }
  if (!trace.services.empty()) write_services(json, trace.services);
  json.end_object();
}

void write_no_metrics(JsonWriter& json) {
  json.key("metrics");
  json.begin_object();
  json.end_object();
}

// An object with one list and what a completion says of its work: nothing.
template <typename Items, typename Function>
std::string encode_completion(JsonWriter::Key key, const Items& items, Function write) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_list(json, key, items, write);
  write_no_metrics(json);
  json.end_object();
  return out;
}

void write_name(JsonWriter& json, const std::string& name) {
  json.string(name);
}

}  // namespace

std::string_view TempoTrace::shown_root_service() const {
  return has_root ? root_service : kNoRootService;
}

uint32_t TempoTrace::duration_millis() const {
  return static_cast<uint32_t>(std::min<uint64_t>(duration_nanos / kNanosPerMilli, UINT32_MAX));
}

std::string_view name_of(TempoValueType type) {
  constexpr std::array<std::string_view, 6> kNames = {"string", "int",      "float",
                                                      "bool",   "duration", "keyword"};
  return kNames[static_cast<size_t>(type)];
}

std::string encode_tempo_search(std::span<const TempoTrace> traces,
                                const TempoSearchMetrics& metrics) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_list(json, "traces", traces, write_trace);
  write_search_metrics(json, metrics);
  json.end_object();
  return out;
}

std::string encode_tempo_tags_v1(std::span<const std::string> names) {
  return encode_completion("tagNames", names, write_name);
}

std::string encode_tempo_tags_v2(std::span<const TempoTagScope> scopes) {
  return encode_completion("scopes", scopes, [](JsonWriter& json, const TempoTagScope& scope) {
    json.begin_object();
    write_text_unless_empty(json, "name", scope.name);
    write_list(json, "tags", scope.tags, write_name);
    json.end_object();
  });
}

std::string encode_tempo_tag_values_v1(std::span<const TempoTagValue> values) {
  return encode_completion("tagValues", values, [](JsonWriter& json, const TempoTagValue& value) {
    json.string(value.text);
  });
}

std::string encode_tempo_tag_values_v2(std::span<const TempoTagValue> values) {
  return encode_completion("tagValues", values, [](JsonWriter& json, const TempoTagValue& value) {
    json.begin_object();
    json.key("type"), json.plain_string(name_of(value.type));
    json.key("value"), json.string(value.text);
    json.end_object();
  });
}

std::string encode_tempo_build_info(std::string_view version, std::string_view revision) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("version"), json.string(version);
  json.key("revision"), json.string(revision);
  json.key("branch"), json.string("");
  json.key("buildDate"), json.string("");
  json.key("buildUser"), json.string("");
  json.key("goVersion"), json.string("");
  json.end_object();
  return out;
}

}  // namespace spoor::wire
