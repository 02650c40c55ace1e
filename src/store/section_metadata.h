// What a section says of itself beside its rows: templates, resources, scopes, dictionaries.
// Loaded as a whole on first use, immutable afterwards, shared by readers through shared_ptr;
// results pin it, because their names, keys and constants point into it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "model/span.h"
#include "store/part_file.h"
#include "store/part_format.h"
#include "store/shape.h"

namespace spoor::store {

struct TemplateField {
  enum class Kind : uint8_t { Constant, Column };
  Kind kind = Kind::Constant;
  uint32_t column = 0;  // index into SectionMetadata::columns
  Value constant;
};

struct Template {
  Shape shape;
  std::vector<TemplateField> fields;
};

class SectionMetadata {
 public:
  static Result<std::shared_ptr<const SectionMetadata>> load(const PartFile& file,
                                                             const PartSection& section,
                                                             const SectionFooter& footer);

  // How the values of a column lie in its pages; fixed columns first, then fields.
  PageType page_type(uint32_t column) const;

  std::vector<ColumnId> columns;
  std::array<std::vector<Template>, kTables> templates;
  // By column; empty where the column has none.
  std::vector<std::vector<std::string_view>> dictionaries;
  std::vector<uint8_t> has_dictionary;
  std::vector<std::string_view> services;
  std::vector<uint32_t> first_resource_of_service;
  std::vector<Resource> resources;
  std::vector<Scope> scopes;

 private:
  class Loader;
  std::vector<std::vector<char>> blocks_;  // what the views point into
  Arena arena_;
};

}  // namespace spoor::store
