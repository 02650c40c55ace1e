// Templates of a section: a shape with its constant values filled in. Codes are given per table
// in order of first use, while rows are written; the block is written at the end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/section_input.h"
#include "store/section_plan.h"

namespace spoor::store {

// The bytes of a template as they stand in the block: its shape, then each field.
void append_template_constant(std::string& target, std::string_view row_value);
void append_template_column(std::string& target, uint32_t column);

// The block of columns and templates; those of each table by code. Layout: docs/format/part.md,
// "Templates".
using EncodedTemplates = std::array<std::vector<std::string>, kTables>;
std::string encode_templates(std::span<const ColumnId> columns, const EncodedTemplates& templates);

class TemplateBuilder {
 public:
  TemplateBuilder(const SectionInput& input, const SectionPlan& plan)
      : input_(input), plan_(plan), codes_(input.shapes().size()) {}

  // The row in hand: begin, the position of each promoted field's value, then the code.
  void begin() { combination_ = 0; }
  void add_promoted(const FieldPlan& field, std::string_view bytes);
  uint32_t code(uint32_t shape);

  // Columns and templates of the three tables.
  std::string encode() const;

 private:
  struct Template {
    uint32_t shape;
    uint64_t combination;
  };
  std::string encode_template(const Template& entry) const;

  const SectionInput& input_;
  const SectionPlan& plan_;
  uint64_t combination_ = 0;
  std::array<std::vector<Template>, kTables> templates_;
  // By shape and combination, of which a shape has at most kTemplatesPerShapeMax.
  std::vector<std::vector<uint32_t>> codes_;
};

}  // namespace spoor::store
