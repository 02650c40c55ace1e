#include "query/row_starts.h"

#include <algorithm>

#include "base/assert.h"
#include "query/row_traces.h"
#include "store/limits.h"

namespace spoor::query {

using store::FixedColumn;
using store::RowGroupRef;
using store::TracePlace;

Result<TracePlace> TraceWalk::trace_of(uint64_t row) {
  auto contains = [row](const TracePlace& place) {
    return row >= place.first_row && row < place.first_row + place.rows;
  };
  for (size_t at : {at_, at_ + 1}) {
    if (places_ != nullptr && at < places_->size() && contains((*places_)[at])) {
      at_ = at;
      return (*places_)[at];
    }
  }
  if (!directories_) {
    SPOOR_ASSIGN(directories_, section_.directories());
  }
  const auto& first_rows = directories_->first_rows;
  auto after = std::ranges::upper_bound(first_rows, row);
  if (after == first_rows.begin()) return data_loss("trace table: a row before the first trace");
  size_t page = static_cast<size_t>(after - first_rows.begin()) - 1;
  if (page != page_) {
    SPOOR_ASSIGN(places_, section_.trace_page(*directories_, page));
    page_ = page;
  }
  auto place = std::ranges::upper_bound(*places_, row, {}, &TracePlace::first_row) - 1;
  if (row >= place->first_row + place->rows) {
    return data_loss("trace table: a row between two traces");
  }
  at_ = static_cast<size_t>(place - places_->begin());
  return *place;
}

GroupRows GroupRows::of(const store::SectionReader& section, size_t group) {
  const uint64_t first = section.footer().first_row_of(group);
  return {first, first + section.footer().row_groups[group].rows};
}

Result<bool> has_cut_trace(const GroupRows& rows, TraceWalk& walk) {
  SPOOR_ASSIGN(TracePlace first, walk.trace_of(rows.first));
  SPOOR_ASSIGN(TracePlace last, walk.trace_of(rows.end - 1));
  return rows.cuts(first) || rows.cuts(last);
}

RowStarts::RowStarts(store::SectionReader& section, const SectionScan& scan, size_t group)
    : section_(section),
      scan_(scan),
      group_(group),
      first_row_(section.footer().first_row_of(group)),
      walk_(section) {}

RowStarts::~RowStarts() = default;

RowTraces& RowStarts::traces() {
  if (!traces_) traces_ = std::make_unique<RowTraces>(section_, scan_, group_, *this);
  return *traces_;
}

Result<std::span<const uint64_t>> RowStarts::of(uint32_t vector) {
  if (!reader_) {
    SPOOR_ASSIGN(reader_, scan_.open_group(group_));
    starts_.resize(reader_->rows());
    is_known_.resize(reader_->vectors());
  }
  if (!is_known_[vector]) SPOOR_TRY(load(vector));
  size_t first = vector * store::kVectorRows;
  return std::span<const uint64_t>(starts_).subspan(first, reader_->rows_of(vector));
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

Status RowStarts::load(uint32_t vector) {
  // A walk may begin so far before the vector.
  constexpr uint64_t kRowsBeforeMax = 4 * store::kVectorRows;
  const uint64_t row = first_row_ + vector * store::kVectorRows;
  if (next_row_ == row) return walk_vector(*reader_, vector, first_row_, row);
  SPOOR_ASSIGN(trace_, walk_.trace_of(row));
  const uint64_t begin = trace_.first_row;
  if (begin < first_row_ || row - begin > kRowsBeforeMax) return load_all();
  for (uint64_t at = (begin - first_row_) / store::kVectorRows; at <= vector; ++at) {
    SPOOR_TRY(walk_vector(*reader_, static_cast<uint32_t>(at), first_row_, begin));
  }
  return {};
}

Status RowStarts::load_all() {
  const auto& groups = section_.footer().row_groups;
  SPOOR_ASSIGN(trace_, walk_.trace_of(first_row_));
  const uint64_t first_trace_row = trace_.first_row;
  // A trace larger than a row group began in one before.
  size_t begin = group_;
  uint64_t begin_row = first_row_;
  while (begin > 0 && begin_row > first_trace_row) begin_row -= groups[--begin].rows;
  for (size_t group = begin; group < group_; ++group) {
    SPOOR_ASSIGN(auto reader, scan_.open_group(group));
    for (uint32_t vector = 0; vector < reader->vectors(); ++vector) {
      SPOOR_TRY(walk_vector(*reader, vector, begin_row, std::max(begin_row, first_trace_row)));
    }
    begin_row += groups[group].rows;
  }
  for (uint32_t vector = 0; vector < reader_->vectors(); ++vector) {
    SPOOR_TRY(walk_vector(*reader_, vector, first_row_, first_trace_row));
  }
  return {};
}

Status RowStarts::walk_vector(store::RowGroupReader& reader, uint32_t vector,
                              uint64_t group_first_row, uint64_t from_row) {
  SPOOR_ASSIGN(auto depths, reader.fixed(FixedColumn::Depth, vector));
  SPOOR_ASSIGN(auto distances, reader.fixed(FixedColumn::Start, vector));
  const bool is_kept = &reader == reader_.get();
  next_row_ = ~uint64_t{0};  // until the walk has ended well
  const uint64_t first_row = group_first_row + vector * store::kVectorRows;
  if (is_kept && from_row <= first_row) is_known_[vector] = 1;
  if (!is_kept) passed_.resize(store::kVectorRows);
  uint64_t* target = is_kept ? starts_.data() + (first_row - first_row_) : passed_.data();
  uint64_t row = std::max(from_row, first_row);
  const uint64_t end = first_row + distances.size();
  while (row < end) {
    if (row < trace_.first_row || row >= trace_.first_row + trace_.rows) {
      SPOOR_ASSIGN(trace_, walk_.trace_of(row));
    }
    if (row == trace_.first_row) {
      open_ = 0;
      start_of_depth_[0] = trace_.start;
    }
    const uint64_t trace_end = std::min(end, trace_.first_row + trace_.rows);
    for (size_t i = row - first_row; i < trace_end - first_row; ++i) {
      auto depth = static_cast<uint64_t>(depths[i]);
      if (depth > open_) return data_loss("row group: a row is deeper than its parent allows");
      uint64_t start = start_of_depth_[depth] + static_cast<uint64_t>(distances[i]);
      open_ = depth + 1;
      if (open_ == start_of_depth_.size()) start_of_depth_.resize(2 * open_);
      start_of_depth_[open_] = start;
      target[i] = start;
    }
    row = trace_end;
  }
  next_row_ = row;
  return {};
}

}  // namespace spoor::query
