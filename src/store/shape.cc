#include "store/shape.h"

#include <algorithm>

#include "base/assert.h"

namespace spoor::store {
namespace {

// Memory of one entry of a Dictionary beside its bytes: string, map node, bucket.
constexpr size_t kEntryBytes = 96;

Status damaged(std::string_view what) {
  return data_loss("shape: " + std::string(what));
}

}  // namespace

size_t Shape::attribute_count() const {
  return static_cast<size_t>(std::ranges::count_if(
      fields, [](const Field& field) { return field.kind == FieldKind::Attribute; }));
}

void append_shape_head(std::string& key, const Shape& shape) {
  key.push_back(static_cast<char>(shape.table));
  key.push_back(static_cast<char>(shape.names_parent));
  append_varint(key, shape.service);
  append_varint(key, shape.scope);
  append_varint(key, shape.kind);
  append_varint(key, shape.status);
  append_sized(key, shape.name);
}

std::string shape_key(const Shape& shape) {
  std::string key;
  append_shape_head(key, shape);
  for (const Field& field : shape.fields) {
    append_shape_field(key, field.kind, field.type, field.key);
  }
  return key;
}

Result<Shape> parse_shape_key(std::string_view key) {
  ByteReader reader(key);
  Shape shape;
  uint8_t table = reader.fixed<uint8_t>();
  shape.names_parent = reader.fixed<uint8_t>();
  shape.service = static_cast<uint32_t>(reader.varint());
  shape.scope = static_cast<uint32_t>(reader.varint());
  shape.kind = reader.varint();
  shape.status = reader.varint();
  shape.name = reader.sized();
  if (reader.failed() || table >= kTables || shape.names_parent > 1) return damaged("bad head");
  shape.table = static_cast<Table>(table);
  while (!reader.at_end()) {
    Field field;
    uint8_t kind = reader.fixed<uint8_t>();
    uint8_t type = reader.fixed<uint8_t>();
    if (kind >= kFieldKinds || type > static_cast<uint8_t>(ValueType::KeyValueList)) {
      return damaged("unknown field");
    }
    field.kind = static_cast<FieldKind>(kind);
    field.type = static_cast<ValueType>(type);
    if (field.kind == FieldKind::Attribute) field.key = reader.sized();
    if (reader.failed()) return damaged("cut short");
    if (field.kind == FieldKind::EventCount) shape.event_count_field = shape.fields.size();
    if (field.kind == FieldKind::LinkCount) shape.link_count_field = shape.fields.size();
    shape.fields.push_back(field);
  }
  return shape;
}

std::optional<uint32_t> Dictionary::find(std::string_view bytes) const {
  auto found = codes_.find(bytes);
  if (found == codes_.end()) return std::nullopt;
  return found->second;
}

uint32_t Dictionary::intern(std::string_view bytes) {
  if (auto known = find(bytes)) return *known;
  uint32_t code = static_cast<uint32_t>(entries_.size());
  entries_.emplace_back(bytes);
  codes_.emplace(entries_.back(), code);
  bytes_ += bytes.size() + kEntryBytes;
  return code;
}

uint32_t ShapeTable::intern(std::string_view key) {
  uint32_t code = keys_.intern(key);
  if (code < shapes_.size()) return code;
  Result<Shape> shape = parse_shape_key(keys_[code]);
  SPOOR_ASSERT(shape.ok());
  field_bytes_ += shape->fields.size() * sizeof(Field) + sizeof(Shape);
  shapes_.push_back(std::move(*shape));
  return code;
}

}  // namespace spoor::store
