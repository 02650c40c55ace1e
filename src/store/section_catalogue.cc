#include "store/section_catalogue.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
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

bool counts(std::span<const uint8_t> mask, size_t template_code) {
  return mask.empty() || mask[template_code] != 0;
}

// Scopes that templates name: others may be of another section of the same flush.
std::vector<Scope> scopes_of(const SectionMetadata& metadata, std::span<const uint8_t> mask) {
  std::vector<uint8_t> is_used(metadata.scopes.size());
  std::vector<Scope> scopes;
  const auto& templates = metadata.templates[static_cast<size_t>(Table::Span)];
  for (size_t code = 0; code < templates.size(); ++code) {
    const Template& entry = templates[code];
    if (!counts(mask, code)) continue;
    if (std::exchange(is_used[entry.shape.scope], 1) == 0) {
      scopes.push_back(metadata.scopes[entry.shape.scope]);
    }
  }
  return scopes;
}

// Those of the services that templates name; resources lie in order of services.
std::vector<uint8_t> resources_of(const SectionMetadata& metadata, std::span<const uint8_t> mask) {
  const auto& firsts = metadata.first_resource_of_service;
  const size_t resources = metadata.resources.size();
  if (mask.empty()) return std::vector<uint8_t>(resources, 1);
  std::vector<uint32_t> borders = firsts;
  borders.push_back(static_cast<uint32_t>(resources));
  std::ranges::sort(borders);
  std::vector<uint8_t> is_used(resources), is_seen(firsts.size());
  const auto& templates = metadata.templates[static_cast<size_t>(Table::Span)];
  for (size_t code = 0; code < templates.size(); ++code) {
    const uint32_t service = templates[code].shape.service;
    if (!counts(mask, code) || std::exchange(is_seen[service], 1) != 0) continue;
    auto end = std::ranges::upper_bound(borders, firsts[service]);
    const size_t last = end == borders.end() ? resources : std::min<size_t>(*end, resources);
    for (size_t i = firsts[service]; i < last; ++i) is_used[i] = 1;
  }
  return is_used;
}

Status collect_template_keys(const SectionMetadata& metadata, Table table, Arena& arena,
                             std::span<const uint8_t> mask, std::vector<std::string_view>& keys,
                             bool& is_incomplete) {
  auto add_list = [&](Attributes attributes) {
    for (const KeyValue& entry : attributes) keys.push_back(entry.key);
  };
  if (table != Table::Span) mask = {};
  const auto& templates = metadata.templates[static_cast<size_t>(table)];
  for (size_t code = 0; code < templates.size(); ++code) {
    const Template& entry = templates[code];
    if (!counts(mask, code)) continue;
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
    std::shared_ptr<const SectionMetadata> metadata, std::span<const uint8_t> mask) {
  auto loaded = std::make_shared<SectionKeys>();
  for (AttributeScope scope : {AttributeScope::Span, AttributeScope::Event, AttributeScope::Link}) {
    size_t place = static_cast<size_t>(scope);
    SPOOR_TRY(collect_template_keys(*metadata, table_of(scope), loaded->arena, mask,
                                    loaded->keys[place], loaded->is_incomplete[place]));
  }
  auto& of_resources = loaded->keys[static_cast<size_t>(AttributeScope::Resource)];
  const std::vector<uint8_t> is_used = resources_of(*metadata, mask);
  for (size_t i = 0; i < is_used.size(); ++i) {
    if (is_used[i] == 0) continue;
    for (const KeyValue& entry : metadata->resources[i].attributes) {
      of_resources.push_back(entry.key);
    }
  }
  auto& of_scopes = loaded->keys[static_cast<size_t>(AttributeScope::Instrumentation)];
  for (const Scope& scope : scopes_of(*metadata, mask)) {
    for (const KeyValue& entry : scope.attributes) of_scopes.push_back(entry.key);
  }
  for (auto& keys : loaded->keys) sort_once(keys);
  loaded->metadata = std::move(metadata);
  return std::shared_ptr<const SectionKeys>(std::move(loaded));
}

Status visit_section_values(const SectionMetadata& metadata, AttributeScope scope,
                            std::string_view key, std::span<const uint8_t> mask,
                            const std::function<bool(const Value&)>& handler, bool& is_incomplete) {
  SPOOR_ASSERT(mask.empty() ||
               mask.size() == metadata.templates[static_cast<size_t>(Table::Span)].size());
  if (scope == AttributeScope::Resource) {
    const std::vector<uint8_t> is_used = resources_of(metadata, mask);
    for (size_t i = 0; i < is_used.size(); ++i) {
      if (is_used[i] == 0) continue;
      if (!visit_attributes(metadata.resources[i].attributes, key, handler)) return {};
    }
    return {};
  }
  if (scope == AttributeScope::Instrumentation) {
    for (const Scope& of_spans : scopes_of(metadata, mask)) {
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
  const auto& templates = metadata.templates[static_cast<size_t>(table_of(scope))];
  if (scope != AttributeScope::Span) mask = {};
  for (size_t code = 0; code < templates.size(); ++code) {
    const Template& entry = templates[code];
    if (!counts(mask, code)) continue;
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

Status visit_section_names(const SectionMetadata& metadata, std::span<const uint8_t> mask,
                           const std::function<void(std::string_view)>& handler,
                           bool& is_incomplete) {
  Arena arena;
  auto visit = [&](const Value& value) {
    if (value.type() == ValueType::String) handler(value.as_string());
    return true;
  };
  const auto& templates = metadata.templates[static_cast<size_t>(Table::Span)];
  for (size_t code = 0; code < templates.size(); ++code) {
    const Template& entry = templates[code];
    if (!counts(mask, code)) continue;
    auto field = std::ranges::find(entry.shape.fields, FieldKind::Name, &Field::kind);
    if (field == entry.shape.fields.end()) {
      handler(entry.shape.name);
      continue;
    }
    const auto place = static_cast<size_t>(field - entry.shape.fields.begin());
    SPOOR_TRY(
        visit_field_values(metadata, entry.fields[place], arena, visit, is_incomplete).status());
  }
  return {};
}

}  // namespace spoor::store
