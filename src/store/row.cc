#include "store/row.h"

#include "base/assert.h"
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

Result<Value> RowSource::next(const Shape& shape, size_t field_index, Arena& arena) {
  return read_row_value(reader_, shape.fields[field_index].type, arena);
}

Result<const Shape*> RowSource::next_child(Table table) {
  const Shape& shape = shapes_[static_cast<uint32_t>(reader_.varint())];
  SPOOR_ASSERT(shape.table == table);
  return &shape;
}

}  // namespace spoor::store
