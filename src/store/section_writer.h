// The second pass of a flush: writes one tenant's fragments of one day as a section of a part.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "store/section_input.h"
#include "store/section_output.h"
#include "store/section_plan.h"
#include "store/template_builder.h"
#include "store/trace_order.h"

namespace spoor::store {

class SectionWriter {
 public:
  // `write` appends a block to the section and its checksum behind it.
  SectionWriter(const SectionInput& input, std::span<const Fragment> fragments, Contexts contexts,
                ColumnBuilder::WriteBlock write);
  ~SectionWriter();

  // Writes everything. The result's blocks are in the section; its footer is written too, and
  // `footer_block` says where.
  Result<SectionFooter> run(BlockRef& footer_block);

 private:
  // visit_row()'s hooks: route each value to its place.
  friend struct RowRouter;

  Status write_fragment(const Fragment& fragment);
  void write_row(const SectionInput::Row& place, uint32_t depth);

  const SectionInput& input_;
  std::span<const Fragment> fragments_;
  SectionPlan plan_;
  TemplateBuilder templates_;
  SectionOutput output_;
  std::vector<ShapeFacts> shape_facts_;  // by shape
  std::vector<TraceNode> nodes_;
  TraceOrder order_;
};

}  // namespace spoor::store
