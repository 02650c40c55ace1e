// What the threads of a metrics query have counted of the data so far, piece by piece: a row group,
// a whole section, a chunk of the head. Pieces that are kept from an earlier query are not counted
// again. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/mutex.h"
#include "query/counted_pieces.h"
#include "query/metrics_traces.h"
#include "query/query_context.h"

namespace spoor::query {

class MetricsTotal {
 public:
  // A piece of a section, and the times that all its spans start within, both included.
  struct Place {
    uint64_t section = 0;    // SectionReader::number()
    uint64_t row_group = 0;  // or CountedPieces::kWholeSection
    UnixNanos first, last;
  };

  // All outlive it; `table` is touched by nobody else meanwhile.
  MetricsTotal(const MetricsPlan& plan, const MetricsIntervals& intervals, QueryContext& context,
               MetricsTable& table)
      : intervals_(intervals),
        context_(context),
        question_(CountedPieces::question(plan, intervals)),
        table_(table) {}

  // Adds what is kept of the piece; false if nothing is. Errors as add().
  Result<bool> add_known(const Place& place);
  // Adds what was counted of a piece and keeps it, if it lies wholly in the range. The errors of
  // check_groups() and QueryContext::charge().
  Status add(const Place& place, CountedPiece piece);
  // Of the head, which changes: nothing is kept.
  Status add(const CountedPiece& piece) SPOOR_EXCLUDES(mutex_);
  void note_missing(std::string why) SPOOR_EXCLUDES(mutex_);

  // All pieces are in. Adds spans and what is missing. Errors as add().
  Status finish(MetricsWork& work) SPOOR_EXCLUDES(mutex_);

 private:
  bool is_kept(const Place& place) const {
    return context_.counted() != nullptr && place.first >= intervals_.first() &&
           place.last <= intervals_.last();
  }
  CountedPieces::Key key_of(const Place& place) const {
    return {question_, place.section, place.row_group};
  }

  const MetricsIntervals& intervals_;
  QueryContext& context_;
  const Hash128 question_;
  Mutex mutex_;
  MetricsTable& table_ SPOOR_GUARDED_BY(mutex_);
  uint64_t spans_ SPOOR_GUARDED_BY(mutex_) = 0;
  size_t groups_charged_ SPOOR_GUARDED_BY(mutex_) = 0;
  size_t since_charge_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::query
