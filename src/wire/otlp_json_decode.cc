#include "wire/otlp_json_decode.h"

#include "base/bytes.h"
#include "wire/batch_builder.h"
#include "wire/json_fields.h"
#include "wire/otlp_names.h"

namespace spoor::wire {
namespace {

constexpr JsonName kAttributes = {"attributes", "attributes"};
constexpr JsonName kDroppedAttributes = {"droppedAttributesCount", "dropped_attributes_count"};
constexpr JsonName kSchemaUrl = {"schemaUrl", "schema_url"};

// Each read_* takes the element of one message and returns false when the request must be given
// up; why, failure() tells.
class OtlpJsonDecoder {
 public:
  OtlpJsonDecoder(const DecodeLimits& limits, DecodedRequest& request)
      : builder_(limits, request) {}

  Status decode(std::string_view json);

 private:
  using Element = JsonElement;

  bool read_request(Element element);
  bool read_resource_spans(Element element);
  bool read_resource(const JsonField& field, Resource& resource);
  bool read_entity_refs(const JsonField& field, std::span<const EntityRef>& target);
  bool read_strings(const JsonField& field, std::span<const std::string_view>& target);
  bool read_scope_spans(Element element, uint32_t resource);
  bool read_scope(const JsonField& field, Scope& scope);
  bool read_span(Element element, uint32_t resource, uint32_t scope);
  bool read_events(const JsonField& field, std::span<const Event>& target);
  bool read_event(Element element);
  bool read_links(const JsonField& field, std::span<const Link>& target);
  bool read_link(Element element);
  bool read_status(const JsonField& field, SpanStatus& status);
  bool read_attributes(const JsonField& field, Attributes& target);
  bool read_key_value(Element element, uint32_t depth, KeyValue& attribute);
  bool read_value(Element element, uint32_t depth, Value& value);
  bool read_array(const JsonField& field, uint32_t depth, Value& value);
  bool read_list(const JsonField& field, uint32_t depth, Value& value);
  bool enter_values(const JsonField& field, JsonField& values);

  bool read_text(const JsonField& field, std::string_view& target);
  bool read_id(const JsonField& field, size_t size, std::string_view& target);
  bool read_base64(const JsonField& field, std::string_view& target);
  bool keep(std::string_view text, std::string_view& target);

  Status failure() {
    return in_.has_error() ? builder_.fail(in_.error()) : builder_.limit_passed();
  }

