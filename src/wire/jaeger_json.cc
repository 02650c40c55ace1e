#include "wire/jaeger_json.h"

#include <array>
#include <numeric>
#include <unordered_map>

#include "base/bytes.h"
#include "model/value_text.h"

namespace spoor::wire {
namespace {

// JavaScript's safe integers; beyond them a number would lose digits in a browser.
constexpr int64_t kSafeInteger = (int64_t{1} << 53) - 1;

constexpr std::array<std::string_view, 6> kKindNames = {"",       "internal", "server",
                                                        "client", "producer", "consumer"};

bool is_zero(std::string_view id) {
  return id.find_first_not_of('\0') == std::string_view::npos;
}

uint64_t duration_nanos(const Span& span) {
  return span.end > span.start ? span.end.value - span.start.value : 0;
}

// The front of a tag's object up to its value. The same few keys come again and again, as views of
// the same bytes: what was written for them is kept.
class TagFronts {
 public:
  std::string_view of(std::string_view key, std::string_view type) {
    size_t number = reinterpret_cast<uintptr_t>(key.data()) >> 3;
    Entry& entry = entries_[(number ^ number >> 8) % entries_.size()];
    if (entry.key.data() != key.data() || entry.key.size() != key.size() || entry.type != type) {
      entry.key = key;
      entry.type = type;
      entry.text.clear();
      JsonWriter json(entry.text);
      json.begin_object();
      json.key("key"), json.string(key);
      json.key("type"), json.plain_string(type);
      json.key("value");
    }
    return entry.text;
  }

 private:
  struct Entry {
    std::string_view key, type;
    std::string text;
  };
  std::array<Entry, 64> entries_;
};

class TraceJson {
 public:
  TraceJson(JsonWriter& json, const SpanBatch& batch) : json_(json), batch_(batch) {}

  void trace(std::span<const uint32_t> spans);

 private:
  void span(const Span& span);
  void tags(const Span& span);
  void status_tags(const Span& span);
  void log(const Event& event);
  void references(const Span& span);
  void reference(bool is_child_of, std::string_view trace_id, std::string_view span_id);
  void warnings(const Span& span);
  void processes();
  const std::string& process_of(uint32_t resource);

  void attributes(Attributes attributes);
  void key_value(std::string_view key, const Value& value);
  void text_tag(std::string_view key, std::string_view value);
  void integer(int64_t value);
  void id(JsonWriter::Key key, std::string_view text);

