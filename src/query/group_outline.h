// What a row group says of its rows before it is opened, each part read when first asked for. For
// one row group, on one thread; lives longer than what it answered.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "store/section_reader.h"

namespace spoor::query {

class GroupOutline {
 public:
  GroupOutline(const store::SectionReader& section, size_t group)
      : section_(section), group_(group) {}

  size_t group() const { return group_; }
  const store::RowGroupRef& place() const { return section_.footer().row_groups[group_]; }

  // Its span templates. `metadata` is the section's.
  Result<std::span<const store::GroupTemplate>> templates(const store::SectionMetadata& metadata);

  // Whether a row may lie in a tree of which the root is not in the row group.
  bool may_have_loose_rows() const {
    bool says = (section_.footer().features & store::kFeatureListedRows) != 0;
    return !says || place().loose_rows > 0;
  }
  // Whether it lists all rows of a template; listed_rows() then has them.
  bool lists_rows_of(const store::GroupTemplate& entry) const {
    return place().listed_rows.bytes > 0 && entry.rows <= place().listed_rows_max;
  }
  bool has_template_edges() const { return place().template_edges.bytes > 0; }
  // REQUIRES: it has them, and templates() was asked.
  Result<std::span<const store::ListedRow>> listed_rows();
  Result<std::span<const store::TemplateEdge>> template_edges();

 private:
  const store::SectionReader& section_;
  const size_t group_;
  std::shared_ptr<const std::vector<store::GroupTemplate>> templates_;
  std::shared_ptr<const std::vector<store::ListedRow>> listed_rows_;
  std::shared_ptr<const std::vector<store::TemplateEdge>> template_edges_;
};

}  // namespace spoor::query
