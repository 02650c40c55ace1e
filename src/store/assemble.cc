#include "store/assemble.h"

namespace spoor::store {

Status field_type_mismatch(const Field& field) {
  return data_loss("stored span: field " + std::to_string(static_cast<int>(field.kind)) +
                   " has a value of the wrong type");
}

Status PlainFields::set(const Field& field, const Value& value) {
  bool is_text = value.type() == ValueType::String || value.type() == ValueType::Bytes;
  bool wants_text = field.kind == FieldKind::Name || field.kind == FieldKind::TraceState ||
                    field.kind == FieldKind::StatusMessage ||
                    field.kind == FieldKind::LinkTraceId || field.kind == FieldKind::LinkSpanId;
  if (wants_text ? !is_text : value.type() != ValueType::Int) return field_type_mismatch(field);
  uint64_t number = wants_text ? 0 : static_cast<uint64_t>(value.as_int());
  switch (field.kind) {
    case FieldKind::Name:
      name = value.as_string();
      break;
    case FieldKind::TraceState:
      trace_state = value.as_string();
      break;
    case FieldKind::StatusMessage:
      status_message = value.as_string();
      break;
    case FieldKind::LinkTraceId:
      link_trace_id = value.as_string();
      break;
    case FieldKind::LinkSpanId:
      link_span_id = value.as_string();
      break;
    case FieldKind::Flags:
      flags = static_cast<uint32_t>(number);
      break;
    case FieldKind::DroppedAttributes:
      dropped_attributes = static_cast<uint32_t>(number);
      break;
    case FieldKind::DroppedEvents:
      dropped_events = static_cast<uint32_t>(number);
      break;
    case FieldKind::DroppedLinks:
      dropped_links = static_cast<uint32_t>(number);
      break;
    case FieldKind::EventCount:
      event_count = number;
      break;
    case FieldKind::LinkCount:
      link_count = number;
      break;
    case FieldKind::Time:
      time = number;
      break;
    case FieldKind::Attribute:
    case FieldKind::AttributeList:
      return field_type_mismatch(field);
  }
  return {};
}

}  // namespace spoor::store
