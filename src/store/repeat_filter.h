// Remembers the requests of the last minutes by the hash of their decompressed bodies, so that
// one that a sender repeats after a timeout is acknowledged and not stored again. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/time.h"
#include "store/log_position.h"

namespace spoor::store {

class RepeatFilter {
 public:
  // What the filter knows a request by: the same body of another tenant is another request.
  static Hash128 key_of(std::string_view tenant, const Hash128& body) {
    return {hash_mix(body.low, hash64(tenant)), body.high};
  }

  // Where the same body was logged; nothing if it was not, or is not remembered any more.
  std::optional<LogPosition> find(const Hash128& body) const SPOOR_EXCLUDES(mutex_);

  // Forgets what is older than the window as seen from `received`, and the oldest beyond the
  // number kept (limits.h).
  void remember(const Hash128& body, LogPosition position, UnixNanos received)
      SPOOR_EXCLUDES(mutex_);

  void forget(const Hash128& body) SPOOR_EXCLUDES(mutex_);

 private:
  struct Entry {
    Hash128 body;
    LogPosition position;
    UnixNanos received;
  };
  struct HashOfHash {
    size_t operator()(const Hash128& hash) const { return hash.low; }
  };
  void pop_oldest() SPOOR_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::deque<Entry> entries_ SPOOR_GUARDED_BY(mutex_);  // in order of arrival
  std::unordered_map<Hash128, LogPosition, HashOfHash> positions_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor::store
