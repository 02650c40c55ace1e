// The second pass: writes one tenant's fragments of one day as a section of a part.
//
// Row groups are written one after another, so that no more than one of them is in memory; then
// dictionaries, templates, the trace table, the trace index and the section's footer.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/column_builder.h"
#include "store/part_format.h"
#include "store/rollup_builder.h"
#include "store/section_input.h"
#include "store/section_plan.h"
#include "store/template_builder.h"
#include "store/trace_index.h"
#include "store/trace_order.h"

namespace spoor::store {

class SectionWriter {
 public:
  // `write` appends a block to the section and its checksum behind it.
  SectionWriter(const SectionInput& input, std::span<const Fragment> fragments,
                ColumnBuilder::WriteBlock write);
  ~SectionWriter();

  // Writes everything. The result's blocks are in the section; its footer is written too, and
  // `footer_block` says where.
  Result<SectionFooter> run(BlockRef& footer_block);

 private:
  // visit_row()'s hooks: route each value to its place.
  friend struct RowRouter;

  Status write_fragment(const Fragment& fragment);
  void write_row(const SectionInput::Row& place, const HeadShard::Row& row, uint32_t depth,
                 uint64_t start_base);
  Status finish_row_group();
  Status write_dictionaries();
  Status write_resources();
  void order_resources();

  ColumnBuilder& fixed(FixedColumn column) { return columns_[static_cast<size_t>(column)]; }

  const SectionInput& input_;
  std::span<const Fragment> fragments_;
  ColumnBuilder::WriteBlock write_;
  SectionPlan plan_;
  TemplateBuilder templates_;
  std::vector<ColumnBuilder> columns_;  // fixed ones, then plan_.columns()
  TraceTableBuilder traces_;
  RollupBuilder rollups_;
  std::vector<ShapeFacts> shape_facts_;  // by shape
  SectionFooter footer_;

  // Resources grouped by service: the new number of each, and the first of each service.
  std::vector<uint32_t> resource_numbers_;
  std::vector<uint32_t> resource_order_;
  std::vector<uint32_t> first_resource_of_service_;

  RowGroupRef group_;
  std::vector<TraceNode> nodes_;
  std::vector<OrderedNode> ordered_;
  std::vector<uint64_t> start_of_depth_;
};

}  // namespace spoor::store
