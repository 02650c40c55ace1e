#include "store/section_catalogue.h"

#include <algorithm>

#include "base/bytes.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

Table table_of(AttributeScope scope) {
  if (scope == AttributeScope::Event) return Table::Event;
  return scope == AttributeScope::Link ? Table::Link : Table::Span;
}

Result<Value> value_of_text(std::string_view text, ValueType type, Arena& arena) {
  if (type == ValueType::String) return Value::of_string(text);
  if (type == ValueType::Bytes) return Value::of_bytes(text);
  ByteReader reader(text);
  return decode_value(reader, arena);
}

// The values that a field may have in the rows of its template, as far as metadata say them.
// False if the handler wants no more.
Result<bool> visit_field_values(const SectionMetadata& metadata, const TemplateField& field,
                                Arena& arena, const std::function<bool(const Value&)>& handler,
                                bool& is_incomplete) {
  if (field.kind == TemplateField::Kind::Constant) return handler(field.constant);
  if (metadata.has_dictionary[field.column] == 0) {
    // Nothing of such a type has a value beside its type.
    if (is_stored(metadata.columns[field.column].type)) is_incomplete = true;
    return true;
  }
  for (std::string_view text : metadata.dictionaries[field.column]) {
    SPOOR_ASSIGN(Value value, value_of_text(text, metadata.columns[field.column].type, arena));
    if (!handler(value)) return false;
  }
  return true;
}

// Calls `handler` for all attributes that the field, an attribute list, may have.
Status visit_lists(const SectionMetadata& metadata, const TemplateField& field, Arena& arena,
                   const std::function<void(Attributes)>& handler, bool& is_incomplete) {
  Status decoded;
  auto visit = [&](const Value& value) {
    if (value.type() != ValueType::Bytes) return true;
    ByteReader reader(value.as_string());
    Result<Attributes> attributes = decode_attributes(reader, arena);
    if (attributes.ok()) handler(*attributes);
    decoded = attributes.status();
    return decoded.ok();
  };
  SPOOR_TRY(visit_field_values(metadata, field, arena, visit, is_incomplete).status());
  return decoded;
}

// Scopes that templates name: others may be of another section of the same flush.
std::vector<Scope> scopes_of(const SectionMetadata& metadata) {
  std::vector<uint8_t> is_used(metadata.scopes.size());
  std::vector<Scope> scopes;
  for (const Template& entry : metadata.templates[static_cast<size_t>(Table::Span)]) {
    if (std::exchange(is_used[entry.shape.scope], 1) == 0) {
      scopes.push_back(metadata.scopes[entry.shape.scope]);
    }
  }
  return scopes;
}

Status collect_template_keys(const SectionMetadata& metadata, Table table, Arena& arena,
                             std::vector<std::string_view>& keys, bool& is_incomplete) {
  auto add_list = [&](Attributes attributes) {
    for (const KeyValue& entry : attributes) keys.push_back(entry.key);
  };
  for (const Template& entry : metadata.templates[static_cast<size_t>(table)]) {
    for (size_t i = 0; i < entry.fields.size(); ++i) {
      const Field& field = entry.shape.fields[i];
      if (field.kind == FieldKind::Attribute) keys.push_back(field.key);
      if (field.kind != FieldKind::AttributeList) continue;
      SPOOR_TRY(visit_lists(metadata, entry.fields[i], arena, add_list, is_incomplete));
    }
  }
  return {};
}

void sort_once(std::vector<std::string_view>& keys) {
  std::ranges::sort(keys);
  auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
}

// False if the handler wants no more.
bool visit_attributes(Attributes attributes, std::string_view key,
                      const std::function<bool(const Value&)>& handler) {
  return std::ranges::all_of(
      attributes, [&](const KeyValue& entry) { return entry.key != key || handler(entry.value); });
}

}  // namespace

Result<std::shared_ptr<const SectionKeys>> SectionKeys::load(
    std::shared_ptr<const SectionMetadata> metadata) {
  auto loaded = std::make_shared<SectionKeys>();
  for (AttributeScope scope : {AttributeScope::Span, AttributeScope::Event, AttributeScope::Link}) {
    size_t place = static_cast<size_t>(scope);
    SPOOR_TRY(collect_template_keys(*metadata, table_of(scope), loaded->arena, loaded->keys[place],
                                    loaded->is_incomplete[place]));
  }
  auto& of_resources = loaded->keys[static_cast<size_t>(AttributeScope::Resource)];
  for (const Resource& resource : metadata->resources) {
    for (const KeyValue& entry : resource.attributes) of_resources.push_back(entry.key);
  }
  auto& of_scopes = loaded->keys[static_cast<size_t>(AttributeScope::Instrumentation)];
  for (const Scope& scope : scopes_of(*metadata)) {
    for (const KeyValue& entry : scope.attributes) of_scopes.push_back(entry.key);
  }
  for (auto& keys : loaded->keys) sort_once(keys);
  loaded->metadata = std::move(metadata);
  return std::shared_ptr<const SectionKeys>(std::move(loaded));
}

Status visit_section_values(const SectionMetadata& metadata, AttributeScope scope,
                            std::string_view key, const std::function<bool(const Value&)>& handler,
                            bool& is_incomplete) {
  if (scope == AttributeScope::Resource) {
    for (const Resource& resource : metadata.resources) {
      if (!visit_attributes(resource.attributes, key, handler)) return {};
    }
    return {};
  }
  if (scope == AttributeScope::Instrumentation) {
    for (const Scope& of_spans : scopes_of(metadata)) {
      if (!visit_attributes(of_spans.attributes, key, handler)) return {};
    }
    return {};
  }
  Arena arena;
  std::vector<uint8_t> is_seen(metadata.columns.size());
  bool goes_on = true;
  auto visit_list = [&](Attributes attributes) {
    goes_on = goes_on && visit_attributes(attributes, key, handler);
  };
  for (const Template& entry : metadata.templates[static_cast<size_t>(table_of(scope))]) {
    for (size_t i = 0; i < entry.fields.size() && goes_on; ++i) {
      const Field& field = entry.shape.fields[i];
      const TemplateField& kept = entry.fields[i];
      bool is_list = field.kind == FieldKind::AttributeList;
      bool is_wanted = field.kind == FieldKind::Attribute && field.key == key;
      if (!is_list && !is_wanted) continue;
      // A column is looked at once, however many templates keep values in it.
      bool in_column = kept.kind == TemplateField::Kind::Column;
      if (in_column && std::exchange(is_seen[kept.column], 1) != 0) continue;
      if (is_list) {
        SPOOR_TRY(visit_lists(metadata, kept, arena, visit_list, is_incomplete));
      } else {
        SPOOR_ASSIGN(goes_on, visit_field_values(metadata, kept, arena, handler, is_incomplete));
      }
    }
  }
  return {};
}

}  // namespace spoor::store
