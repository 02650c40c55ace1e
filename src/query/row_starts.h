// Which trace a row belongs to, and when the row's span starts: what a section keeps relative to
// other rows. Each for one thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "query/row_mask.h"
#include "query/section_scan.h"

namespace spoor::query {

class RowTraces;

// The rows of a row group in its section.
struct GroupRows {
  uint64_t first = 0, end = 0;

  static GroupRows of(const store::SectionReader& section, size_t group);
  // Whether the trace has rows in another row group too.
  bool cuts(const store::TracePlace& trace) const {
    return trace.first_row < first || trace.first_row + trace.rows > end;
  }
};

// Finds traces by row; quick when neighbours are asked for one after another.
class TraceWalk {
 public:
  explicit TraceWalk(store::SectionReader& section) : section_(section) {}

  // REQUIRES: row < spans of the section.
  Result<store::TracePlace> trace_of(uint64_t row);

 private:
  store::SectionReader& section_;
  std::shared_ptr<const store::SectionReader::Directories> directories_;
  size_t page_ = ~size_t{0};
  std::shared_ptr<const std::vector<store::TracePlace>> places_;  // of the page
  size_t at_ = 0;                                                 // of the last answer
};

// Whether a trace has rows both in the row group and in another.
Result<bool> has_cut_trace(const GroupRows& rows, TraceWalk& walk);

// The starts of a row group's rows. A start is kept as the distance from the parent's, so a vector
// is walked from where the trace that lies at its first row begins; the whole group is where that
// is far away.
class RowStarts {
 public:
  RowStarts(store::SectionReader& section, const SectionScan& scan, size_t group);
  ~RowStarts();

  // The starts of the vector's rows.
  Result<std::span<const uint64_t>> of(uint32_t vector);
  // Takes the rows out of `rows` that start before `start_min` or after `start_max`.
  Status keep_within(uint64_t start_min, uint64_t start_max, uint32_t vector, RowMask& rows);
  // What is known of the rows' traces. As long as this.
  RowTraces& traces();

 private:
  Status load(uint32_t vector);
  Status load_all();
  // Walks the rows of the vector from `from_row` of the section on, and keeps their starts.
  Status walk_vector(store::RowGroupReader& reader, uint32_t vector, uint64_t group_first_row,
                     uint64_t from_row);

  store::SectionReader& section_;
  const SectionScan& scan_;
  const size_t group_;
  const uint64_t first_row_;
  TraceWalk walk_;
  std::unique_ptr<store::RowGroupReader> reader_;  // of the group
  std::vector<uint64_t> starts_;                   // of the group's rows
  std::vector<uint8_t> is_known_;                  // by vector
  std::vector<uint64_t> passed_;                   // of a vector of a group before
  // Where the last walk ended: the row behind it, its trace, the start of the trace and those from
  // its root to the row, of which so many are open.
  uint64_t next_row_ = ~uint64_t{0};
  store::TracePlace trace_;
  std::vector<uint64_t> start_of_depth_ = std::vector<uint64_t>(16);  // grows
  size_t open_ = 0;
  std::unique_ptr<RowTraces> traces_;
};

}  // namespace spoor::query
