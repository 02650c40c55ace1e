// The body of an answer that is sent while it is made: a bounded queue between whoever makes it,
// on any thread, and the connection that sends it, on its loop's.
//
// Backpressure is a value: write() takes a piece whole and says whether more may follow at once. A
// writer that is told Full stops and has itself called by when_room(), so no thread waits for a
// slow peer. What is queued is at most kQueuedBytesMax and one piece, charged to the server's
// budget until the stream has ended. Exchange::respond_with_stream() makes one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http.h"
#include "os/memory_budget.h"

namespace spoor::net {

class BodyStream {
 public:
  // As much as a connection's output holds: a peer that reads is never kept waiting.
  static constexpr size_t kQueuedBytesMax = 256 * 1024;

  // The trailers by which a peer is told how the stream ended.
  using TrailersOf = std::function<std::vector<Header>(const Status& status)>;

  // `budget` may be null.
  BodyStream(TrailersOf trailers_of, os::MemoryBudget* budget);

  // For the writer; one thread at a time, any thread. After Gone and NoMemory nothing was taken:
  // the peer does not read any more, or the budget has no room.
  enum class Written { MoreMayCome, Full, Gone, NoMemory };
  [[nodiscard]] Written write(std::string piece) SPOOR_EXCLUDES(mutex_);
  // `go_on` is called once, when there is room or the peer has gone: on the loop's thread, where it
  // must be short, or right here. One at a time.
  void when_room(std::function<void()> go_on) SPOOR_EXCLUDES(mutex_);
  // After what is queued, with `more` trailers. The first end counts; nothing may be written after
  // one's own.
  void end(const Status& status, std::vector<Header> more = {}) SPOOR_EXCLUDES(mutex_);

  // For the connection. `wake` is called, from any thread, when there is something to take after
  // take() found nothing.
  void attach(std::function<void()> wake) SPOOR_EXCLUDES(mutex_);
  struct Taken {
    size_t bytes = 0;
    bool is_end = false;  // nothing follows but the trailers
  };
  Taken take(char* target, size_t size) SPOOR_EXCLUDES(mutex_);
  // Nobody reads any more: forgets what is queued. The end is Cancelled if there was none before.
  void close() SPOOR_EXCLUDES(mutex_);
  // REQUIRES: ended or closed.
  std::vector<Header> trailers() const SPOOR_EXCLUDES(mutex_);

 private:
  const TrailersOf trailers_of_;
  mutable Mutex mutex_;
  std::deque<std::string> pieces_ SPOOR_GUARDED_BY(mutex_);
  size_t front_at_ SPOOR_GUARDED_BY(mutex_) = 0;      // bytes of the first piece that are taken
  size_t queued_bytes_ SPOOR_GUARDED_BY(mutex_) = 0;  // not taken
  os::MemoryBudget::Reservation reservation_ SPOOR_GUARDED_BY(mutex_);
  const bool has_budget_;
  bool is_awaited_ SPOOR_GUARDED_BY(mutex_) = false;  // take() found nothing
  bool ended_ SPOOR_GUARDED_BY(mutex_) = false;
  bool closed_ SPOOR_GUARDED_BY(mutex_) = false;
  std::vector<Header> trailers_ SPOOR_GUARDED_BY(mutex_);
  std::function<void()> wake_ SPOOR_GUARDED_BY(mutex_);
  std::function<void()> go_on_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::net
