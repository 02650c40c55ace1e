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

void NewestTraces::offer(const TraceId& id, uint64_t start) {
  if (!may_enter(start)) return;
  {
    MutexLock lock(mutex_);
    if (!offered_.insert(id).second) return;
  }
  if (start < threshold_.load(std::memory_order_relaxed)) return;  // counted, and no more
  std::vector<std::string> missing;
  auto earliest = store::find_trace_start(snapshot_, id, missing);
  TraceHit hit{id, earliest.value_or(UnixNanos{start})};
  MutexLock lock(mutex_);
  missing_.insert(missing_.end(), missing.begin(), missing.end());
  if (request_.after && !comes_before(*request_.after, hit)) return;
  hits_.insert(hit);
  if (hits_.size() > kept_) hits_.erase(std::prev(hits_.end()));
  if (hits_.size() == kept_) threshold_ = std::prev(hits_.end())->start.value;
}

uint64_t NewestTraces::size_bytes() const {
  MutexLock lock(mutex_);
  return offered_.bucket_count() * (sizeof(TraceId) + 1) + hits_.size() * 64;
}

void NewestTraces::take(SearchResult& result, std::vector<std::string>& missing) {
  MutexLock lock(mutex_);
  missing.insert(missing.end(), missing_.begin(), missing_.end());
  result.hits.assign(hits_.begin(), hits_.end());
  result.more = result.hits.size() > request_.limit;
  if (result.more) result.hits.pop_back();
  if (counts_all_) result.total = offered_.size();
}

}  // namespace spoor::query
