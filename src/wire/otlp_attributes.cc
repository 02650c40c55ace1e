#include "wire/otlp_attributes.h"

#include <ranges>

// The writer fills its buffer from the back: every function here writes its last field first.
namespace spoor::wire {
namespace {

void write_key_value(ProtobufWriter& out, uint32_t field, const KeyValue& attribute);

void write_value(ProtobufWriter& out, uint32_t field, const Value& value) {
  size_t end = out.mark();
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      break;
    case ValueType::String:
      out.bytes(1, value.as_string());
      break;
    case ValueType::Bool:
      out.varint(2, value.as_bool() ? 1 : 0);
      break;
    case ValueType::Int:
      out.varint(3, static_cast<uint64_t>(value.as_int()));
      break;
    case ValueType::Double:
      out.fixed64(4, std::bit_cast<uint64_t>(value.as_double()));
      break;
    case ValueType::Array: {
      size_t list_end = out.mark();
      for (const Value& entry : std::views::reverse(value.as_array())) write_value(out, 1, entry);
      out.message(5, list_end);
      break;
    }
    case ValueType::KeyValueList: {
      size_t list_end = out.mark();
      for (const KeyValue& entry : std::views::reverse(value.as_list())) {
        write_key_value(out, 1, entry);
      }
      out.message(6, list_end);
      break;
    }
    case ValueType::Bytes:
      out.bytes(7, value.as_string());
      break;
  }
  out.message(field, end);
}

void write_key_value(ProtobufWriter& out, uint32_t field, const KeyValue& attribute) {
  size_t end = out.mark();
  if (attribute.value.type() != ValueType::Absent) write_value(out, 2, attribute.value);
  out.bytes_unless_empty(1, attribute.key);
  out.message(field, end);
}

}  // namespace

void write_attributes(ProtobufWriter& out, uint32_t field, Attributes attributes) {
  for (const KeyValue& attribute : std::views::reverse(attributes)) {
    write_key_value(out, field, attribute);
  }
}

}  // namespace spoor::wire
