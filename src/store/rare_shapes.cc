#include "store/rare_shapes.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr RowForm kNameAsValue{NameForm::Value, AttributeForm::Fields};
constexpr RowForm kList{NameForm::Own, AttributeForm::List};
constexpr RowForm kBothAsValues{NameForm::Value, AttributeForm::List};

}  // namespace

std::string general_key(RowForm form, const Shape& shape) {
  Shape general = shape;
  general.fields.clear();
  bool has_name_field = std::ranges::any_of(
      shape.fields, [](const Field& field) { return field.kind == FieldKind::Name; });
  if (form.name == NameForm::Value && !has_name_field) {
    general.name = {};
    general.fields.push_back({FieldKind::Name, ValueType::String, {}});
  }
  bool has_list = false;
  for (const Field& field : shape.fields) {
    if (field.kind != FieldKind::Attribute || form.attributes == AttributeForm::Fields) {
      general.fields.push_back(field);
    } else if (!has_list) {
      general.fields.push_back({FieldKind::AttributeList, ValueType::Bytes, {}});
      has_list = true;
    }
  }
  return shape_key(general);
}

RareShapes::RareShapes(const ShapeTable& shapes, std::span<const uint64_t> rows) {
  auto is_rare = [&](uint32_t code) { return rows[code] > 0 && rows[code] < kRowsPerShapeMin; };
  size_t rare = 0;
  for (uint32_t code = 0; code < shapes.size(); ++code) rare += is_rare(code) ? 1 : 0;
  if (rare <= kRareShapesMax) return;

  // How many rows each general shape would have. Rows that came so are among them.
  std::unordered_map<std::string, uint64_t> rows_of;
  for (uint32_t code = 0; code < shapes.size(); ++code) {
    const Shape& shape = shapes[code];
    if (rows[code] == 0) continue;
    if (!is_rare(code)) {
      rows_of[shape_key(shape)] += rows[code];
      continue;
    }
    rows_of[general_key(kNameAsValue, shape)] += rows[code];
    rows_of[general_key(kList, shape)] += rows[code];
  }
  forms_.resize(shapes.size());
  for (uint32_t code = 0; code < shapes.size(); ++code) {
    if (!is_rare(code)) continue;
    const Shape& shape = shapes[code];
    // Links have no name.
    bool has_name = shape.table != Table::Link;
    if (has_name && rows_of[general_key(kNameAsValue, shape)] >= kRowsPerShapeMin) {
      forms_[code] = kNameAsValue;
    } else if (!has_name || rows_of[general_key(kList, shape)] >= kRowsPerShapeMin) {
      forms_[code] = kList;
    } else {
      forms_[code] = kBothAsValues;
    }
  }
}

}  // namespace spoor::store
