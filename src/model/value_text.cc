#include "model/value_text.h"

#include <charconv>

#include "base/bytes.h"
#include "base/json_writer.h"

namespace spoor {
namespace {

// Values nest as deeply as decoders allow, which is a few levels.
void write(JsonWriter& json, const Value& value) {
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return json.null();
    case ValueType::String:
      return json.string(value.as_string());
    case ValueType::Bool:
      return json.boolean(value.as_bool());
    case ValueType::Int:
      return json.number(value.as_int());
    case ValueType::Double:
      return json.number(value.as_double());
    case ValueType::Bytes:
      return json.plain_string(to_base64(value.as_string()));
    case ValueType::Array:
      json.begin_array();
      for (const Value& element : value.as_array()) write(json, element);
      return json.end_array();
    case ValueType::KeyValueList:
      json.begin_object();
      for (const KeyValue& entry : value.as_list()) {
        json.key(entry.key);
        write(json, entry.value);
      }
      return json.end_object();
  }
}

template <typename Number>
void append_number(std::string& target, Number number) {
  char digits[32];
  target.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void append_value_json(std::string& target, const Value& value) {
  JsonWriter json(target);
  write(json, value);
}

void append_value_text(std::string& target, const Value& value) {
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return;
    case ValueType::String:
      target += value.as_string();
      return;
    case ValueType::Bool:
      target += value.as_bool() ? "true" : "false";
      return;
    case ValueType::Int:
      return append_number(target, value.as_int());
    case ValueType::Double:
      return append_number(target, value.as_double());
    case ValueType::Bytes:
      target += to_base64(value.as_string());
      return;
    case ValueType::Array:
    case ValueType::KeyValueList:
      return append_value_json(target, value);
  }
}

}  // namespace spoor
