#include "query/group_outline.h"

#include "base/assert.h"

namespace spoor::query {

Result<std::span<const store::GroupTemplate>> GroupOutline::templates(
    const store::SectionMetadata& metadata) {
  if (!templates_) {
    SPOOR_ASSIGN(templates_, section_.group_templates(metadata, group_));
  }
  return std::span<const store::GroupTemplate>(*templates_);
}

Result<std::span<const store::ListedRow>> GroupOutline::listed_rows() {
  SPOOR_ASSERT(templates_ && place().listed_rows.bytes > 0);
  if (!listed_rows_) {
    SPOOR_ASSIGN(listed_rows_, section_.listed_rows(*templates_, group_));
  }
  return std::span<const store::ListedRow>(*listed_rows_);
}

Result<std::span<const store::TemplateEdge>> GroupOutline::template_edges() {
  SPOOR_ASSERT(templates_ && has_template_edges());
  if (!template_edges_) {
    SPOOR_ASSIGN(template_edges_, section_.template_edges(*templates_, group_));
  }
  return std::span<const store::TemplateEdge>(*template_edges_);
}

}  // namespace spoor::query
