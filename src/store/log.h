// The log, writing side: step one of storing a span, and the one that an acknowledgement waits
// for.
//
//   append()       places a record in the current segment and copies it to memory that is gathered
//                  for a write, many threads at once, each its own bytes.
//   sync()         writes what is gathered, makes it durable and raises acknowledged(). One caller
//                  at a time does the work for all (group commit).
//   when_durable() calls back once a position is acknowledged, on the thread that synced.
//
// In SyncMode::Always writes go past the kernel's cache: nobody reads the log while it is written,
// and what it would push out of the cache, questions need. acknowledged() moves with sync(). In
// SyncMode::Interval append() writes into the cache, acknowledged() moves when that returned, and
// the caller syncs once in a while: a power cut may then lose what was acknowledged since.
//
// After a write or sync failed the log is fenced (ST-2): nothing is acknowledged any more,
// waiting calls get Unavailable, append() refuses. reopen() begins a new segment that declares
// everything beyond the durable position void; the failed file is never synced again.
//
// Continuations are called without a lock held, on the thread that found out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "os/world.h"
#include "store/limits.h"
#include "store/log_format.h"
#include "store/log_position.h"
#include "store/log_run.h"

namespace spoor::store {

enum class SyncMode { Always, Interval };

class Log {
 public:
  using Continuation = std::function<void(const Status&)>;

  // Begins with a new segment `first_segment`. `previous_end`: where what is to be believed of
  // earlier segments ends.
  static Result<std::unique_ptr<Log>> create(os::World& world, std::string root,
                                             uint64_t first_segment, LogPosition previous_end,
                                             SyncMode mode, uint64_t segment_bytes = kSegmentBytes);
  // The same without a segment, fenced by `cause`: reopen() makes the first.
  static std::unique_ptr<Log> create_fenced(os::World& world, std::string root,
                                            uint64_t first_segment, LogPosition previous_end,
                                            SyncMode mode, uint64_t segment_bytes,
                                            const Status& cause);
  // Whether it ever had a segment.
  bool has_begun() const SPOOR_EXCLUDES(mutex_);

  // The position behind the record: it is durable when acknowledged() has reached it.
  // Unavailable when fenced or when no segment can be made.
  Result<LogPosition> append(const LogRecord& record) SPOOR_EXCLUDES(mutex_);

  Status sync() SPOOR_EXCLUDES(mutex_);
  void when_durable(LogPosition position, Continuation continuation) SPOOR_EXCLUDES(mutex_);

  // Blocks until so many wait for a position, or some for much to be synced, `timeout_ms` passed,
  // or wake() was called. For one thread, the one that syncs.
  void wait_for_work(size_t waiting, int64_t timeout_ms) SPOOR_EXCLUDES(mutex_);
  void wake();
  // How many wait for a position to be acknowledged.
  size_t waiting() const SPOOR_EXCLUDES(mutex_);
  // Whether a fence made the record that ends at the position void.
  bool is_void(LogPosition position) const SPOOR_EXCLUDES(mutex_);

  LogPosition acknowledged() const { return {acknowledged_.load(std::memory_order_acquire)}; }
  // Which records may be seen now, by the position behind them: acknowledged and not void.
  Visible visibility() const SPOOR_EXCLUDES(mutex_);
  LogPosition end() const SPOOR_EXCLUDES(mutex_);

  Status fence() const SPOOR_EXCLUDES(mutex_);  // OK if it is not fenced
  Status reopen() SPOOR_EXCLUDES(mutex_);

  // Ends the segment in hand for a clean stop: cuts the preallocated rest and syncs.
  Status close() SPOOR_EXCLUDES(mutex_);

 private:
  struct Segment {
    uint64_t number;
    std::unique_ptr<os::File> file;
    uint64_t size_bytes;
    LogTail tail;  // guarded by sync_mutex_
    bool dirty = false;
  };
  struct Waiting {
    LogPosition position;
    Continuation continuation;
  };
  struct Reservation {
    LogPosition start;
    LogPosition end;
    LogPosition durable;
    char* target;  // the record's place in its run
  };
  // Records that are placed and not written.
  struct Gathered {
    std::shared_ptr<Segment> segment;
    std::unique_ptr<LogRun> run;
  };

  Log(os::World& world, std::string root, SyncMode mode, uint64_t segment_bytes)
      : world_(world), root_(std::move(root)), mode_(mode), segment_bytes_(segment_bytes) {}
  Status begin_segment(uint64_t number, LogPosition previous_end, uint64_t size_bytes)
      SPOOR_REQUIRES(mutex_);
  Result<Reservation> reserve(uint64_t record_bytes) SPOOR_REQUIRES(mutex_);
  char* gather(LogPosition start, uint64_t record_bytes) SPOOR_REQUIRES(mutex_);
  // Who is to hear of the outcome, once no lock is held.
  struct Outcome {
    Status status;
    std::vector<Waiting> answered;
  };
  static Status tell(Outcome outcome);
  // Writes what was gathered before the call; `end` is where that ends.
  Outcome write_gathered(LogPosition& end) SPOOR_REQUIRES(sync_mutex_) SPOOR_EXCLUDES(mutex_);
  Outcome sync_written(LogPosition end) SPOOR_REQUIRES(sync_mutex_) SPOOR_EXCLUDES(mutex_);
  // Fenced, with the continuations that must hear of it.
  Outcome set_fence(const Status& cause) SPOOR_REQUIRES(mutex_);
  // Takes out the continuations that can be called now.
  std::vector<Waiting> take_ready() SPOOR_REQUIRES(mutex_);
  bool lies_in_void(LogPosition position) const SPOOR_REQUIRES(mutex_);
  bool has_work() const SPOOR_REQUIRES(mutex_);

  os::World& world_;
  const std::string root_;
  const SyncMode mode_;
  const uint64_t segment_bytes_;

  mutable Mutex mutex_;
  CondVar has_work_;
  CondVar copied_;    // a record is in its run
  Mutex sync_mutex_;  // held by the one caller that writes and syncs; taken before mutex_
  std::shared_ptr<Segment> current_ SPOOR_GUARDED_BY(mutex_);
  uint64_t next_segment_ SPOOR_GUARDED_BY(mutex_) = 1;
  // The current segment takes no more records: a successor was begun, and may be on disk with
  // this one's end in its header even where making it failed (ST-5).
  bool current_ended_ SPOOR_GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<Segment>> unsynced_ SPOOR_GUARDED_BY(mutex_);  // not the current
  LogPosition end_ SPOOR_GUARDED_BY(mutex_);
  LogPosition durable_ SPOOR_GUARDED_BY(mutex_);
  std::vector<Gathered> gathered_ SPOOR_GUARDED_BY(mutex_);
  std::vector<AlignedBytes> spare_ SPOOR_GUARDED_BY(mutex_);
  size_t gathered_bytes_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::set<LogPosition> copying_ SPOOR_GUARDED_BY(mutex_);  // starts of records on their way
  std::vector<Waiting> waiting_ SPOOR_GUARDED_BY(mutex_);
  size_t waiting_wanted_ SPOOR_GUARDED_BY(mutex_) = 0;  // by wait_for_work(), while it waits
  std::vector<std::pair<LogPosition, LogPosition>> void_ranges_ SPOOR_GUARDED_BY(mutex_);
  Status fence_ SPOOR_GUARDED_BY(mutex_);
  bool woken_ SPOOR_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> acknowledged_{0};
};

}  // namespace spoor::store
