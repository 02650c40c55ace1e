// A mutex whose use clang's thread-safety analysis checks (-Wthread-safety, an error here).
#pragma once

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define SPOOR_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define SPOOR_THREAD_ANNOTATION(x)
#endif
#define SPOOR_GUARDED_BY(m) SPOOR_THREAD_ANNOTATION(guarded_by(m))
#define SPOOR_REQUIRES(...) SPOOR_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define SPOOR_REQUIRES_SHARED(...) SPOOR_THREAD_ANNOTATION(requires_shared_capability(__VA_ARGS__))
#define SPOOR_EXCLUDES(...) SPOOR_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace spoor {

class SPOOR_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() SPOOR_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() SPOOR_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SPOOR_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SPOOR_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() SPOOR_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds. Wake-ups may be spurious: wait in a loop.
class CondVar {
 public:
  void wait(Mutex& mutex) SPOOR_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // Returns after a notification or `timeout_ms` of real time.
  void wait_for_ms(Mutex& mutex, int64_t timeout_ms) SPOOR_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, std::chrono::milliseconds(timeout_ms));
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

class SPOOR_THREAD_ANNOTATION(capability("shared mutex")) SharedMutex {
 public:
  void lock() SPOOR_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() SPOOR_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  void lock_shared() SPOOR_THREAD_ANNOTATION(acquire_shared_capability()) { mutex_.lock_shared(); }
  void unlock_shared() SPOOR_THREAD_ANNOTATION(release_shared_capability()) {
    mutex_.unlock_shared();
  }

 private:
  std::shared_mutex mutex_;
};

class SPOOR_THREAD_ANNOTATION(scoped_lockable) SharedLock {
 public:
  explicit SharedLock(SharedMutex& mutex) SPOOR_THREAD_ANNOTATION(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~SharedLock() SPOOR_THREAD_ANNOTATION(release_capability()) { mutex_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class SPOOR_THREAD_ANNOTATION(scoped_lockable) ExclusiveLock {
 public:
  explicit ExclusiveLock(SharedMutex& mutex) SPOOR_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~ExclusiveLock() SPOOR_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace spoor
