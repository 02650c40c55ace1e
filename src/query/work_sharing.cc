#include "query/work_sharing.h"

#include <atomic>
#include <memory>

#include "base/mutex.h"

namespace spoor::query {
namespace {

// Further threads that one query may occupy.
constexpr size_t kHelpersMax = 3;

// Shared by the helpers that were asked for, which may begin long after the query has ended.
class Sharing {
 public:
  Sharing(size_t count, QueryContext& context, const std::function<Status(size_t)>& work)
      : count_(count), context_(context), work_(work) {}

  void work() {
    for (size_t i = next_++; i < count_ && !stopped_; i = next_++) {
      Status status = context_.cancelled() ? cancelled("the query was cancelled") : work_(i);
      if (status.ok()) continue;
      stopped_ = true;
      MutexLock lock(mutex_);
      if (status_.ok()) status_ = status;
    }
  }

  void help() {
    {
      MutexLock lock(mutex_);
      if (closed_) return;
      ++active_;
    }
    work();
    MutexLock lock(mutex_);
    --active_;
    changed_.notify_all();
  }

  Status finish() {
    MutexLock lock(mutex_);
    closed_ = true;
    while (active_ > 0) changed_.wait(mutex_);
    return status_;
  }

 private:
  const size_t count_;
  QueryContext& context_;  // the query's: not touched once closed
  const std::function<Status(size_t)>& work_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stopped_{false};
  Mutex mutex_;
  CondVar changed_;
  bool closed_ SPOOR_GUARDED_BY(mutex_) = false;
  size_t active_ SPOOR_GUARDED_BY(mutex_) = 0;
  Status status_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace

Status share_work(size_t count, QueryContext& context, const std::function<Status(size_t)>& work) {
  auto sharing = std::make_shared<Sharing>(count, context, work);
  for (size_t i = 0; context.helpers() != nullptr && i < kHelpersMax && i + 1 < count; ++i) {
    if (!context.helpers()->submit([sharing] { sharing->help(); }).ok()) break;
  }
  sharing->work();
  return sharing->finish();
}

}  // namespace spoor::query
