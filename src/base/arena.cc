#include "base/arena.h"

#include <algorithm>

namespace spoor {
namespace {
constexpr size_t kBlockBytesMin = 16 << 10;
constexpr size_t kBlockBytesMax = 1 << 20;
}  // namespace

void* Arena::allocate_slow(size_t size, size_t alignment) {
  SPOOR_ASSERT(alignment <= alignof(std::max_align_t));
  size_t grown = std::clamp(capacity_ * 2, kBlockBytesMin, kBlockBytesMax);
  size_t capacity = std::max(grown, size);
  blocks_.push_back({std::unique_ptr<char[]>(new char[capacity]), capacity});
  size_bytes_ += capacity;
  current_ = blocks_.back().bytes.get();
  capacity_ = capacity;
  used_ = size;
  return current_;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  auto largest =
      std::max_element(blocks_.begin(), blocks_.end(),
                       [](const Block& a, const Block& b) { return a.capacity < b.capacity; });
  Block kept = std::move(*largest);
  blocks_.clear();
  blocks_.push_back(std::move(kept));
  current_ = blocks_.back().bytes.get();
  capacity_ = blocks_.back().capacity;
  size_bytes_ = capacity_;
  used_ = 0;
}

}  // namespace spoor
