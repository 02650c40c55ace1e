// Writes the rollups of a section while its rows are written. The writer of a section feeds it
// every row in the section's order and calls finish() once, before it writes the footer:
//
//   RollupBuilder rollups(services, write);
//   rollups.begin_trace();                  // per fragment
//   rollups.add(facts);                     // per row, depth first
//   SPOOR_TRY(rollups.end_trace());
//   SPOOR_TRY(rollups.finish(footer.rollup_names, footer.rollup_pages));
//
// Memory is bounded: when counts take kRollupBytesMax they are written as pages, so that the
// minutes of pages may overlap. One thread uses it.
#pragma once

#include <string_view>
#include <vector>

#include "store/column_builder.h"
#include "store/part_format.h"
#include "store/rollup_counter.h"

namespace spoor::store {

class RollupBuilder {
 public:
  // `services` by their number in the section; the views must outlive the builder. `write`
  // appends a block to the section.
  RollupBuilder(std::vector<std::string_view> services, ColumnBuilder::WriteBlock write);

  void begin_trace() { counter_.begin_trace(); }
  // As RollupCounter's. The views of `facts` need not outlive the call.
  void add(const SpanFacts& facts, uint32_t of_template = RollupCounter::kNoTemplate) {
    counter_.add(facts, of_template);
  }
  Status end_trace();

  // Writes what is left, the directory of pages and the names.
  Status finish(BlockRef& names, BlockRef& pages);

 private:
  Status write_pages();

  RollupCounter counter_;
  ColumnBuilder::WriteBlock write_;
  RollupDirectory directory_;
};

}  // namespace spoor::store
