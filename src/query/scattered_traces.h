// Traces of which a fragment in one section did not decide whether they match: it has a row that
// every match needs, but the fragment alone does not match. Only where another fragment of the
// trace lies in another section or in the head may the whole trace match.
#pragma once

#include <span>
#include <vector>

#include "base/mutex.h"
#include "query/newest_traces.h"

namespace spoor::query {

class ScatteredTraces {
 public:
  // Outlives this.
  explicit ScatteredTraces(const store::Snapshot& snapshot);

  // Whether a trace of a section can have spans elsewhere at all.
  bool can_be() const { return can_be_; }

  // Any thread.
  void add(const store::SectionReader& section, std::span<const TraceHit> fragments)
      SPOOR_EXCLUDES(mutex_);
  uint64_t size_bytes() const SPOOR_EXCLUDES(mutex_);
  // So many were added that to know which have other fragments at all is cheaper than to look for
  // them one by one.
  bool are_many() const SPOOR_EXCLUDES(mutex_);

  // Offers those that have another fragment and may be among the newest, newest first. Appends what
  // could not be read to `missing`. One thread, when nothing is added any more.
  Status offer(NewestTraces& newest, QueryContext& context, std::vector<std::string>& missing)
      SPOOR_EXCLUDES(mutex_);

 private:
  struct Fragment {
    TraceHit trace;
    const store::SectionReader* section = nullptr;
  };
  Status offer_some(std::span<Fragment> fragments, NewestTraces& newest, QueryContext& context,
                    std::vector<std::string>& missing);

  const store::Snapshot& snapshot_;
  const bool can_be_;
  mutable Mutex mutex_;
  std::vector<Fragment> fragments_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::query
