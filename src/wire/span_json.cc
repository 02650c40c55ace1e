#include "wire/span_json.h"

#include <cmath>

#include "base/bytes.h"
#include "wire/otlp_names.h"
#include "wire/span_groups.h"

namespace spoor::wire {
namespace {

class SpanJson {
 public:
  SpanJson(JsonWriter& json, SpanJsonStyle style) : json_(json), style_(style) {}

  void resource_spans(const SpanBatch& batch, const ResourceGroup& group);
  void key_value(const KeyValue& attribute);

 private:
  void resource(const Resource& resource);
  void entity_ref(const EntityRef& entity);
  void scope_spans(const SpanBatch& batch, const ScopeGroup& group);
  void scope(const Scope& scope);
  void span(const Span& span);
  void event(const Event& event);
  void link(const Link& link);
  void status(const SpanStatus& status);
  void attributes(Attributes attributes);
  void value(const Value& value);
  void double_value(double number);

  // Fields, left out when they say nothing.
  void text(JsonWriter::Key key, std::string_view value);
  void id(JsonWriter::Key key, std::string_view bytes);
  void count(JsonWriter::Key key, uint32_t value);
  void time(JsonWriter::Key key, UnixNanos time);
  void texts(JsonWriter::Key key, std::span<const std::string_view> values);
  template <size_t N>
  void enumeration(JsonWriter::Key key, uint32_t value,
                   const std::array<std::string_view, N>& names);
  template <typename Items, typename Function>
  void list(JsonWriter::Key key, const Items& items, Function write);

