// Brings spans back from the rows of a section, trace by trace.
//
// The row group and the pages in hand are kept between traces: those that lie near one another,
// asked for in the order of their rows, cost each page once. One thread uses it.
#pragma once

#include <memory>

#include "store/row_group_cursor.h"
#include "store/section_reader.h"

namespace spoor::store {

class TraceReader {
 public:
  // REQUIRES: the section outlives the reader; the metadata is its own.
  TraceReader(SectionReader& section, std::shared_ptr<const SectionMetadata> metadata,
              const Projection& projection = Projection::whole())
      : section_(section), metadata_(std::move(metadata)), choice_(*metadata_, projection) {}

  // Appends the spans of the trace, all or none, with what the projection asks for. `place` comes
  // from the section. An error names the file; the reader can be used on.
  Status read(const TracePlace& place, SpanBatch& result);

 private:
  class Assembly;
  Status read_rows(const TracePlace& place, SpanBatch& result);
  Status open_group_of(uint64_t row);

  SectionReader& section_;
  std::shared_ptr<const SectionMetadata> metadata_;
  const ColumnChoice choice_;
  std::unique_ptr<RowGroupCursor> cursor_;
  uint64_t group_begin_ = 0, group_end_ = 0;  // rows of the section that the cursor reads
};

}  // namespace spoor::store
