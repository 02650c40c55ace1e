// The first of the two passes that write a section: looks at all its rows and decides, for each
// field of each shape, whether it is a constant of the template, part of a tuple of few values
// that makes templates, or a value in a column; and which text columns become codes.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "store/part_format.h"
#include "store/section_input.h"

namespace spoor::store {

// How a field of a shape is kept.
struct FieldPlan {
  enum class Kind : uint8_t { Constant, Promoted, Residual };
  Kind kind = Kind::Residual;
  uint32_t column = 0;                   // of a residual: index into SectionPlan::columns()
  std::vector<std::string_view> values;  // row-value bytes: one of a constant, few of a promoted
};

struct ShapePlan {
  std::vector<FieldPlan> fields;
  size_t rows = 0;
};

struct ColumnIdHash {
  size_t operator()(const ColumnId& id) const;
};

// Instead of a code, where there is none yet.
constexpr uint32_t kNoCode = ~uint32_t{0};

// A text column's values (without their length) and their codes, in order of first appearance.
struct ColumnDictionary {
  struct TextHash {
    using is_avalanching = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
  };
  std::vector<std::string_view> values;
  boost::unordered_flat_map<std::string_view, uint32_t, TextHash> codes;

  uint32_t intern(std::string_view text);
};

// The distinct values of a text column, until it is no dictionary any more.
struct ColumnStatistics {
  ColumnDictionary dictionary;
  size_t bytes = 0;
  uint64_t values = 0;    // of all rows, for is_dictionary()
  std::string_view last;  // that was added: values that travel through a trace come in runs
  bool overflowed = false;

  void add(std::string_view text);
  void overflow() { overflowed = true, dictionary = {}; }
  // Whether the column is better kept as codes.
  bool is_dictionary() const;
};

class SectionPlan {
 public:
  // `fragments` are those of the section. Views point into the input's rows.
  SectionPlan(const SectionInput& input, std::span<const Fragment> fragments);

  const ShapePlan& shape(uint32_t code) const { return shapes_[code]; }
  // The columns of residual fields; in the file the fixed ones come before them.
  const std::vector<ColumnId>& columns() const { return columns_; }
  // nullptr where the column is kept as text, or is no text.
  const ColumnDictionary* dictionary(uint32_t column) const { return dictionaries_[column].get(); }
  // By the input's code, whether rows have it. Other resources came with refused or repeated
  // spans, or belong to another section of the flush.
  std::span<const uint8_t> used_resources() const { return used_resources_; }

 private:
  std::vector<ShapePlan> shapes_;
  std::vector<ColumnId> columns_;
  std::vector<std::unique_ptr<ColumnDictionary>> dictionaries_;
  std::vector<uint8_t> used_resources_;
};

// The bytes of a text value without the length before them.
std::string_view text_of(std::string_view row_value);

}  // namespace spoor::store
