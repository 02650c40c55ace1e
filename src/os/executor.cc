#include "os/executor.h"

#include "base/assert.h"

namespace spoor::os {
namespace {

// A full queue of short pieces of work empties well within a second.
constexpr uint32_t kFullRetryDelayMs = 1000;

}  // namespace

Executor::Executor(const Options& options) : options_(options) {
  SPOOR_ASSERT(options.name.size() <= 12);
  SPOOR_ASSERT(options.threads > 0 && options.threads < 1000);
  SPOOR_ASSERT(options.queue_capacity > 0);
  for (size_t i = 0; i < options.threads; ++i) {
    std::string number = std::to_string(i);
    std::string name = options.name.substr(0, 14 - number.size()) + "-" + number;
    threads_.emplace_back(name, [this] { run(); });
  }
}

Status Executor::submit(std::function<void()> work) {
  SPOOR_ASSERT(work != nullptr);
  {
    MutexLock lock(mutex_);
    if (stopping_) return unavailable(options_.name + ": stopping", kFullRetryDelayMs);
    if (queue_.size() >= options_.queue_capacity) {
      return unavailable(
          options_.name + ": queue is full with " + std::to_string(queue_.size()) + " waiting",
          kFullRetryDelayMs);
    }
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return {};
}

void Executor::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (Thread& thread : threads_) thread.join();
}

size_t Executor::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

void Executor::run() {
  while (true) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace spoor::os
