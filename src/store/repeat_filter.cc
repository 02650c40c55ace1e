#include "store/repeat_filter.h"

#include "store/limits.h"

namespace spoor::store {

std::optional<LogPosition> RepeatFilter::find(const Hash128& body) const {
  MutexLock lock(mutex_);
  auto found = positions_.find(body);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

void RepeatFilter::pop_oldest() {
  const Entry& oldest = entries_.front();
  auto found = positions_.find(oldest.body);
  // A body that came again has a newer entry, which keeps it.
  if (found != positions_.end() && found->second == oldest.position) positions_.erase(found);
  entries_.pop_front();
}

void RepeatFilter::remember(const Hash128& body, LogPosition position, UnixNanos received) {
  constexpr uint64_t kWindowNanos = kRepeatWindowMinutes * kNanosPerMinute;
  MutexLock lock(mutex_);
  positions_[body] = position;
  entries_.push_back({body, position, received});
  while (entries_.size() > kRepeatEntriesMax ||
         entries_.front().received.value + kWindowNanos < received.value) {
    pop_oldest();
  }
}

void RepeatFilter::forget(const Hash128& body) {
  MutexLock lock(mutex_);
  positions_.erase(body);
}

}  // namespace spoor::store
