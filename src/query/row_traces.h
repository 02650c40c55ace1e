// What the rows of a row group say of the traces that they belong to: the root, and how long the
// trace lasts. For one row group, on one thread.
//
// Of some traces the row group does not tell, and they are undecided: of those that have fragments
// elsewhere or reach beyond the row group, that have several roots, whose root's parent id is of
// zeros or whose root's name is in a column, where the name is asked for.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "query/row_mask.h"
#include "query/row_starts.h"

namespace spoor::query {

struct RowTrace {
  static constexpr uint32_t kNoRoot = ~uint32_t{0};
  uint32_t begin = 0, end = 0;  // its rows in the row group
  bool is_undecided = false;
  // Of decided traces, what was asked for.
  uint32_t root = kNoRoot;  // the template of its root
  uint64_t duration = 0;    // from its earliest start to its latest end
};

class RowTraces {
 public:
  // All outlive this; `starts` are of the row group.
  RowTraces(store::SectionReader& section, const SectionScan& scan, size_t group, RowStarts& starts)
      : section_(section), scan_(scan), group_(group), starts_(starts) {}

  // Those with rows in the vector, in order, with what SectionScan::trace_needs() asks for.
  Result<std::span<const RowTrace>> of(uint32_t vector);

 private:
  Status load();
  Status load_places();
  Status load_roots(store::RowGroupReader& reader);
  Status load_durations(store::RowGroupReader& reader);

  store::SectionReader& section_;
  const SectionScan& scan_;
  const size_t group_;
  RowStarts& starts_;
  bool is_loaded_ = false;
  std::vector<RowTrace> traces_;
};

// The rows of a vector that lie in traces for which matches(trace) is true.
template <typename Matches>
RowMask rows_of_traces(std::span<const RowTrace> traces, size_t first_row, size_t rows,
                       const Matches& matches) {
  RowMask mask(rows);
  for (const RowTrace& trace : traces) {
    if (!matches(trace)) continue;
    size_t begin = trace.begin < first_row ? 0 : trace.begin - first_row;
    mask.set_range(begin, std::min(trace.end - first_row, rows));
  }
  return mask;
}

}  // namespace spoor::query