  JsonWriter& json_;
  const SpanBatch& batch_;
  std::string trace_id_bytes_;
  std::string trace_id_;
  std::vector<uint32_t> process_resources_;                // of p1, p2, ...
  std::unordered_map<uint32_t, std::string> process_ids_;  // by resource
  TagFronts fronts_;
  std::string scratch_;
};

void TraceJson::id(JsonWriter::Key key, std::string_view text) {
  json_.key(key);
  json_.plain_string(text);
}

void TraceJson::integer(int64_t value) {
  if (value > kSafeInteger || value < -kSafeInteger) return json_.decimal_string(value);
  json_.number(value);
}

void TraceJson::text_tag(std::string_view key, std::string_view value) {
  json_.front(fronts_.of(key, "string"));
  json_.string(value);
  json_.end_object();
}

void TraceJson::key_value(std::string_view key, const Value& value) {
  std::string_view type = "string";
  if (value.type() == ValueType::Bool) type = "bool";
  if (value.type() == ValueType::Int) type = "int64";
  if (value.type() == ValueType::Double) type = "float64";
  if (value.type() == ValueType::Bytes) type = "binary";
  json_.front(fronts_.of(key, type));
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      json_.plain_string("");
      break;
    case ValueType::String:
      json_.string(value.as_string());
      break;
    case ValueType::Bool:
      json_.boolean(value.as_bool());
      break;
    case ValueType::Int:
      integer(value.as_int());
      break;
    case ValueType::Double:
      json_.number(value.as_double());
      break;
    case ValueType::Bytes:
      json_.plain_string(to_base64(value.as_string()));
      break;
    case ValueType::Array:
    case ValueType::KeyValueList:
      scratch_.clear();
      append_value_json(scratch_, value);
      json_.string(scratch_);
      break;
  }
  json_.end_object();
}

void TraceJson::attributes(Attributes attributes) {
  for (const KeyValue& attribute : attributes) {
    bool is_warning =
        attribute.key == kJaegerWarningsKey && attribute.value.type() == ValueType::Array;
    if (!is_warning) key_value(attribute.key, attribute.value);
  }
}

// The tags that stand for OTLP's own fields, after the attributes.
void TraceJson::status_tags(const Span& span) {
  if (auto kind = jaeger_kind_name(span.kind); !kind.empty()) text_tag("span.kind", kind);
  if (span.status.code == kStatusOk) text_tag("otel.status_code", "OK");
  if (span.status.code == kStatusError) {
    text_tag("otel.status_code", "ERROR");
    key_value("error", Value::of_bool(true));
  }
  if (!span.status.message.empty()) text_tag("otel.status_description", span.status.message);
  if (!span.trace_state.empty()) text_tag("w3c.tracestate", span.trace_state);
}

void TraceJson::tags(const Span& span) {
  json_.key("tags");
  json_.begin_array();
  const Scope& scope = batch_.scopes[span.scope];
  if (!scope.name.empty()) text_tag("otel.scope.name", scope.name);
  if (!scope.version.empty()) text_tag("otel.scope.version", scope.version);
  attributes(span.attributes);
  status_tags(span);
  json_.end_array();
}

void TraceJson::log(const Event& event) {
  json_.begin_object();
  json_.key("timestamp"), json_.number_unsigned(event.time.value / kNanosPerMicro);
  json_.key("fields");
  json_.begin_array();
  bool has_name = !event.name.empty() && find_attribute(event.attributes, "event") == nullptr;
  if (has_name) text_tag("event", event.name);
  attributes(event.attributes);
  json_.end_array();
  json_.end_object();
}

void TraceJson::reference(bool is_child_of, std::string_view trace_id, std::string_view span_id) {
  json_.begin_object();
  id("refType", is_child_of ? "CHILD_OF" : "FOLLOWS_FROM");
  id("traceID", trace_id == trace_id_bytes_ ? trace_id_ : jaeger_trace_id(trace_id));
  id("spanID", to_hex(span_id));
  json_.end_object();
}

void TraceJson::references(const Span& span) {
  json_.key("references");
  json_.begin_array();
  if (span.has_parent()) reference(true, span.trace_id, span.parent_span_id);
  for (const Link& link : span.links) {
    const Value* type = find_attribute(link.attributes, "opentracing.ref_type");
    bool is_child_of =
        type != nullptr && type->type() == ValueType::String && type->as_string() == "child_of";
    reference(is_child_of, link.trace_id, link.span_id);
  }
  json_.end_array();
}

void TraceJson::warnings(const Span& span) {
  json_.key("warnings");
  const Value* warnings = find_attribute(span.attributes, kJaegerWarningsKey);
  if (warnings == nullptr || warnings->type() != ValueType::Array || warnings->as_array().empty()) {
    return json_.null();
  }
  json_.begin_array();
  for (const Value& warning : warnings->as_array()) {
    if (warning.type() == ValueType::String) json_.string(warning.as_string());
  }
  json_.end_array();
}

// Resources of equal attributes are one process, whatever else they say.
const std::string& TraceJson::process_of(uint32_t resource) {
  auto [found, is_new] = process_ids_.try_emplace(resource);
  if (!is_new) return found->second;
  SPOOR_ASSERT(resource < batch_.resources.size());
  size_t number = 0;
  while (number < process_resources_.size() &&
         !equal(batch_.resources[process_resources_[number]].attributes,
                batch_.resources[resource].attributes)) {
    ++number;
  }
  if (number == process_resources_.size()) process_resources_.push_back(resource);
  found->second = "p" + std::to_string(number + 1);
  return found->second;
}

void TraceJson::span(const Span& span) {
  json_.begin_object();
  id("traceID", trace_id_);
  id("spanID", to_hex(span.span_id));
  json_.key("operationName"), json_.string(span.name);
  references(span);
  json_.key("startTime"), json_.number_unsigned(span.start.value / kNanosPerMicro);
  json_.key("duration"), json_.number_unsigned(duration_nanos(span) / kNanosPerMicro);
  tags(span);
  json_.key("logs");
  json_.begin_array();
  for (const Event& event : span.events) log(event);
  json_.end_array();
  id("processID", process_of(span.resource));
  warnings(span);
  json_.end_object();
}

void TraceJson::processes() {
  json_.key("processes");
  json_.begin_object();
  for (size_t i = 0; i < process_resources_.size(); ++i) {
    const Resource& resource = batch_.resources[process_resources_[i]];
    std::string_view service = resource.service_name();
    json_.key("p" + std::to_string(i + 1));
    json_.begin_object();
    json_.key("serviceName"), json_.string(service.empty() ? kNoServiceName : service);
    json_.key("tags");
    json_.begin_array();
    for (const KeyValue& attribute : resource.attributes) {
      if (attribute.key != "service.name") key_value(attribute.key, attribute.value);
    }
    json_.end_array();
    json_.end_object();
  }
  json_.end_object();
}

void TraceJson::trace(std::span<const uint32_t> spans) {
  SPOOR_ASSERT(!spans.empty());
  trace_id_bytes_ = batch_.spans[spans.front()].trace_id;
  trace_id_ = jaeger_trace_id(trace_id_bytes_);
  json_.begin_object();
  id("traceID", trace_id_);
  json_.key("spans");
  json_.begin_array();
  for (uint32_t index : spans) span(batch_.spans[index]);
  json_.end_array();
  processes();
  json_.key("warnings"), json_.null();
  json_.end_object();
}

}  // namespace

std::string jaeger_trace_id(std::string_view id) {
  constexpr size_t kHalf = TraceId::kSize / 2;
  if (id.empty()) return std::string(2 * kHalf, '0');
  bool is_short = id.size() == TraceId::kSize && is_zero(id.substr(0, kHalf));
  return to_hex(is_short ? id.substr(kHalf) : id);
}

std::string_view jaeger_kind_name(uint32_t kind) {
  return kind < kKindNames.size() ? kKindNames[kind] : std::string_view();
}

void write_jaeger_trace(JsonWriter& json, const SpanBatch& batch, std::span<const uint32_t> spans) {
  TraceJson(json, batch).trace(spans);
}

void write_jaeger_trace(JsonWriter& json, const SpanBatch& batch) {
  std::vector<uint32_t> all(batch.spans.size());
  std::iota(all.begin(), all.end(), 0);
  write_jaeger_trace(json, batch, all);
}

}  // namespace spoor::wire
