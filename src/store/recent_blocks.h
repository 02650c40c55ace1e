// What was decoded of blocks of row groups and is likely to be asked for again soon: searches begin
// at the newest row groups, whatever they look for. Holds those asked for last, up to a number of
// bytes. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/mutex.h"

namespace spoor::store {

class RecentBlocks {
 public:
  explicit RecentBlocks(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  enum class Kind : uint8_t { Layout, Templates, ListedRows, TemplateEdges };
  struct Key {
    uint64_t owner = 0;  // as new_owner() gave it
    uint64_t group = 0;
    Kind kind = Kind::Layout;
    bool operator==(const Key&) const = default;
  };
  // A number that no other owner of blocks has.
  static uint64_t new_owner();

  // Null if it is not here. What lies under a key is always of the same type.
  std::shared_ptr<const void> find(const Key& key) SPOOR_EXCLUDES(mutex_);
  // Keeps the first of two with the same key.
  void keep(const Key& key, std::shared_ptr<const void> block, uint64_t bytes)
      SPOOR_EXCLUDES(mutex_);

  uint64_t size_bytes() const SPOOR_EXCLUDES(mutex_);

 private:
  struct Block {
    Key key;
    std::shared_ptr<const void> content;
    uint64_t bytes = 0;
  };
  using Blocks = std::list<Block>;
  struct Hash {
    size_t operator()(const Key& key) const;
  };

  const uint64_t bytes_max_;
  mutable Mutex mutex_;
  Blocks blocks_ SPOOR_GUARDED_BY(mutex_);  // asked for last first
  boost::unordered_flat_map<Key, Blocks::iterator, Hash> places_ SPOOR_GUARDED_BY(mutex_);
  uint64_t bytes_ SPOOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace spoor::store
