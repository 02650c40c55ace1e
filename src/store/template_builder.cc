#include "store/template_builder.h"

#include <algorithm>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// How a template keeps a field. Numbers are stored.
enum class Kept : uint8_t { Constant = 0, Column = 1 };

}  // namespace

void append_template_constant(std::string& target, std::string_view row_value) {
  target.push_back(static_cast<char>(Kept::Constant));
  target.append(row_value);
}

void append_template_column(std::string& target, uint32_t column) {
  target.push_back(static_cast<char>(Kept::Column));
  append_varint(target, column);
}

std::string encode_templates(std::span<const ColumnId> columns, const EncodedTemplates& templates) {
  std::string bytes;
  append_varint(bytes, columns.size());
  for (const ColumnId& column : columns) {
    bytes.push_back(static_cast<char>(column.table));
    bytes.push_back(static_cast<char>(column.kind));
    bytes.push_back(static_cast<char>(column.type));
    append_sized(bytes, column.key);
  }
  for (const auto& of_table : templates) {
    append_varint(bytes, of_table.size());
    for (const std::string& entry : of_table) bytes.append(entry);
  }
  return bytes;
}

void TemplateBuilder::add_promoted(const FieldPlan& field, std::string_view bytes) {
  auto found = std::ranges::find_if(
      field.values, [&](std::string_view value) { return same_bytes(value, bytes); });
  SPOOR_ASSERT(found != field.values.end());
  combination_ =
      combination_ * field.values.size() + static_cast<uint64_t>(found - field.values.begin());
}

uint32_t TemplateBuilder::code(uint32_t shape) {
  SPOOR_ASSERT(combination_ < kTemplatesPerShapeMax);
  std::vector<uint32_t>& codes = codes_[shape];
  if (combination_ >= codes.size()) codes.resize(combination_ + 1, kNoCode);
  uint32_t& code = codes[combination_];
  if (code == kNoCode) {
    auto& templates = templates_[static_cast<size_t>(input_.shapes()[shape].table)];
    code = static_cast<uint32_t>(templates.size());
    templates.push_back({shape, combination_});
  }
  return code;
}

std::string TemplateBuilder::encode_template(const Template& entry) const {
  const ShapePlan& plan = plan_.shape(entry.shape);
  std::string bytes;
  append_sized(bytes, shape_key(input_.shapes()[entry.shape]));
  // The combination is a number of mixed radix, the last promoted field its lowest digit.
  std::vector<uint64_t> digits(plan.fields.size());
  uint64_t combination = entry.combination;
  for (size_t i = plan.fields.size(); i-- > 0;) {
    if (plan.fields[i].kind != FieldPlan::Kind::Promoted) continue;
    digits[i] = combination % plan.fields[i].values.size();
    combination /= plan.fields[i].values.size();
  }
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    const FieldPlan& field = plan.fields[i];
    if (field.kind == FieldPlan::Kind::Residual) {
      append_template_column(bytes, field.column);
    } else {
      append_template_constant(bytes, field.values[digits[i]]);
    }
  }
  return bytes;
}

std::string TemplateBuilder::encode() const {
  EncodedTemplates encoded;
  for (size_t table = 0; table < kTables; ++table) {
    for (const Template& entry : templates_[table]) {
      encoded[table].push_back(encode_template(entry));
    }
  }
  return encode_templates(plan_.columns(), encoded);
}

}  // namespace spoor::store
