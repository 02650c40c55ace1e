#include "store/head_catalogue.h"

#include <algorithm>

#include "base/assert.h"
#include "store/row.h"
#include "store/span_facts.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

std::string_view text_of_value(std::string_view row_value) {
  ByteReader reader(row_value);
  return reader.sized();
}

Attributes list_of(std::string_view row_value, Arena& arena) {
  ByteReader reader(text_of_value(row_value));
  Result<Attributes> attributes = decode_attributes(reader, arena);
  SPOOR_ASSERT(attributes.ok());  // rows never leave memory
  return *attributes;
}

}  // namespace

HeadCatalogue::HeadCatalogue(HeadShard& shard, const Visible& visible, const SpanMasks* masks)
    : rows_(shard.view(), visible) {
  find_visible_shapes();
  if (masks == nullptr) return;
  const std::vector<uint8_t> mask = masks->shapes(rows_.view(), visible);
  SPOOR_ASSERT(mask.size() == visible_shapes_.size());
  for (size_t code = 0; code < mask.size(); ++code) {
    if (shape(static_cast<uint32_t>(code)).table == Table::Span)
      visible_shapes_[code] &= mask[code];
  }
}

// `visit` has begin(code), and value(code, field index, row value), which returns whether to go
// on. False if it said no.
template <typename Visit>
bool HeadCatalogue::visit_row(const HeadView::Row& row, const Visit& visit) const {
  ByteReader reader(row.values);
  uint64_t children = 0;
  auto visit_shape = [&](uint32_t code) {
    const Shape& known = shape(code);
    for (size_t i = 0; i < known.fields.size(); ++i) {
      std::string_view value = skip_row_value(reader, known.fields[i].type);
      if (i == known.event_count_field || i == known.link_count_field) {
        ByteReader count(value);
        children += static_cast<uint64_t>(zigzag_decode(count.varint()));
      }
      if (!visit(code, i, value)) return false;
    }
    return true;
  };
  if (!visit_shape(row.header.shape)) return false;
  for (; children > 0; --children) {
    if (!visit_shape(static_cast<uint32_t>(reader.varint()))) return false;
  }
  SPOOR_ASSERT(reader.at_end() && !reader.failed());
  return true;
}

// A shape is there if the request that brought it counts; else if any row has it that does.
void HeadCatalogue::find_visible_shapes() {
  const HeadView& view = rows_.view();
  SPOOR_ASSERT(view.first_batches.size() == view.shapes.size());
  bool are_all = true;
  for (uint32_t batch : view.first_batches) {
    visible_shapes_.push_back(rows_.is_visible(batch) ? 1 : 0);
    are_all &= visible_shapes_.back() != 0;
  }
  if (are_all) return;
  rows_.visit({}, [&](const HeadView::Row& row) {
    visible_shapes_[row.header.shape] = 1;
    const Shape& known = shape(row.header.shape);
    if (known.event_count_field == Shape::kNoField && known.link_count_field == Shape::kNoField) {
      return;
    }
    // Every event and link has a field: its time, its ids.
    visit_row(row, [&](uint32_t code, size_t, std::string_view) {
      visible_shapes_[code] = 1;
      return true;
    });
  });
}

bool HeadCatalogue::has_rows_with(Table table, FieldKind kind, std::string_view key) const {
  for (uint32_t code = 0; code < visible_shapes_.size(); ++code) {
    if (visible_shapes_[code] == 0 || shape(code).table != table) continue;
    bool found = std::ranges::any_of(shape(code).fields, [&](const Field& field) {
      return field.kind == kind && (kind != FieldKind::Attribute || field.key == key);
    });
    if (found) return true;
  }
  return false;
}

