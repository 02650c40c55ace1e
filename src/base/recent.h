// What was made with some effort and is likely to be asked for again soon: those values asked for
// last, up to a number of bytes. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/mutex.h"

namespace spoor {

template <typename Key, typename Value, typename Hash>
class Recent {
 public:
  explicit Recent(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Null if it is not here.
  std::shared_ptr<const Value> find(const Key& key) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  // Keeps the first of two with the same key, and none that is larger than all may be.
  void keep(const Key& key, std::shared_ptr<const Value> value, uint64_t bytes)
      SPOOR_EXCLUDES(mutex_) {
    if (bytes > bytes_max_) return;
    Entries left;  // freed once nobody waits for it
    MutexLock lock(mutex_);
    if (places_.contains(key)) return;
    entries_.push_front({key, std::move(value), bytes});
    places_.emplace(key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      bytes_ -= entries_.back().bytes;
      places_.erase(entries_.back().key);
      left.splice(left.begin(), entries_, std::prev(entries_.end()));
    }
  }

  uint64_t size_bytes() const SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Value> value;
    uint64_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  const uint64_t bytes_max_;
  mutable Mutex mutex_;
  Entries entries_ SPOOR_GUARDED_BY(mutex_);  // asked for last first
  boost::unordered_flat_map<Key, typename Entries::iterator, Hash> places_ SPOOR_GUARDED_BY(mutex_);
  uint64_t bytes_ SPOOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace spoor
