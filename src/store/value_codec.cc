#include "store/value_codec.h"

#include <memory>

namespace spoor::store {
namespace {

Status damaged(std::string_view what) {
  return data_loss("stored value: " + std::string(what));
}

Result<Value> decode_nested(ByteReader& reader, Arena& arena, int depth);

Result<Attributes> decode_entries(ByteReader& reader, Arena& arena, int depth) {
  uint64_t count = reader.varint();
  // Every entry takes at least two bytes, so a damaged count cannot make us allocate much.
  if (reader.failed() || count > reader.remaining()) return damaged("bad entry count");
  KeyValue* entries = arena.allocate<KeyValue>(count);
  for (uint64_t i = 0; i < count; ++i) {
    std::string_view key = reader.sized();
    SPOOR_ASSIGN(Value value, decode_nested(reader, arena, depth));
    entries[i] = KeyValue{key, value};
  }
  if (reader.failed()) return damaged("cut short");
  return Attributes(entries, count);
}

Result<Value> decode_array(ByteReader& reader, Arena& arena, int depth) {
  uint64_t count = reader.varint();
  if (reader.failed() || count > reader.remaining()) return damaged("bad array count");
  Value* values = arena.allocate<Value>(count);
  for (uint64_t i = 0; i < count; ++i) {
    SPOOR_ASSIGN(values[i], decode_nested(reader, arena, depth));
  }
  return Value::of_array({values, count});
}

Result<Value> decode_nested(ByteReader& reader, Arena& arena, int depth) {
  if (depth > kValueDepthMax) return damaged("nested too deeply");
  auto type = static_cast<ValueType>(reader.fixed<uint8_t>());
  Value value;
  switch (type) {
    case ValueType::Absent:
      break;
    case ValueType::Empty:
      value = Value::empty();
      break;
    case ValueType::String:
      value = Value::of_string(reader.sized());
      break;
    case ValueType::Bytes:
      value = Value::of_bytes(reader.sized());
      break;
    case ValueType::Bool:
      value = Value::of_bool(reader.fixed<uint8_t>() != 0);
      break;
    case ValueType::Int:
      value = Value::of_int(zigzag_decode(reader.varint()));
      break;
    case ValueType::Double:
      value = Value::of_double(reader.fixed<double>());
      break;
    case ValueType::Array:
      return decode_array(reader, arena, depth + 1);
    case ValueType::KeyValueList: {
      SPOOR_ASSIGN(Attributes entries, decode_entries(reader, arena, depth + 1));
      return Value::of_list(entries);
    }
    default:
      return damaged("unknown type");
  }
  if (reader.failed()) return damaged("cut short");
  return value;
}

void encode_strings(std::span<const std::string_view> strings, std::string& target) {
  append_varint(target, strings.size());
  for (std::string_view string : strings) append_sized(target, string);
}

Result<std::span<const std::string_view>> decode_strings(ByteReader& reader, Arena& arena) {
  uint64_t count = reader.varint();
  if (reader.failed() || count > reader.remaining()) return damaged("bad string count");
  std::string_view* strings = arena.allocate<std::string_view>(count);
  for (uint64_t i = 0; i < count; ++i) strings[i] = reader.sized();
  return std::span<const std::string_view>(strings, count);
}

std::span<const std::string_view> copy_strings(std::span<const std::string_view> strings,
                                               Arena& arena) {
  std::string_view* copies = arena.allocate<std::string_view>(strings.size());
  for (size_t i = 0; i < strings.size(); ++i) copies[i] = arena.copy(strings[i]);
  return {copies, strings.size()};
}

}  // namespace

void encode_value(const Value& value, std::string& target) {
  target.push_back(static_cast<char>(value.type()));
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      break;
    case ValueType::String:
    case ValueType::Bytes:
      append_sized(target, value.as_string());
      break;
    case ValueType::Bool:
      target.push_back(value.as_bool() ? 1 : 0);
      break;
    case ValueType::Int:
      append_varint(target, zigzag_encode(value.as_int()));
      break;
    case ValueType::Double:
      append_le(target, value.as_double());
      break;
    case ValueType::Array:
      append_varint(target, value.as_array().size());
      for (const Value& element : value.as_array()) encode_value(element, target);
      break;
    case ValueType::KeyValueList:
      encode_attributes(value.as_list(), target);
      break;
  }
}

void encode_attributes(Attributes attributes, std::string& target) {
  append_varint(target, attributes.size());
  for (const KeyValue& attribute : attributes) {
    append_sized(target, attribute.key);
    encode_value(attribute.value, target);
  }
}

