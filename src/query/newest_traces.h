// Collects the newest traces among all that match, by their true start. Fragments are offered in
// any order by several threads; a fragment's start bounds its trace's from above, so what cannot
// be among the newest any more is known before its true start is looked up. Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/mutex.h"
#include "query/search.h"

namespace spoor::query {

class NewestTraces {
 public:
  // Both outlive the collection.
  NewestTraces(const store::Snapshot& snapshot, const SearchRequest& request);

  // Whether a trace that starts at or before `start_bound` could still matter.
  bool may_enter(uint64_t start_bound) const {
    return counts_all_ || start_bound >= threshold_.load(std::memory_order_relaxed);
  }
  // Whether any trace could, however early it starts.
  bool is_open() const { return may_enter(0); }
  // A fragment of the trace matches; its earliest known span starts at `start`.
  void offer(const TraceId& id, uint64_t start) { offer(id, start, nullptr); }
  // The same of one in a section.
  void offer(const store::TraceFragment& fragment) {
    offer(fragment.place.id, fragment.place.start, &fragment);
  }

  uint64_t size_bytes() const SPOOR_EXCLUDES(mutex_);
  // Hits in order, at most the limit; appends what could not be read to `missing`.
  void take(SearchResult& result, std::vector<std::string>& missing) SPOOR_EXCLUDES(mutex_);

 private:
  void offer(const TraceId& id, uint64_t start, const store::TraceFragment* fragment)
      SPOOR_EXCLUDES(mutex_);

  struct Order {
    bool operator()(const TraceHit& a, const TraceHit& b) const { return comes_before(a, b); }
  };

  const store::Snapshot& snapshot_;
  const SearchRequest& request_;
  const size_t kept_;  // one more than the limit, to know whether there are more
  const bool counts_all_;
  std::atomic<uint64_t> threshold_{0};  // the start of the last hit once there are enough
  mutable Mutex mutex_;
  boost::unordered_flat_set<TraceId, std::hash<TraceId>> offered_ SPOOR_GUARDED_BY(mutex_);
  std::map<TraceHit, HitPlace, Order> hits_ SPOOR_GUARDED_BY(mutex_);
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::query
