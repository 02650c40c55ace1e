#include "query/row_starts.h"

#include <algorithm>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::query {

using store::FixedColumn;
using store::RowGroupRef;
using store::TracePlace;

Result<TracePlace> TraceWalk::trace_of(uint64_t row) {
  if (!directories_) {
    SPOOR_ASSIGN(directories_, section_.directories());
  }
  const auto& first_rows = directories_->first_rows;
  auto after = std::ranges::upper_bound(first_rows, row);
  if (after == first_rows.begin()) return data_loss("trace table: a row before the first trace");
  size_t page = static_cast<size_t>(after - first_rows.begin()) - 1;
  if (page != page_) {
    SPOOR_ASSIGN(places_, section_.read_trace_page(*directories_, page));
    page_ = page;
  }
  auto place = std::ranges::upper_bound(places_, row, {}, &TracePlace::first_row) - 1;
  if (row >= place->first_row + place->rows) {
    return data_loss("trace table: a row between two traces");
  }
  return *place;
}

Result<std::span<const uint64_t>> RowStarts::of(uint32_t vector) {
  if (!loaded_) {
    SPOOR_TRY(load());
    loaded_ = true;
  }
  size_t first = vector * store::kVectorRows;
  size_t rows = std::min(store::kVectorRows, starts_.size() - first);
  return std::span<const uint64_t>(starts_).subspan(first, rows);
}

Status RowStarts::keep_within(uint64_t start_min, uint64_t start_max, uint32_t vector,
                              RowMask& rows) {
  SPOOR_ASSIGN(auto starts, of(vector));
  RowMask outside(rows.rows());
  rows.for_each([&](size_t row) {
    uint64_t start = starts[row];
    if (start < start_min || start > start_max) outside.set(row);
  });
  rows.subtract(outside);
  return {};
}

Status RowStarts::load() {
  const auto& groups = section_.footer().row_groups;
  const uint64_t first_row = section_.footer().first_row_of(group_);
  TraceWalk walk(section_);
  SPOOR_ASSIGN(TracePlace first, walk.trace_of(first_row));
  // A trace larger than a row group began in one before.
  size_t begin = group_;
  uint64_t begin_row = first_row;
  while (begin > 0 && begin_row > first.first_row) begin_row -= groups[--begin].rows;
  for (size_t group = begin; group <= group_; ++group) {
    SPOOR_TRY(walk_group(group, begin_row, std::max(begin_row, first.first_row), walk));
    begin_row += groups[group].rows;
  }
  SPOOR_ASSERT(starts_.size() == groups[group_].rows);
  return {};
}

// Leaves the starts of the group's rows from `from_row` on in starts_.
Status RowStarts::walk_group(size_t group, uint64_t group_first_row, uint64_t from_row,
                             TraceWalk& walk) {
  SPOOR_ASSIGN(auto reader, scan_.open_group(group));
  starts_.clear();
  TracePlace trace;
  for (uint32_t vector = 0; vector < reader->vectors(); ++vector) {
    uint64_t row = group_first_row + vector * store::kVectorRows;
    SPOOR_ASSIGN(auto distances, reader->fixed(FixedColumn::Start, vector));
    SPOOR_ASSIGN(auto depths, reader->fixed(FixedColumn::Depth, vector));
    for (size_t i = 0; i < distances.size(); ++i, ++row) {
      if (row < from_row) continue;
      if (row >= trace.first_row + trace.rows) {
        SPOOR_ASSIGN(trace, walk.trace_of(row));
      }
      if (row == trace.first_row) start_of_depth_.clear();
      uint64_t depth = static_cast<uint64_t>(depths[i]);
      if (depth > start_of_depth_.size()) {
        return data_loss("row group: a row is deeper than its parent allows");
      }
      uint64_t base = depth == 0 ? trace.start : start_of_depth_[depth - 1];
      uint64_t start = base + static_cast<uint64_t>(distances[i]);
      start_of_depth_.resize(depth);
      start_of_depth_.push_back(start);
      starts_.push_back(start);
    }
  }
  return {};
}

}  // namespace spoor::query
