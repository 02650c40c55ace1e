#include "model/value.h"

#include <algorithm>
#include <cstring>

namespace spoor {

Value Value::of_list(std::span<const KeyValue> entries) {
  Value value(ValueType::KeyValueList);
  value.pointer_ = entries.data();
  value.size_ = static_cast<uint32_t>(entries.size());
  return value;
}

std::span<const KeyValue> Value::as_list() const {
  SPOOR_ASSERT(type_ == ValueType::KeyValueList);
  return {static_cast<const KeyValue*>(pointer_), size_};
}

bool Value::operator==(const Value& other) const {
  if (type_ != other.type_) return false;
  switch (type_) {
    case ValueType::Absent:
    case ValueType::Empty:
      return true;
    case ValueType::String:
    case ValueType::Bytes:
      return as_string() == other.as_string();
    case ValueType::Bool:
      return bool_ == other.bool_;
    case ValueType::Int:
      return int_ == other.int_;
    case ValueType::Double:
      return std::memcmp(&double_, &other.double_, sizeof double_) == 0;
    case ValueType::Array:
      return std::ranges::equal(as_array(), other.as_array());
    case ValueType::KeyValueList:
      return equal(as_list(), other.as_list());
  }
  return false;
}

bool equal(Attributes a, Attributes b) {
  return std::ranges::equal(a, b);
}

const Value* find_attribute(Attributes attributes, std::string_view key) {
  for (const KeyValue& attribute : attributes) {
    if (attribute.key == key) return &attribute.value;
  }
  return nullptr;
}

}  // namespace spoor
