// Which traces of a snapshot's sections are whole there, and which have fragments elsewhere, in
// another section or in the head: of those the rows of one place do not say what holds for the
// trace. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "query/query_context.h"
#include "store/snapshot.h"

namespace spoor::query {

// First rows of the traces of a section that are not whole in it, ascending.
using DividedRows = std::vector<uint64_t>;

// Calls take(view, row) for each visible row of the snapshot's head.
template <typename Take>
void visit_head(const store::Snapshot& snapshot, const Take& take) {
  for (const auto& shard : snapshot.shards) {
    const store::HeadView view = shard->view();
    std::vector<uint8_t> visible;
    for (store::LogPosition position : view.batches) visible.push_back(snapshot.visible(position));
    for (const store::HeadView::Chunk& chunk : view.chunks) {
      std::string_view rest(chunk.rows, chunk.bytes);
      while (!rest.empty()) {
        store::HeadView::Row row = store::HeadView::next_row(rest);
        if (visible[row.header.batch]) take(view, row);
      }
    }
  }
}

bool has_row_within(const DividedRows& rows, uint64_t first, uint64_t end);

class WholeTraces {
 public:
  // Outlives this.
  explicit WholeTraces(const store::Snapshot& snapshot) : snapshot_(snapshot) {}

  // Finds out which traces any two sections share, and each with the head, on all threads of the
  // context; of pairs of sections that were asked about before that is known. Who calls it
  // meanwhile waits. What cannot be read of a section is as if it were not there, and told in
  // missing(). To be called before what is below.
  Status compare(QueryContext& context) SPOOR_EXCLUDES(comparing_);

  // REQUIRES: the section is one of the snapshot's. As long as this.
  const DividedRows& divided(const store::SectionReader& section) const {
    return divided_.at(&section);
  }

  // The traces that have visible spans in the head, ascending by hash, and of each whether a
  // section has it too.
  const std::vector<TraceId>& of_head() const { return of_head_; }
  const std::vector<uint8_t>& is_divided_of_head() const { return is_divided_of_head_; }

  // Why traces that have fragments elsewhere may have been taken for whole; may repeat itself.
  const std::vector<std::string>& missing() const { return missing_; }

  // Of all that was found so far.
  uint64_t size_bytes() const { return size_bytes_.load(std::memory_order_relaxed); }

 private:
  Status compare_sections(QueryContext& context);
  Status compare_head(QueryContext& context);
  void note_missing(const Status& status);
  // Sorts what was found.
  void finish();

  const store::Snapshot& snapshot_;
  std::atomic<uint64_t> size_bytes_{0};
  Mutex comparing_;
  bool are_compared_ SPOOR_GUARDED_BY(comparing_) = false;
  // Written by compare() alone.
  std::vector<TraceId> of_head_;
  std::vector<uint8_t> is_divided_of_head_;
  std::map<const store::SectionReader*, DividedRows> divided_;
  std::vector<std::string> missing_;
};

}  // namespace spoor::query
