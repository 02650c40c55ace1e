// Which traces of a snapshot's sections are whole there, and which have fragments elsewhere, in
// another section or in the head: of those the rows of one section do not say what holds for the
// trace. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "query/query_context.h"
#include "store/snapshot.h"

namespace spoor::query {

// First rows of the traces of a section that are not whole in it, ascending.
using DividedRows = std::vector<uint64_t>;

bool has_row_within(const DividedRows& rows, uint64_t first, uint64_t end);

class WholeTraces {
 public:
  // Outlives this.
  explicit WholeTraces(const store::Snapshot& snapshot) : snapshot_(snapshot) {}

  // Finds out which traces any two sections share, on all threads of the context; of pairs that
  // were asked about before that is known. Pairs that cannot be read are left to divided(). Who
  // calls it meanwhile waits.
  Status compare_sections(QueryContext& context) SPOOR_EXCLUDES(comparing_);

  // REQUIRES: the section is one of the snapshot's. What cannot be read of another is as if it were
  // not there.
  Result<std::shared_ptr<const DividedRows>> divided(store::SectionReader& section)
      SPOOR_EXCLUDES(mutex_);

  // The traces that have visible spans in the head, ascending by hash.
  const std::vector<TraceId>& of_head() SPOOR_EXCLUDES(mutex_);

  // Of all that was found so far.
  uint64_t size_bytes() const { return size_bytes_.load(std::memory_order_relaxed); }

 private:
  const store::Snapshot& snapshot_;
  std::atomic<uint64_t> size_bytes_{0};
  Mutex comparing_;  // before any other
  bool are_compared_ SPOOR_GUARDED_BY(comparing_) = false;
  Mutex mutex_;
  bool has_head_ SPOOR_GUARDED_BY(mutex_) = false;
  std::vector<TraceId> of_head_;  // written once, before has_head_
};

}  // namespace spoor::query
