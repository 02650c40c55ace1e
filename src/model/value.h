// Attribute values, OTLP's AnyValue as a small tagged view. Strings and lists point into the
// arena or buffer of the batch that owns them; a Value never owns memory.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/assert.h"

namespace spoor {

struct KeyValue;

enum class ValueType : uint8_t {
  Absent = 0,  // a KeyValue without its value field
  Empty = 1,   // an AnyValue with nothing set: null in JSON
  String = 2,
  Bool = 3,
  Int = 4,
  Double = 5,
  Bytes = 6,
  Array = 7,
  KeyValueList = 8,
};

class Value {
 public:
  Value() : int_(0) {}

  static Value absent() { return Value(); }
  static Value empty() { return Value(ValueType::Empty); }
  static Value of_string(std::string_view text) { return Value(ValueType::String, text); }
  static Value of_bytes(std::string_view bytes) { return Value(ValueType::Bytes, bytes); }
  static Value of_bool(bool flag) {
    Value value(ValueType::Bool);
    value.bool_ = flag;
    return value;
  }
  static Value of_int(int64_t number) {
    Value value(ValueType::Int);
    value.int_ = number;
    return value;
  }
  static Value of_double(double number) {
    Value value(ValueType::Double);
    value.double_ = number;
    return value;
  }
  static Value of_array(std::span<const Value> values) {
    Value value(ValueType::Array);
    value.pointer_ = values.data();
    value.size_ = static_cast<uint32_t>(values.size());
    return value;
  }
  static Value of_list(std::span<const KeyValue> entries);

  ValueType type() const { return type_; }

  std::string_view as_string() const {
    SPOOR_ASSERT(type_ == ValueType::String || type_ == ValueType::Bytes);
    return {static_cast<const char*>(pointer_), size_};
  }
  bool as_bool() const {
    SPOOR_ASSERT(type_ == ValueType::Bool);
    return bool_;
  }
  int64_t as_int() const {
    SPOOR_ASSERT(type_ == ValueType::Int);
    return int_;
  }
  double as_double() const {
    SPOOR_ASSERT(type_ == ValueType::Double);
    return double_;
  }
  std::span<const Value> as_array() const {
    SPOOR_ASSERT(type_ == ValueType::Array);
    return {static_cast<const Value*>(pointer_), size_};
  }
  std::span<const KeyValue> as_list() const;

  // Equal in type and bits: two NaN of the same bits are equal, 0.0 and -0.0 are not.
  bool operator==(const Value& other) const;

 private:
  explicit Value(ValueType type) : type_(type), int_(0) {}
  Value(ValueType type, std::string_view bytes)
      : type_(type), size_(static_cast<uint32_t>(bytes.size())), pointer_(bytes.data()) {}

  ValueType type_ = ValueType::Absent;
  uint32_t size_ = 0;  // a batch is at most 64 MiB, so 32 bits hold every length
  union {
    bool bool_;
    int64_t int_;
    double double_;
    const void* pointer_;
  };
};

struct KeyValue {
  std::string_view key;
  Value value;
  bool operator==(const KeyValue&) const = default;
};

using Attributes = std::span<const KeyValue>;

bool equal(Attributes a, Attributes b);  // same order, same keys, same values

// The first value under the key, nullptr if there is none.
const Value* find_attribute(Attributes attributes, std::string_view key);

}  // namespace spoor
