#include "query/row_traces.h"

#include <algorithm>
#include <string>

#include "store/limits.h"

namespace spoor::query {

using store::FixedColumn;
using store::Table;

Result<std::span<const RowTrace>> RowTraces::of(uint32_t vector) {
  if (!is_loaded_) SPOOR_TRY(load());
  is_loaded_ = true;
  const size_t first = vector * store::kVectorRows, end = first + store::kVectorRows;
  auto from = std::ranges::upper_bound(traces_, first, {}, &RowTrace::end);
  auto to = std::ranges::lower_bound(traces_, end, {}, &RowTrace::begin);
  return std::span<const RowTrace>(from, to);
}

Status RowTraces::load() {
  traces_.clear();
  SPOOR_TRY(load_places());
  const TraceNeeds needs = scan_.trace_needs();
  SPOOR_ASSIGN(auto reader, scan_.open_group(group_));
  if (needs.root_name || needs.root_service) SPOOR_TRY(load_roots(*reader));
  if (needs.duration) SPOOR_TRY(load_durations(*reader));
  return {};
}

Status RowTraces::load_places() {
  const GroupRows rows = GroupRows::of(section_, group_);
  TraceWalk walk(section_);
  for (uint64_t row = rows.first; row < rows.end;) {
    SPOOR_ASSIGN(store::TracePlace place, walk.trace_of(row));
    const uint64_t end = place.first_row + place.rows;
    RowTrace& trace = traces_.emplace_back();
    trace.begin = static_cast<uint32_t>(row - rows.first);
    trace.end = static_cast<uint32_t>(std::min(end, rows.end) - rows.first);
    trace.is_undecided = rows.cuts(place) || scan_.is_divided(place.first_row);
    row = end;
  }
  return {};
}

Status RowTraces::load_roots(store::RowGroupReader& reader) {
  const auto& templates = scan_.metadata().templates[static_cast<size_t>(Table::Span)];
  const bool needs_names = scan_.trace_needs().root_name;
  const std::string zeros(SpanId::kSize, '\0');
  constexpr auto kParentIds = static_cast<uint32_t>(FixedColumn::ParentId);
  auto trace = traces_.begin();
  for (uint32_t vector = 0; vector < reader.vectors(); ++vector) {
    bool has_zeros = false;
    if (reader.value_count(kParentIds, vector) > 0) {
      SPOOR_ASSIGN(std::string_view ids, reader.ids(kParentIds, vector));
      has_zeros = ids.find(zeros) != ids.npos;
    }
    // Depths first: the templates of their rows come with them.
    SPOOR_ASSIGN(auto depths, reader.fixed(FixedColumn::Depth, vector));
    SPOOR_ASSIGN(auto codes, reader.templates(Table::Span, vector));
    for (size_t i = 0; i < depths.size(); ++i) {
      if (depths[i] != 0) continue;
      const size_t row = vector * store::kVectorRows + i;
      while (trace->end <= row) ++trace;
      auto code = static_cast<uint32_t>(codes[i]);
      if (templates[code].shape.names_parent != 0) {
        trace->is_undecided |= has_zeros;
        continue;
      }
      const bool is_unknown = needs_names && !scan_.root_texts()[code].name;
      trace->is_undecided |= is_unknown || trace->root != RowTrace::kNoRoot;
      trace->root = code;
    }
  }
  return {};
}

Status RowTraces::load_durations(store::RowGroupReader& reader) {
  auto trace = traces_.begin();
  uint64_t start = ~uint64_t{0}, end = 0;  // of the trace in hand
  for (uint32_t vector = 0; vector < reader.vectors(); ++vector) {
    SPOOR_ASSIGN(auto starts, starts_.of(vector));
    SPOOR_ASSIGN(auto durations, reader.fixed(FixedColumn::Duration, vector));
    for (size_t i = 0; i < starts.size(); ++i) {
      const size_t row = vector * store::kVectorRows + i;
      if (row >= trace->end) {
        ++trace;
        start = ~uint64_t{0};
        end = 0;
      }
      start = std::min(start, starts[i]);
      end = std::max(end, starts[i] + static_cast<uint64_t>(durations[i]));
      trace->duration = end > start ? end - start : 0;
    }
  }
  return {};
}

}  // namespace spoor::query
