// Shapes: what many spans have in common.
//
// A shape is {service, scope, name, kind, status code, whether a parent is named, the ordered
// list of fields}. A field is anything beside the ids and times that a span carries: each of its
// attributes (key and type) and each of OTLP's own fields that is not at its default. A span is
// then a shape code and its fields' values in order; presence and types live in the shape.
// Events and links are rows of their own with shapes of their own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "model/value.h"

namespace spoor::store {

enum class Table : uint8_t { Span = 0, Event = 1, Link = 2 };
constexpr size_t kTables = 3;

// Numbers are stored; new kinds go to the end.
enum class FieldKind : uint8_t {
  Attribute = 0,
  AttributeList = 1,  // all attributes as one value, where a shape of their own would be wasted
  Name = 2,           // a name that is a value, where names vary without end
  TraceState = 3,
  Flags = 4,
  StatusMessage = 5,
  DroppedAttributes = 6,
  DroppedEvents = 7,
  DroppedLinks = 8,
  EventCount = 9,
  LinkCount = 10,
  Time = 11,         // of an event: distance from the span's start
  LinkTraceId = 12,  // bytes as they came
  LinkSpanId = 13,
};
constexpr uint8_t kFieldKinds = 14;

struct Field {
  FieldKind kind = FieldKind::Attribute;
  ValueType type = ValueType::Absent;
  std::string_view key;  // of an attribute
  bool operator==(const Field&) const = default;
};

// The status code as shapes and templates keep it: 0 for a span without a status message.
constexpr uint64_t kStatusAbsent = 0;

struct Shape {
  Table table = Table::Span;
  uint32_t service = 0;  // index into the dictionary of services
  uint32_t scope = 0;    // index into the dictionary of scopes
  uint64_t kind = 0;
  uint64_t status = kStatusAbsent;  // the sender's code plus one
  uint8_t names_parent = 0;         // 1: parent_span_id is 8 bytes, 0: it is empty
  std::string_view name;            // empty where the name is a field
  std::vector<Field> fields;
  // Where the counts of children stand among the fields, kNoField if there are none.
  size_t event_count_field = kNoField;
  size_t link_count_field = kNoField;

  static constexpr size_t kNoField = ~size_t{0};
  size_t attribute_count() const;
};

// The bytes that identify a shape: its fields in a fixed layout.
// REQUIRES: fields are appended after the head.
void append_shape_head(std::string& key, const Shape& shape);
inline void append_shape_field(std::string& key, FieldKind kind, ValueType type,
                               std::string_view name) {
  key.push_back(static_cast<char>(kind));
  key.push_back(static_cast<char>(type));
  if (kind == FieldKind::Attribute) append_sized(key, name);
}
std::string shape_key(const Shape& shape);
// The shape's views point into `key`. DataLoss on damage.
Result<Shape> parse_shape_key(std::string_view key);

// Bytes to code, codes dense from 0. Entries keep their address. Not thread-safe.
class Dictionary {
 public:
  // The code of the bytes; a new one if they were not seen before.
  uint32_t intern(std::string_view bytes);
  std::optional<uint32_t> find(std::string_view bytes) const;
  size_t size() const { return entries_.size(); }
  std::string_view operator[](uint32_t code) const { return entries_[code]; }
  size_t size_bytes() const { return bytes_; }

 private:
  std::deque<std::string> entries_;
  struct Hash {
    size_t operator()(std::string_view bytes) const { return hash64(bytes); }
  };
  std::unordered_map<std::string_view, uint32_t, Hash> codes_;
  size_t bytes_ = 0;
};

class ShapeTable {
 public:
  // The code of the shape with this key. REQUIRES: a key made by the functions above.
  uint32_t intern(std::string_view key);
  const Shape& operator[](uint32_t code) const { return shapes_[code]; }
  size_t size() const { return shapes_.size(); }
  size_t size_bytes() const { return keys_.size_bytes() + field_bytes_; }

 private:
  Dictionary keys_;
  std::deque<Shape> shapes_;
  size_t field_bytes_ = 0;
};

}  // namespace spoor::store