  BatchBuilder builder_;
  JsonReader in_;
  std::string decoded_;  // of the id or base64 text at hand
};

Status OtlpJsonDecoder::decode(std::string_view json) {
  simdjson::dom::parser parser;
  Element root;
  Status parsed = parse_json(json, builder_.limits().json_depth, parser, root);
  if (!parsed.ok()) return builder_.fail(parsed);
  if (!read_request(root)) return failure();
  return builder_.finish();
}

bool OtlpJsonDecoder::read_request(Element element) {
  static constexpr std::array<JsonName, 1> kNames = {{{"resourceSpans", "resource_spans"}}};
  JsonFields<1> fields;
  if (!in_.object(element, kNames, fields)) return false;
  return in_.each(fields[0], [this](Element entry) { return read_resource_spans(entry); });
}

bool OtlpJsonDecoder::read_resource_spans(Element element) {
  enum { kResource, kScopeSpans, kUrl };
  static constexpr std::array<JsonName, 3> kNames = {
      {{"resource", "resource"}, {"scopeSpans", "scope_spans"}, kSchemaUrl}};
  JsonFields<3> fields;
  if (!in_.object(element, kNames, fields)) return false;
  SpanBatch& batch = builder_.batch();
  size_t first_span = batch.spans.size();
  auto index = static_cast<uint32_t>(batch.resources.size());
  Resource* resource = builder_.add_resource();
  if (resource == nullptr) return false;
  if (!read_resource(fields[kResource], *resource)) return false;
  if (!read_text(fields[kUrl], resource->schema_url)) return false;
  auto defect = builder_.take_defect();
  bool read =
      in_.each(fields[kScopeSpans], [&](Element entry) { return read_scope_spans(entry, index); });
  builder_.mark_spans(first_span, defect);
  return read;
}

bool OtlpJsonDecoder::read_resource(const JsonField& field, Resource& resource) {
  if (!field.present) return true;
  enum { kList, kDropped, kEntityRefs };
  static constexpr std::array<JsonName, 3> kNames = {
      {kAttributes, kDroppedAttributes, {"entityRefs", "entity_refs"}}};
  JsonFields<3> fields;
  resource.present = true;
  bool read = in_.object(field.value, kNames, fields) &&
              read_attributes(fields[kList], resource.attributes) &&
              in_.uint32(fields[kDropped], resource.dropped_attributes_count) &&
              read_entity_refs(fields[kEntityRefs], resource.entity_refs);
  return read || in_.within(field.name);
}

bool OtlpJsonDecoder::read_entity_refs(const JsonField& field, std::span<const EntityRef>& target) {
  enum { kUrl, kType, kIdKeys, kDescriptionKeys };
  static constexpr std::array<JsonName, 4> kNames = {{kSchemaUrl,
                                                      {"type", "type"},
                                                      {"idKeys", "id_keys"},
                                                      {"descriptionKeys", "description_keys"}}};
  size_t mark = builder_.entity_refs().mark();
  bool read = in_.each(field, [this](Element element) {
    JsonFields<4> fields;
    EntityRef entity;
    bool good = builder_.charge(sizeof(EntityRef)) && in_.object(element, kNames, fields) &&
                read_text(fields[kUrl], entity.schema_url) &&
                read_text(fields[kType], entity.type) &&
                read_strings(fields[kIdKeys], entity.id_keys) &&
                read_strings(fields[kDescriptionKeys], entity.description_keys);
    builder_.entity_refs().push() = entity;
    return good;
  });
  target = builder_.take(builder_.entity_refs(), mark);
  return read;
}

bool OtlpJsonDecoder::read_strings(const JsonField& field,
                                   std::span<const std::string_view>& target) {
  std::vector<std::string_view> texts;
  bool read = in_.each(field, [&](Element element) {
    JsonField entry{{}, element, true};
    std::string_view text;
    if (!in_.text(entry, text)) return false;
    return builder_.charge(sizeof(text)) && keep(text, texts.emplace_back());
  });
  target = builder_.batch().arena.copy(std::span<const std::string_view>(texts));
  return read;
}

bool OtlpJsonDecoder::read_scope_spans(Element element, uint32_t resource) {
  enum { kScope, kSpans, kUrl };
  static constexpr std::array<JsonName, 3> kNames = {
      {{"scope", "scope"}, {"spans", "spans"}, kSchemaUrl}};
  JsonFields<3> fields;
  if (!in_.object(element, kNames, fields)) return false;
  SpanBatch& batch = builder_.batch();
  size_t first_span = batch.spans.size();
  auto index = static_cast<uint32_t>(batch.scopes.size());
  Scope* scope = builder_.add_scope();
  if (scope == nullptr) return false;
  if (!read_scope(fields[kScope], *scope)) return false;
  if (!read_text(fields[kUrl], scope->schema_url)) return false;
  auto defect = builder_.take_defect();
  bool read =
      in_.each(fields[kSpans], [&](Element entry) { return read_span(entry, resource, index); });
  builder_.mark_spans(first_span, defect);
  return read;
}

bool OtlpJsonDecoder::read_scope(const JsonField& field, Scope& scope) {
  if (!field.present) return true;
  enum { kName, kVersion, kList, kDropped };
  static constexpr std::array<JsonName, 4> kNames = {
      {{"name", "name"}, {"version", "version"}, kAttributes, kDroppedAttributes}};
  JsonFields<4> fields;
  scope.present = true;
  bool read = in_.object(field.value, kNames, fields) && read_text(fields[kName], scope.name) &&
              read_text(fields[kVersion], scope.version) &&
              read_attributes(fields[kList], scope.attributes) &&
              in_.uint32(fields[kDropped], scope.dropped_attributes_count);
  return read || in_.within(field.name);
}

bool OtlpJsonDecoder::read_span(Element element, uint32_t resource, uint32_t scope) {
  enum {
    kTraceId,
    kSpanId,
    kTraceState,
    kParentSpanId,
    kName,
    kKind,
    kStart,
    kEnd,
    kList,
    kDropped,
    kEvents,
    kDroppedEvents,
    kLinks,
    kDroppedLinks,
    kStatus,
    kFlags,
    kCount
  };
  static constexpr std::array<JsonName, kCount> kNames = {{
      {"traceId", "trace_id"},
      {"spanId", "span_id"},
      {"traceState", "trace_state"},
      {"parentSpanId", "parent_span_id"},
      {"name", "name"},
      {"kind", "kind"},
      {"startTimeUnixNano", "start_time_unix_nano"},
      {"endTimeUnixNano", "end_time_unix_nano"},
      kAttributes,
      kDroppedAttributes,
      {"events", "events"},
      {"droppedEventsCount", "dropped_events_count"},
      {"links", "links"},
      {"droppedLinksCount", "dropped_links_count"},
      {"status", "status"},
      {"flags", "flags"},
  }};
  JsonFields<kCount> fields;
  if (!in_.object(element, kNames, fields)) return false;
  Span* added = builder_.add_span();
  if (added == nullptr) return false;
  Span& span = *added;
  span.resource = resource;
  span.scope = scope;
  bool read = read_id(fields[kTraceId], TraceId::kSize, span.trace_id) &&
              read_id(fields[kSpanId], SpanId::kSize, span.span_id) &&
              read_text(fields[kTraceState], span.trace_state) &&
              read_id(fields[kParentSpanId], SpanId::kSize, span.parent_span_id) &&
              read_text(fields[kName], span.name) &&
              in_.enumeration(fields[kKind], kSpanKindNames, span.kind) &&
              in_.uint64(fields[kStart], span.start.value) &&
              in_.uint64(fields[kEnd], span.end.value) &&
              read_attributes(fields[kList], span.attributes) &&
              in_.uint32(fields[kDropped], span.dropped_attributes_count) &&
              read_events(fields[kEvents], span.events) &&
              in_.uint32(fields[kDroppedEvents], span.dropped_events_count) &&
              read_links(fields[kLinks], span.links) &&
              in_.uint32(fields[kDroppedLinks], span.dropped_links_count) &&
              read_status(fields[kStatus], span.status) && in_.uint32(fields[kFlags], span.flags);
  builder_.mark_spans(builder_.batch().spans.size() - 1, builder_.take_defect());
  return read;
}

bool OtlpJsonDecoder::read_events(const JsonField& field, std::span<const Event>& target) {
  size_t mark = builder_.events().mark();
  bool read = in_.each(field, [this, mark](Element entry) {
    if (builder_.events().mark() - mark >= builder_.limits().events_per_span) {
      builder_.note_defect(DefectReason::Events);
      return true;
    }
    return read_event(entry);
  });
  target = builder_.take(builder_.events(), mark);
  return read;
}

bool OtlpJsonDecoder::read_event(Element element) {
  enum { kTime, kName, kList, kDropped };
  static constexpr std::array<JsonName, 4> kNames = {
      {{"timeUnixNano", "time_unix_nano"}, {"name", "name"}, kAttributes, kDroppedAttributes}};
  JsonFields<4> fields;
  Event event;
  bool read = builder_.charge(sizeof(Event)) && in_.object(element, kNames, fields) &&
              in_.uint64(fields[kTime], event.time.value) && read_text(fields[kName], event.name) &&
              read_attributes(fields[kList], event.attributes) &&
              in_.uint32(fields[kDropped], event.dropped_attributes_count);
  builder_.events().push() = event;
  return read;
}

bool OtlpJsonDecoder::read_links(const JsonField& field, std::span<const Link>& target) {
  size_t mark = builder_.links().mark();
  bool read = in_.each(field, [this, mark](Element entry) {
    if (builder_.links().mark() - mark >= builder_.limits().links_per_span) {
      builder_.note_defect(DefectReason::Links);
      return true;
    }
    return read_link(entry);
  });
  target = builder_.take(builder_.links(), mark);
  return read;
}

bool OtlpJsonDecoder::read_link(Element element) {
  enum { kTraceId, kSpanId, kTraceState, kList, kDropped, kFlags };
  static constexpr std::array<JsonName, 6> kNames = {{{"traceId", "trace_id"},
                                                      {"spanId", "span_id"},
                                                      {"traceState", "trace_state"},
                                                      kAttributes,
                                                      kDroppedAttributes,
                                                      {"flags", "flags"}}};
  JsonFields<6> fields;
  Link link;
  bool read = builder_.charge(sizeof(Link)) && in_.object(element, kNames, fields) &&
              read_id(fields[kTraceId], TraceId::kSize, link.trace_id) &&
              read_id(fields[kSpanId], SpanId::kSize, link.span_id) &&
              read_text(fields[kTraceState], link.trace_state) &&
              read_attributes(fields[kList], link.attributes) &&
              in_.uint32(fields[kDropped], link.dropped_attributes_count) &&
              in_.uint32(fields[kFlags], link.flags);
  builder_.links().push() = link;
  return read;
}

bool OtlpJsonDecoder::read_status(const JsonField& field, SpanStatus& status) {
  if (!field.present) return true;
  enum { kMessage, kCode };
  static constexpr std::array<JsonName, 2> kNames = {{{"message", "message"}, {"code", "code"}}};
  JsonFields<2> fields;
  status.present = true;
  bool read = in_.object(field.value, kNames, fields) &&
              read_text(fields[kMessage], status.message) &&
              in_.enumeration(fields[kCode], kStatusCodeNames, status.code);
  return read || in_.within(field.name);
}

bool OtlpJsonDecoder::read_attributes(const JsonField& field, Attributes& target) {
  size_t mark = builder_.attributes().mark();
  bool read = in_.each(field, [this, mark](Element entry) {
    if (builder_.attributes().mark() - mark >= builder_.limits().attributes) {
      builder_.note_defect(DefectReason::Attributes);
      return true;
    }
    return builder_.charge(sizeof(KeyValue)) &&
           read_key_value(entry, 0, builder_.attributes().push());
  });
  target = builder_.take(builder_.attributes(), mark);
  return read;
}

bool OtlpJsonDecoder::read_key_value(Element element, uint32_t depth, KeyValue& attribute) {
  enum { kKey, kValue };
  static constexpr std::array<JsonName, 2> kNames = {{{"key", "key"}, {"value", "value"}}};
  JsonFields<2> fields;
  if (!in_.object(element, kNames, fields)) return false;
  if (!read_text(fields[kKey], attribute.key)) return false;
  if (!fields[kValue].present) return true;
  return read_value(fields[kValue].value, depth, attribute.value) || in_.within("value");
}

// An object without a known field is an empty value. Of several the last of this list wins.
bool OtlpJsonDecoder::read_value(Element element, uint32_t depth, Value& value) {
  enum { kString, kBool, kInt, kDouble, kArray, kList, kBytes, kCount };
  static constexpr std::array<JsonName, kCount> kNames = {{{"stringValue", "string_value"},
                                                           {"boolValue", "bool_value"},
                                                           {"intValue", "int_value"},
                                                           {"doubleValue", "double_value"},
                                                           {"arrayValue", "array_value"},
                                                           {"kvlistValue", "kvlist_value"},
                                                           {"bytesValue", "bytes_value"}}};
  JsonFields<kCount> fields;
  value = Value::empty();
  if (!in_.object(element, kNames, fields)) return false;
  std::string_view text;
  bool flag = false;
  int64_t integer = 0;
  double number = 0;
  if (JsonReader::is_beyond_int64(fields[kInt])) {
    builder_.note_defect(DefectReason::IntegerRange);
    fields[kInt].present = false;
  }
  if (!read_text(fields[kString], text) || !in_.boolean(fields[kBool], flag) ||
      !in_.int64(fields[kInt], integer) || !in_.number(fields[kDouble], number)) {
    return false;
  }
  if (fields[kString].present) value = Value::of_string(text);
  if (fields[kBool].present) value = Value::of_bool(flag);
  if (fields[kInt].present) value = Value::of_int(integer);
  if (fields[kDouble].present) value = Value::of_double(number);
  if (fields[kArray].present && !read_array(fields[kArray], depth + 1, value)) {
    return in_.within("arrayValue");
  }
  if (fields[kList].present && !read_list(fields[kList], depth + 1, value)) {
    return in_.within("kvlistValue");
  }
  if (fields[kBytes].present) {
    if (!read_base64(fields[kBytes], text)) return false;
    value = Value::of_bytes(text);
  }
  return true;
}

// The `values` of an ArrayValue or KeyValueList.
bool OtlpJsonDecoder::enter_values(const JsonField& field, JsonField& values) {
  static constexpr std::array<JsonName, 1> kNames = {{{"values", "values"}}};
  JsonFields<1> fields;
  if (!in_.object(field.value, kNames, fields)) return false;
  values = fields[0];
  if (values.present && !values.value.is_array()) return in_.wrong(values, "an array");
  return true;
}

size_t entry_count(const JsonField& values) {
  simdjson::dom::array array;
  size_t count = 0;
  if (!values.present || values.value.get(array) != simdjson::SUCCESS) return 0;
  for ([[maybe_unused]] JsonElement entry : array) ++count;
  return count;
}

bool OtlpJsonDecoder::read_array(const JsonField& field, uint32_t depth, Value& value) {
  if (depth > builder_.limits().any_value_depth) {
    builder_.note_defect(DefectReason::ValueDepth);
    return true;
  }
  JsonField values;
  if (!enter_values(field, values)) return false;
  size_t count = entry_count(values);
  Value* entries = nullptr;
  if (!builder_.allocate(count, entries)) return false;
  std::fill_n(entries, count, Value::empty());
  value = Value::of_array({entries, count});
  simdjson::dom::array array;
  if (count == 0 || values.value.get(array) != simdjson::SUCCESS) return true;
  size_t index = 0;
  for (Element entry : array) {  // null is an empty value and keeps its place
    if (!entry.is_null() && !read_value(entry, depth, entries[index])) {
      return in_.within("values", index);
    }
    ++index;
  }
  return true;
}

bool OtlpJsonDecoder::read_list(const JsonField& field, uint32_t depth, Value& value) {
  if (depth > builder_.limits().any_value_depth) {
    builder_.note_defect(DefectReason::ValueDepth);
    return true;
  }
  JsonField values;
  if (!enter_values(field, values)) return false;
  KeyValue* entries = nullptr;
  if (!builder_.allocate(entry_count(values), entries)) return false;
  size_t count = 0;
  bool read = in_.each(values, [&](Element entry) {
    entries[count] = KeyValue();
    return read_key_value(entry, depth, entries[count++]);
  });
  value = Value::of_list({entries, count});
  return read;
}

bool OtlpJsonDecoder::keep(std::string_view text, std::string_view& target) {
  if (!builder_.charge(text.size())) return false;
  target = builder_.batch().arena.copy(text);
  return true;
}

bool OtlpJsonDecoder::read_text(const JsonField& field, std::string_view& target) {
  if (!field.present) return true;
  std::string_view text;
  return in_.text(field, text) && keep(text, target);
}

// Hex of any even length, since the length is judged at admission; or base64 of `size` bytes,
// which some senders write as protobuf's JSON mapping would have it. Padded base64 of 8 or 16
// bytes ends with =, so it is never hex.
bool OtlpJsonDecoder::read_id(const JsonField& field, size_t size, std::string_view& target) {
  if (!field.present) return true;
  std::string_view text;
  if (!in_.text(field, text)) return false;
  decoded_.clear();
  if (append_from_hex(decoded_, text)) return keep(decoded_, target);
  bool is_base64 = append_from_base64(decoded_, text) && decoded_.size() == size;
  if (!is_base64) return in_.wrong(field, "an id in hex");
  return keep(decoded_, target);
}

bool OtlpJsonDecoder::read_base64(const JsonField& field, std::string_view& target) {
  std::string_view text;
  if (!in_.text(field, text)) return false;
  decoded_.clear();
  if (!append_from_base64(decoded_, text)) return in_.wrong(field, "bytes in base64");
  return keep(decoded_, target);
}

}  // namespace

Status decode_otlp_json(std::string_view json, const DecodeLimits& limits,
                        DecodedRequest& request) {
  return OtlpJsonDecoder(limits, request).decode(json);
}

Result<DecodedRequest> decode_otlp_json(std::string_view json, const DecodeLimits& limits) {
  DecodedRequest request;
  SPOOR_TRY(decode_otlp_json(json, limits, request));
  return request;
}

}  // namespace spoor::wire
