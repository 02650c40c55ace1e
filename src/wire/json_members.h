// Members of JSON objects that are left out where they say nothing, as protobuf's JSON has it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/json_writer.h"

namespace spoor::wire {

inline void write_text_unless_empty(JsonWriter& json, JsonWriter::Key key, std::string_view value) {
  if (value.empty()) return;
  json.key(key);
  json.string(value);
}

inline void write_number_unless_zero(JsonWriter& json, JsonWriter::Key key, uint64_t value) {
  if (value == 0) return;
  json.key(key);
  json.number_unsigned(value);
}

// Of 64 bits, which are written as text.
inline void write_decimal_unless_zero(JsonWriter& json, JsonWriter::Key key, uint64_t value) {
  if (value == 0) return;
  json.key(key);
  json.decimal_string_unsigned(value);
}

}  // namespace spoor::wire