void encode_resource(const Resource& resource, std::string& target) {
  target.push_back(resource.present ? 1 : 0);
  append_sized(target, resource.schema_url);
  append_varint(target, resource.dropped_attributes_count);
  encode_attributes(resource.attributes, target);
  append_varint(target, resource.entity_refs.size());
  for (const EntityRef& entity : resource.entity_refs) {
    append_sized(target, entity.schema_url);
    append_sized(target, entity.type);
    encode_strings(entity.id_keys, target);
    encode_strings(entity.description_keys, target);
  }
}

void encode_scope(const Scope& scope, std::string& target) {
  target.push_back(scope.present ? 1 : 0);
  append_sized(target, scope.schema_url);
  append_sized(target, scope.name);
  append_sized(target, scope.version);
  append_varint(target, scope.dropped_attributes_count);
  encode_attributes(scope.attributes, target);
}

Result<Value> decode_value(ByteReader& reader, Arena& arena) {
  return decode_nested(reader, arena, 0);
}

Result<Attributes> decode_attributes(ByteReader& reader, Arena& arena) {
  return decode_entries(reader, arena, 0);
}

Result<Resource> decode_resource(std::string_view bytes, Arena& arena) {
  ByteReader reader(bytes);
  Resource resource;
  resource.present = reader.fixed<uint8_t>() != 0;
  resource.schema_url = reader.sized();
  resource.dropped_attributes_count = static_cast<uint32_t>(reader.varint());
  SPOOR_ASSIGN(resource.attributes, decode_attributes(reader, arena));
  uint64_t count = reader.varint();
  if (reader.failed() || count > reader.remaining()) return damaged("bad entity count");
  EntityRef* entities = arena.allocate<EntityRef>(count);
  for (uint64_t i = 0; i < count; ++i) {
    EntityRef& entity = *std::construct_at(&entities[i]);
    entity.schema_url = reader.sized();
    entity.type = reader.sized();
    SPOOR_ASSIGN(entity.id_keys, decode_strings(reader, arena));
    SPOOR_ASSIGN(entity.description_keys, decode_strings(reader, arena));
  }
  resource.entity_refs = {entities, count};
  if (reader.failed() || !reader.at_end()) return damaged("bad resource");
  return resource;
}

Result<Scope> decode_scope(std::string_view bytes, Arena& arena) {
  ByteReader reader(bytes);
  Scope scope;
  scope.present = reader.fixed<uint8_t>() != 0;
  scope.schema_url = reader.sized();
  scope.name = reader.sized();
  scope.version = reader.sized();
  scope.dropped_attributes_count = static_cast<uint32_t>(reader.varint());
  SPOOR_ASSIGN(scope.attributes, decode_attributes(reader, arena));
  if (reader.failed() || !reader.at_end()) return damaged("bad scope");
  return scope;
}

Value copy_value(const Value& value, Arena& arena) {
  switch (value.type()) {
    case ValueType::String:
      return Value::of_string(arena.copy(value.as_string()));
    case ValueType::Bytes:
      return Value::of_bytes(arena.copy(value.as_string()));
    case ValueType::Array: {
      std::span<const Value> elements = value.as_array();
      Value* copies = arena.allocate<Value>(elements.size());
      for (size_t i = 0; i < elements.size(); ++i) copies[i] = copy_value(elements[i], arena);
      return Value::of_array({copies, elements.size()});
    }
    case ValueType::KeyValueList:
      return Value::of_list(copy_attributes(value.as_list(), arena));
    default:
      return value;
  }
}

Attributes copy_attributes(Attributes attributes, Arena& arena) {
  KeyValue* copies = arena.allocate<KeyValue>(attributes.size());
  for (size_t i = 0; i < attributes.size(); ++i) {
    copies[i] = KeyValue{arena.copy(attributes[i].key), copy_value(attributes[i].value, arena)};
  }
  return {copies, attributes.size()};
}

Resource copy_resource(const Resource& resource, Arena& arena) {
  Resource copy = resource;
  copy.schema_url = arena.copy(resource.schema_url);
  copy.attributes = copy_attributes(resource.attributes, arena);
  EntityRef* entities = arena.allocate<EntityRef>(resource.entity_refs.size());
  for (size_t i = 0; i < resource.entity_refs.size(); ++i) {
    const EntityRef& entity = resource.entity_refs[i];
    entities[i] = EntityRef{arena.copy(entity.schema_url), arena.copy(entity.type),
                            copy_strings(entity.id_keys, arena),
                            copy_strings(entity.description_keys, arena)};
  }
  copy.entity_refs = {entities, resource.entity_refs.size()};
  return copy;
}

Scope copy_scope(const Scope& scope, Arena& arena) {
  Scope copy = scope;
  copy.schema_url = arena.copy(scope.schema_url);
  copy.name = arena.copy(scope.name);
  copy.version = arena.copy(scope.version);
  copy.attributes = copy_attributes(scope.attributes, arena);
  return copy;
}

}  // namespace spoor::store
