// The templates, columns and dictionaries of several sections as one, planned before a row is
// written. Second step of a merge.
//
// Two templates are one if shape and all constants and columns agree. Where the templates of a
// shape would stand for too few rows each, as when a field is constant in every section and
// another constant in each, those of its fields that vary most go into columns, by the same
// limits as at a flush. A text column is kept as codes if it is so in all sections and the united
// dictionary stays within the limits. Rows of shapes that are rare in all sections together get a
// general shape (rare_shapes.h).
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "store/origin_union.h"
#include "store/rare_shapes.h"
#include "store/section_metadata.h"
#include "store/section_plan.h"
#include "store/section_stream.h"
#include "store/span_facts.h"
#include "store/template_builder.h"

namespace spoor::store {

// What becomes of one field of a row when it is copied.
struct CopyStep {
  enum class Kind : uint8_t {
    Integer,  // column to column
    Double,
    Text,
    Code,             // of one dictionary to that of another: `codes`
    Expand,           // a code to its text: `texts`
    ConstantInteger,  // a constant of the input's template, a value here: no source
    ConstantCode,     // of the united dictionary: `integer`
    ConstantDouble,
    ConstantText,
    Nothing,  // an entry of a list that has no value
  };
  Kind kind = Kind::Integer;
  // Index into the counts of children that the value is, kNoChildren if it is none.
  uint8_t children = kNoChildren;
  uint8_t fact = kNoFact;  // place among the texts of span_facts.h, kNoFact if it has none
  uint32_t source = 0;     // column of the input with the fixed ones before, as SectionStream's
  uint32_t target = 0;     // field column
  const Field* entry = nullptr;  // the value goes into the row's attribute list, not to the target
  std::span<const uint32_t> codes;
  std::span<const std::string_view> texts;
  int64_t integer = 0;
  double number = 0;
  std::string_view text;

  static constexpr uint8_t kNoChildren = 2;
  static constexpr uint8_t kNoFact = 255;
};

// What a template of an input becomes.
struct TemplateCopy {
  static constexpr uint32_t kUnused = ~uint32_t{0};
  uint32_t code = kUnused;  // kUnused: no row of the input has it
  const Shape* shape = nullptr;
  std::array<uint64_t, 2> children{};  // events and links, where the counts are constants
  std::vector<CopyStep> steps;         // in the order of the fields
  // Where attributes become one value: its column, and how many of the steps are its entries.
  static constexpr uint32_t kNoList = ~uint32_t{0};
  uint32_t list_column = kNoList;
  uint64_t list_entries = 0;
  // Of span templates: what the rollups need, and those of its texts that are constants.
  ShapeFacts facts;
  std::array<std::string_view, kFactTexts> fact_texts{};
};

class TemplateUnion {
 public:
  struct Input {
    const SectionMetadata* metadata = nullptr;  // must live as long as the union
    TemplateRows rows;
  };
  // `origins` holds the same sections in the same order.
  TemplateUnion(std::span<const Input> inputs, const OriginUnion& origins);

  const TemplateCopy& copy_of(size_t input, Table table, uint32_t code) const {
    return copies_[input][static_cast<size_t>(table)][code];
  }

  // For a row that comes as shape and values: the first template whose shape and constants fit,
  // a new one with all fields in columns if there is none.
  struct KeptField {
    bool in_column = false;
    uint32_t column = 0;
    std::string_view constant;  // row-value bytes
  };
  struct UnitedTemplate {
    uint32_t shape = 0;
    std::vector<KeptField> fields;
  };
  uint32_t find_or_add(std::string_view shape_key, std::span<const std::string_view> values);
  // Whether find_or_add() would bring a shape that no row has yet; how many it brought.
  bool is_new(std::string_view shape_key);
  size_t added_shapes() const { return added_shapes_; }
  const UnitedTemplate& of(Table table, uint32_t code) const {
    return templates_[static_cast<size_t>(table)][code];
  }
  const Shape& shape(const UnitedTemplate& entry) const { return shapes_[entry.shape]; }
  // The value gets a code if the column is kept as codes.
  void prepare_value(uint32_t column, std::string_view row_value);

  // Columns are added by find_or_add().
  const std::vector<ColumnId>& columns() const { return columns_; }
  const ColumnDictionary* dictionary(uint32_t column) const { return dictionaries_[column].get(); }
  std::string encode() const;

 private:
  class Planner;
  uint32_t add_template(Table table, UnitedTemplate entry);
  uint32_t column_of(const ColumnId& id);
  // `field` is where the value goes, nullptr for an entry of a list.
  CopyStep plan_step(size_t input, const KeptField* field, const Template& of_input, size_t index);
  CopyStep plan_entry(size_t input, const Template& of_input, size_t index);
  void plan_name(const Template& of_input, uint32_t column, TemplateCopy& copy);
  // The field of the input's template to the field at the place in the united one.
  void plan_field(size_t input, const Template& of_input, size_t index, size_t place,
                  TemplateCopy& copy);
  TemplateCopy plan_copy(size_t input, const Template& of_input, Table table, uint32_t code);
  // Codes of the input's dictionary in the united one.
  std::span<const uint32_t> code_map(size_t input, uint32_t source, uint32_t target);

  std::vector<const SectionMetadata*> inputs_;
  ShapeTable shapes_;
  std::array<std::vector<UnitedTemplate>, kTables> templates_;
  std::vector<std::vector<uint32_t>> templates_of_shape_;  // by shape: codes in its table
  size_t added_shapes_ = 0;
  std::vector<ColumnId> columns_;
  std::unordered_map<ColumnId, uint32_t, ColumnIdHash> column_codes_;
  std::vector<std::unique_ptr<ColumnDictionary>> dictionaries_;
  std::vector<std::array<std::vector<TemplateCopy>, kTables>> copies_;  // by input
  std::unordered_map<uint64_t, std::vector<uint32_t>> code_maps_;
  Arena arena_;  // of constants and of values that came later
};

}  // namespace spoor::store
