#include "store/row.h"

#include "base/assert.h"
#include "store/limits.h"
#include "store/value_codec.h"

namespace spoor::store {

void append_row_value(std::string& target, const Value& value) {
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return;
    case ValueType::String:
    case ValueType::Bytes:
      return append_sized(target, value.as_string());
    case ValueType::Bool:
      return target.push_back(value.as_bool() ? 1 : 0);
    case ValueType::Int:
      return append_varint(target, zigzag_encode(value.as_int()));
    case ValueType::Double:
      return append_le(target, value.as_double());
    case ValueType::Array:
    case ValueType::KeyValueList: {
      std::string bytes;
      encode_value(value, bytes);
      return append_sized(target, bytes);
    }
  }
}

Result<Value> read_row_value(ByteReader& reader, ValueType type, Arena& arena) {
  switch (type) {
    case ValueType::Absent:
      return Value::absent();
    case ValueType::Empty:
      return Value::empty();
    case ValueType::String:
      return Value::of_string(reader.sized());
    case ValueType::Bytes:
      return Value::of_bytes(reader.sized());
    case ValueType::Bool:
      return Value::of_bool(reader.fixed<uint8_t>() != 0);
    case ValueType::Int:
      return Value::of_int(zigzag_decode(reader.varint()));
    case ValueType::Double:
      return Value::of_double(reader.fixed<double>());
    case ValueType::Array:
    case ValueType::KeyValueList: {
      ByteReader nested(reader.sized());
      return decode_value(nested, arena);
    }
  }
  return data_loss("stored value: unknown type");
}

std::string_view skip_row_value(ByteReader& reader, ValueType type) {
  const char* start = reader.position();
  switch (type) {
    case ValueType::Absent:
    case ValueType::Empty:
      break;
    case ValueType::Bool:
      reader.bytes(1);
      break;
    case ValueType::Int:
      reader.varint();
      break;
    case ValueType::Double:
      reader.bytes(8);
      break;
    default:
      reader.sized();
  }
  return {start, static_cast<size_t>(reader.position() - start)};
}

void RowEncoder::integer_field(FieldKind kind, int64_t number) {
  field(kind, ValueType::Int);
  append_varint(values_, zigzag_encode(number));
}

void RowEncoder::string_field(FieldKind kind, ValueType type, std::string_view text) {
  field(kind, type);
  append_sized(values_, text);
}

void RowEncoder::value(const Value& value) {
  append_row_value(values_, value);
}

void RowEncoder::attributes(Attributes attributes) {
  if (attributes.size() > kShapeFieldsMax || shapes_.size() >= kShapesMax) {
    if (attributes.empty()) return;
    std::string bytes;
    encode_attributes(attributes, bytes);
    return string_field(FieldKind::AttributeList, ValueType::Bytes, bytes);
  }
  for (const KeyValue& attribute : attributes) {
    field(FieldKind::Attribute, attribute.value.type(), attribute.key);
    value(attribute.value);
  }
}

void RowEncoder::begin_child(Table table, std::string_view name) {
  Shape shape;
  shape.table = table;
  bool own_name = shapes_.size() < kShapesWithOwnNameMax;
  if (own_name) shape.name = name;
  append_shape_head(key_, shape);
  if (!own_name) string_field(FieldKind::Name, ValueType::String, name);
}

void RowEncoder::end_child() {
  append_varint(span_values_, shapes_.intern(key_));
  span_values_.append(values_);
  key_.clear();
  values_.clear();
}

void RowEncoder::encode(const Span& span, uint32_t service, uint32_t scope) {
  key_.clear();
  values_.clear();
  Shape shape;
  shape.service = service;
  shape.scope = scope;
  shape.kind = span.kind;
  shape.status = span.status.present ? uint64_t{span.status.code} + 1 : kStatusAbsent;
  shape.names_parent = span.parent_span_id.empty() ? 0 : 1;
  bool own_name = shapes_.size() < kShapesWithOwnNameMax;
  if (own_name) shape.name = span.name;
  append_shape_head(key_, shape);
  if (!own_name) string_field(FieldKind::Name, ValueType::String, span.name);
  if (!span.trace_state.empty()) {
    string_field(FieldKind::TraceState, ValueType::String, span.trace_state);
  }
  count_field(FieldKind::Flags, span.flags);
  if (!span.status.message.empty()) {
    string_field(FieldKind::StatusMessage, ValueType::String, span.status.message);
  }
  count_field(FieldKind::DroppedAttributes, span.dropped_attributes_count);
  count_field(FieldKind::DroppedEvents, span.dropped_events_count);
  count_field(FieldKind::DroppedLinks, span.dropped_links_count);
  attributes(span.attributes);
  count_field(FieldKind::EventCount, span.events.size());
  count_field(FieldKind::LinkCount, span.links.size());
  if (span.events.empty() && span.links.empty()) return;

  span_key_.swap(key_);
  span_values_.swap(values_);
  key_.clear();
  values_.clear();
  for (const Event& event : span.events) {
    begin_child(Table::Event, event.name);
    integer_field(FieldKind::Time, static_cast<int64_t>(event.time.value - span.start.value));
    count_field(FieldKind::DroppedAttributes, event.dropped_attributes_count);
    attributes(event.attributes);
    end_child();
  }
  for (const Link& link : span.links) {
    begin_child(Table::Link, {});
    string_field(FieldKind::LinkTraceId, ValueType::Bytes, link.trace_id);
    string_field(FieldKind::LinkSpanId, ValueType::Bytes, link.span_id);
    if (!link.trace_state.empty()) {
      string_field(FieldKind::TraceState, ValueType::String, link.trace_state);
    }
    count_field(FieldKind::Flags, link.flags);
    count_field(FieldKind::DroppedAttributes, link.dropped_attributes_count);
    attributes(link.attributes);
    end_child();
  }
  span_key_.swap(key_);
  span_values_.swap(values_);
}

Result<Value> RowSource::next(const Shape& shape, size_t field_index, Arena& arena) {
  return read_row_value(reader_, shape.fields[field_index].type, arena);
}

Result<const Shape*> RowSource::next_child(Table table) {
  const Shape& shape = shapes_[static_cast<uint32_t>(reader_.varint())];
  SPOOR_ASSERT(shape.table == table);
  return &shape;
}

}  // namespace spoor::store
