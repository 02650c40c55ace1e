// Spans back from shapes and values: the one place that knows what each field means when read.
//
// A Source gives the values of one span in the order of its shape's fields, then its events and
// links in order. The head's is RowSource, a part's reads column cursors.
//
//   bool skips(const Shape& shape, size_t field_index);  // steps over what is not asked for
//   Result<Value> next(const Shape& shape, size_t field_index, Arena& arena);
//   Result<const Shape*> next_child(Table table);
#pragma once

#include "store/limits.h"
#include "store/shape.h"
#include "store/value_codec.h"

namespace spoor::store {

// Children that one span may claim: admission allows 16,384, so more is damage.
constexpr uint64_t kChildrenMax = 1 << 20;

// What a value of the wrong type is answered with: possible only in a damaged template.
Status field_type_mismatch(const Field& field);

// The attributes of a span, event or link, whichever way the shape keeps them.
class AttributeAssembly {
 public:
  AttributeAssembly(const Shape& shape, Arena& arena)
      : entries_(arena.allocate<KeyValue>(shape.attribute_count())) {}

  Status add(const Field& field, const Value& value, Arena& arena) {
    if (field.kind == FieldKind::Attribute) {
      entries_[count_++] = KeyValue{field.key, value};
      return {};
    }
    if (value.type() != ValueType::Bytes) return field_type_mismatch(field);
    ByteReader reader(value.as_string());
    SPOOR_ASSIGN(list_, decode_attributes(reader, arena));
    return {};
  }
  Attributes result() const { return list_.empty() ? Attributes(entries_, count_) : list_; }

 private:
  KeyValue* entries_;
  size_t count_ = 0;
  Attributes list_;
};

inline bool is_attribute(const Field& field) {
  return field.kind == FieldKind::Attribute || field.kind == FieldKind::AttributeList;
}

// What the fields that are not attributes hold, wherever they occur.
struct PlainFields {
  std::string_view name;
  std::string_view trace_state;
  std::string_view status_message;
  std::string_view link_trace_id;
  std::string_view link_span_id;
  uint32_t flags = 0;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  uint64_t event_count = 0;
  uint64_t link_count = 0;
  uint64_t time = 0;

  Status set(const Field& field, const Value& value);
};

template <typename Source>
Result<Attributes> assemble_fields(const Shape& shape, Source& source, Arena& arena,
                                   PlainFields& plain) {
  AttributeAssembly attributes(shape, arena);
  plain.name = shape.name;
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    if (source.skips(shape, i)) continue;
    SPOOR_ASSIGN(Value value, source.next(shape, i, arena));
    if (is_attribute(shape.fields[i])) {
      SPOOR_TRY(attributes.add(shape.fields[i], value, arena));
    } else {
      SPOOR_TRY(plain.set(shape.fields[i], value));
    }
  }
  if (plain.event_count > kChildrenMax || plain.link_count > kChildrenMax) {
    return data_loss("stored span: more events or links than allowed");
  }
  return attributes.result();
}

// Fills everything of the span but ids, times, resource and scope. REQUIRES: span.start is set.
template <typename Source>
Status assemble_span(const Shape& shape, Source& source, Arena& arena, Span& span) {
  PlainFields plain;
  SPOOR_ASSIGN(span.attributes, assemble_fields(shape, source, arena, plain));
  span.name = plain.name;
  span.kind = static_cast<uint32_t>(shape.kind);
  span.trace_state = plain.trace_state;
  span.flags = plain.flags;
  span.dropped_attributes_count = plain.dropped_attributes;
  span.dropped_events_count = plain.dropped_events;
  span.dropped_links_count = plain.dropped_links;
  span.status.present = shape.status != kStatusAbsent;
  span.status.code = span.status.present ? static_cast<uint32_t>(shape.status - 1) : 0;
  span.status.message = plain.status_message;

  Event* events = arena.allocate<Event>(plain.event_count);
  for (uint64_t i = 0; i < plain.event_count; ++i) {
    SPOOR_ASSIGN(const Shape* child, source.next_child(Table::Event));
    PlainFields of_event;
    SPOOR_ASSIGN(Attributes attributes, assemble_fields(*child, source, arena, of_event));
    events[i] = Event{UnixNanos{span.start.value + of_event.time}, of_event.name, attributes,
                      of_event.dropped_attributes};
  }
  span.events = {events, plain.event_count};

  Link* links = arena.allocate<Link>(plain.link_count);
  for (uint64_t i = 0; i < plain.link_count; ++i) {
    SPOOR_ASSIGN(const Shape* child, source.next_child(Table::Link));
    PlainFields of_link;
    SPOOR_ASSIGN(Attributes attributes, assemble_fields(*child, source, arena, of_link));
    links[i] =
        Link{of_link.link_trace_id,      of_link.link_span_id, of_link.trace_state, attributes,
             of_link.dropped_attributes, of_link.flags};
  }
  span.links = {links, plain.link_count};
  return {};
}

}  // namespace spoor::store
