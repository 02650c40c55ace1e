#include "query/newest_traces.h"

namespace spoor::query {

bool comes_before(const TraceHit& a, const TraceHit& b) {
  return a.start != b.start ? a.start > b.start : a.id < b.id;
}

NewestTraces::NewestTraces(const store::Snapshot& snapshot, const SearchRequest& request)
    : snapshot_(snapshot),
      request_(request),
      kept_(request.limit + 1),
      counts_all_(request.count_all) {}

void NewestTraces::offer(const TraceId& id, uint64_t start, const store::TraceFragment* fragment) {
  if (!may_enter(start)) return;
  {
    MutexLock lock(mutex_);
    if (!offered_.insert(id).second) return;
  }
  if (start < threshold_.load(std::memory_order_relaxed)) return;  // counted, and no more
  std::vector<std::string> missing;
  const store::LocatedTrace located = store::locate_trace(snapshot_, id, fragment, missing);
  const TraceHit hit{id, located.start.value_or(UnixNanos{start})};
  MutexLock lock(mutex_);
  missing_.insert(missing_.end(), missing.begin(), missing.end());
  if (request_.after && !comes_before(*request_.after, hit)) return;
  hits_.emplace(hit, HitPlace::of(located.only));
  if (hits_.size() > kept_) hits_.erase(std::prev(hits_.end()));
  if (hits_.size() == kept_) threshold_ = std::prev(hits_.end())->first.start.value;
}

uint64_t NewestTraces::size_bytes() const {
  constexpr uint64_t kNodeBytes = 32 + sizeof(TraceHit) + sizeof(HitPlace);
  MutexLock lock(mutex_);
  return offered_.bucket_count() * (sizeof(TraceId) + 1) + hits_.size() * kNodeBytes;
}

void NewestTraces::take(SearchResult& result, std::vector<std::string>& missing) {
  MutexLock lock(mutex_);
  missing.insert(missing.end(), missing_.begin(), missing_.end());
  result.more = hits_.size() > request_.limit;
  if (result.more) hits_.erase(std::prev(hits_.end()));
  result.hits.reserve(hits_.size());
  result.places.reserve(hits_.size());
  for (const auto& [hit, place] : hits_) {
    result.hits.push_back(hit);
    result.places.push_back(place);
  }
  if (counts_all_) result.total = offered_.size();
}

}  // namespace spoor::query