  JsonWriter& json_;
  SpanJsonStyle style_;
};

template <typename Items, typename Function>
void SpanJson::list(JsonWriter::Key key, const Items& items, Function write) {
  if (std::empty(items)) return;
  json_.key(key);
  json_.begin_array();
  for (const auto& item : items) write(item);
  json_.end_array();
}

void SpanJson::text(JsonWriter::Key key, std::string_view value) {
  if (value.empty()) return;
  json_.key(key);
  json_.string(value);
}

void SpanJson::id(JsonWriter::Key key, std::string_view bytes) {
  if (bytes.empty()) return;
  json_.key(key);
  json_.plain_string(style_.ids == JsonIds::Hex ? to_hex(bytes) : to_base64(bytes));
}

void SpanJson::count(JsonWriter::Key key, uint32_t value) {
  if (value == 0) return;
  json_.key(key);
  json_.number_unsigned(value);
}

void SpanJson::time(JsonWriter::Key key, UnixNanos time) {
  if (time.value == 0) return;
  json_.key(key);
  json_.decimal_string_unsigned(time.value);
}

void SpanJson::texts(JsonWriter::Key key, std::span<const std::string_view> values) {
  list(key, values, [this](std::string_view value) { json_.string(value); });
}

template <size_t N>
void SpanJson::enumeration(JsonWriter::Key key, uint32_t value,
                           const std::array<std::string_view, N>& names) {
  if (value == 0) return;
  json_.key(key);
  if (style_.enums == JsonEnums::Names && value < N) {
    json_.plain_string(names[value]);
  } else {
    json_.number(static_cast<int64_t>(static_cast<int32_t>(value)));
  }
}

void SpanJson::resource_spans(const SpanBatch& batch, const ResourceGroup& group) {
  const Resource& it = batch.resources[group.resource];
  json_.begin_object();
  if (it.present) resource(it);
  list("scopeSpans", group.scopes, [&](const ScopeGroup& scope) { scope_spans(batch, scope); });
  text("schemaUrl", it.schema_url);
  json_.end_object();
}

void SpanJson::resource(const Resource& resource) {
  json_.key("resource");
  json_.begin_object();
  attributes(resource.attributes);
  count("droppedAttributesCount", resource.dropped_attributes_count);
  list("entityRefs", resource.entity_refs, [this](const EntityRef& it) { entity_ref(it); });
  json_.end_object();
}

void SpanJson::entity_ref(const EntityRef& entity) {
  json_.begin_object();
  text("schemaUrl", entity.schema_url);
  text("type", entity.type);
  texts("idKeys", entity.id_keys);
  texts("descriptionKeys", entity.description_keys);
  json_.end_object();
}

void SpanJson::scope_spans(const SpanBatch& batch, const ScopeGroup& group) {
  const Scope& it = batch.scopes[group.scope];
  json_.begin_object();
  if (it.present) scope(it);
  list("spans", group.spans, [&](uint32_t index) { span(batch.spans[index]); });
  text("schemaUrl", it.schema_url);
  json_.end_object();
}

void SpanJson::scope(const Scope& scope) {
  json_.key("scope");
  json_.begin_object();
  text("name", scope.name);
  text("version", scope.version);
  attributes(scope.attributes);
  count("droppedAttributesCount", scope.dropped_attributes_count);
  json_.end_object();
}

void SpanJson::span(const Span& span) {
  json_.begin_object();
  id("traceId", span.trace_id);
  id("spanId", span.span_id);
  text("traceState", span.trace_state);
  id("parentSpanId", span.parent_span_id);
  count("flags", span.flags);
  text("name", span.name);
  enumeration("kind", span.kind, kSpanKindNames);
  time("startTimeUnixNano", span.start);
  time("endTimeUnixNano", span.end);
  attributes(span.attributes);
  count("droppedAttributesCount", span.dropped_attributes_count);
  list("events", span.events, [this](const Event& it) { event(it); });
  count("droppedEventsCount", span.dropped_events_count);
  list("links", span.links, [this](const Link& it) { link(it); });
  count("droppedLinksCount", span.dropped_links_count);
  if (span.status.present) status(span.status);
  json_.end_object();
}

void SpanJson::event(const Event& event) {
  json_.begin_object();
  time("timeUnixNano", event.time);
  text("name", event.name);
  attributes(event.attributes);
  count("droppedAttributesCount", event.dropped_attributes_count);
  json_.end_object();
}

void SpanJson::link(const Link& link) {
  json_.begin_object();
  id("traceId", link.trace_id);
  id("spanId", link.span_id);
  text("traceState", link.trace_state);
  attributes(link.attributes);
  count("droppedAttributesCount", link.dropped_attributes_count);
  count("flags", link.flags);
  json_.end_object();
}

void SpanJson::status(const SpanStatus& status) {
  json_.key("status");
  json_.begin_object();
  text("message", status.message);
  enumeration("code", status.code, kStatusCodeNames);
  json_.end_object();
}

void SpanJson::attributes(Attributes attributes) {
  list("attributes", attributes, [this](const KeyValue& it) { key_value(it); });
}

void SpanJson::key_value(const KeyValue& attribute) {
  json_.begin_object();
  text("key", attribute.key);
  if (attribute.value.type() != ValueType::Absent) {
    json_.key("value");
    value(attribute.value);
  }
  json_.end_object();
}

// JSON readers may take -0 for an integer, which has no sign; -0.0 keeps it.
void SpanJson::double_value(double number) {
  if (number == 0 && std::signbit(number)) return json_.raw("-0.0");
  json_.number(number);
}

void SpanJson::value(const Value& value) {
  json_.begin_object();
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      break;
    case ValueType::String:
      json_.key("stringValue");
      json_.string(value.as_string());
      break;
    case ValueType::Bool:
      json_.key("boolValue");
      json_.boolean(value.as_bool());
      break;
    case ValueType::Int:
      json_.key("intValue");
      json_.decimal_string(value.as_int());
      break;
    case ValueType::Double:
      json_.key("doubleValue");
      double_value(value.as_double());
      break;
    case ValueType::Bytes:
      json_.key("bytesValue");
      json_.plain_string(to_base64(value.as_string()));
      break;
    case ValueType::Array:
      json_.key("arrayValue");
      json_.begin_object();
      list("values", value.as_array(), [this](const Value& it) { this->value(it); });
      json_.end_object();
      break;
    case ValueType::KeyValueList:
      json_.key("kvlistValue");
      json_.begin_object();
      list("values", value.as_list(), [this](const KeyValue& it) { key_value(it); });
      json_.end_object();
      break;
  }
  json_.end_object();
}

}  // namespace

void write_resource_spans_elements(JsonWriter& json, const SpanBatch& batch, SpanJsonStyle style) {
  SpanJson writer(json, style);
  for (const ResourceGroup& group : group_spans(batch)) writer.resource_spans(batch, group);
}

void write_resource_spans(JsonWriter& json, const SpanBatch& batch, SpanJsonStyle style) {
  json.begin_array();
  write_resource_spans_elements(json, batch, style);
  json.end_array();
}

void write_attributes(JsonWriter& json, Attributes attributes) {
  SpanJson writer(json, kOtlpJsonStyle);
  json.begin_array();
  for (const KeyValue& attribute : attributes) writer.key_value(attribute);
  json.end_array();
}

}  // namespace spoor::wire