void HeadCatalogue::visit_operations(const OperationHandler& handler) const {
  const HeadView& view = rows_.view();
  std::vector<ShapeFacts> with_name_as_value(view.shapes.size());
  bool has_names_as_values = false;
  for (uint32_t code = 0; code < view.shapes.size(); ++code) {
    if (visible_shapes_[code] == 0 || shape(code).table != Table::Span) continue;
    with_name_as_value[code] = shape_facts(shape(code));
    with_name_as_value[code].peer = {};
    if (with_name_as_value[code].name_field != Shape::kNoField) {
      has_names_as_values = true;
      continue;
    }
    handler(view.services[shape(code).service], shape(code).name,
            static_cast<uint32_t>(shape(code).kind));
  }
  if (!has_names_as_values) return;
  visit_rows([&](const HeadView::Row& row) {
    const ShapeFacts& known = with_name_as_value[row.header.shape];
    if (known.name_field == Shape::kNoField) return;
    const Shape& of_row = shape(row.header.shape);
    SpanFacts facts;
    read_row_facts(known, of_row, row.values, facts);
    handler(view.services[of_row.service], facts.name, facts.kind);
  });
}

void HeadCatalogue::visit_keys(Table table,
                               const std::function<void(std::string_view)>& handler) const {
  for (uint32_t code = 0; code < visible_shapes_.size(); ++code) {
    if (visible_shapes_[code] == 0 || shape(code).table != table) continue;
    for (const Field& field : shape(code).fields) {
      if (field.kind == FieldKind::Attribute) handler(field.key);
    }
  }
  if (!has_rows_with(table, FieldKind::AttributeList, {})) return;
  visit_rows([&](const HeadView::Row& row) {
    visit_row(row, [&](uint32_t code, size_t field, std::string_view value) {
      bool is_list = shape(code).fields[field].kind == FieldKind::AttributeList;
      if (shape(code).table != table || !is_list) return true;
      Arena arena;
      for (const KeyValue& entry : list_of(value, arena)) handler(entry.key);
      return true;
    });
  });
}

void HeadCatalogue::visit_values(Table table, std::string_view key,
                                 const std::function<bool(const Value&)>& handler) const {
  bool is_there = has_rows_with(table, FieldKind::Attribute, key) ||
                  has_rows_with(table, FieldKind::AttributeList, {});
  if (!is_there) return;
  bool goes_on = true;
  auto visit = [&](uint32_t code, size_t index, std::string_view bytes) {
    const Field& field = shape(code).fields[index];
    if (shape(code).table != table) return true;
    Arena arena;
    if (field.kind == FieldKind::Attribute && field.key == key) {
      ByteReader reader(bytes);
      Result<Value> value = read_row_value(reader, field.type, arena);
      SPOOR_ASSERT(value.ok());  // rows never leave memory
      return handler(*value);
    }
    if (field.kind != FieldKind::AttributeList) return true;
    for (const KeyValue& entry : list_of(bytes, arena)) {
      if (entry.key == key && !handler(entry.value)) return false;
    }
    return true;
  };
  visit_rows([&](const HeadView::Row& row) {
    if (goes_on) goes_on = visit_row(row, visit);
  });
}

std::vector<Resource> HeadCatalogue::resources(Arena& arena) const {
  const HeadView& view = rows_.view();
  std::vector<uint8_t> is_used(view.resources.size());
  visit_rows([&](const HeadView::Row& row) { is_used[row.header.resource] = 1; });
  std::vector<Resource> resources;
  for (size_t i = 0; i < is_used.size(); ++i) {
    if (is_used[i] != 0) resources.push_back(decode_resource(view.resources[i], arena).value());
  }
  return resources;
}

std::vector<Scope> HeadCatalogue::scopes(Arena& arena) const {
  const HeadView& view = rows_.view();
  std::vector<uint8_t> is_used(view.scopes.size());
  for (uint32_t code = 0; code < visible_shapes_.size(); ++code) {
    if (visible_shapes_[code] == 0 || shape(code).table != Table::Span) continue;
    is_used[shape(code).scope] = 1;
  }
  std::vector<Scope> scopes;
  for (size_t i = 0; i < is_used.size(); ++i) {
    if (is_used[i] != 0) scopes.push_back(decode_scope(view.scopes[i], arena).value());
  }
  return scopes;
}

}  // namespace spoor::store
