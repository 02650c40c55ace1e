// A pool of named worker threads with a bounded queue: work is done in the order it was
// submitted, each piece once, none after stop() returned. Thread-safe; submit() may be called
// from a worker. Owned by whoever owns what the work touches, and stopped before it goes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "os/thread.h"

namespace spoor::os {

class Executor {
 public:
  struct Options {
    std::string name;  // threads are called "name-0", ...; at most 12 characters
    size_t threads = 1;
    size_t queue_capacity = 1024;  // pieces of work that wait, beside those that run
  };

  explicit Executor(const Options& options);
  ~Executor() { stop(); }
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Unavailable with a delay when the queue is full or the pool stops; the work is not run then.
  Status submit(std::function<void()> work) SPOOR_EXCLUDES(mutex_);
  // Refuses new work, finishes what is queued, ends the threads. May be called twice, not from
  // a worker.
  void stop() SPOOR_EXCLUDES(mutex_);

  size_t queued() const SPOOR_EXCLUDES(mutex_);

 private:
  void run() SPOOR_EXCLUDES(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<std::function<void()>> queue_ SPOOR_GUARDED_BY(mutex_);
  bool stopping_ SPOOR_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;
};

}  // namespace spoor::os
