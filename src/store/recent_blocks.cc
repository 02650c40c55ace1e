#include "store/recent_blocks.h"

#include <atomic>
#include <utility>

#include "base/hash.h"

namespace spoor::store {

uint64_t RecentBlocks::new_owner() {
  static std::atomic<uint64_t> next{1};
  return next++;
}

size_t RecentBlocks::Hash::operator()(const Key& key) const {
  const uint64_t words[] = {key.owner, key.group << 8 | static_cast<uint64_t>(key.kind)};
  return hash64({reinterpret_cast<const char*>(words), sizeof words});
}

std::shared_ptr<const void> RecentBlocks::find(const Key& key) {
  MutexLock lock(mutex_);
  auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  blocks_.splice(blocks_.begin(), blocks_, found->second);
  return found->second->content;
}

void RecentBlocks::keep(const Key& key, std::shared_ptr<const void> block, uint64_t bytes) {
  if (bytes > bytes_max_) return;
  Blocks left;  // freed once nobody waits for it
  MutexLock lock(mutex_);
  if (places_.contains(key)) return;
  blocks_.push_front({key, std::move(block), bytes});
  places_.emplace(key, blocks_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    bytes_ -= blocks_.back().bytes;
    places_.erase(blocks_.back().key);
    left.splice(left.begin(), blocks_, std::prev(blocks_.end()));
  }
}

uint64_t RecentBlocks::size_bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace spoor::store
