// A bump allocator that one request owns. What it hands out lives until the arena is reset or
// destroyed; destructors do not run, so only trivially destructible types may be placed in it.
// Not thread-safe. Blocks grow from 16 KiB, doubling to 1 MiB; a larger request gets its own.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/assert.h"

namespace spoor {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Memory for `count` values, not initialised.
  template <typename T>
  T* allocate(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate_bytes(sizeof(T) * count, alignof(T)));
  }

  template <typename T>
  std::span<T> copy(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (values.empty()) return {};
    T* target = allocate<T>(values.size());
    std::memcpy(static_cast<void*>(target), values.data(), values.size_bytes());
    return {target, values.size()};
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* target = allocate<char>(text.size());
    std::memcpy(target, text.data(), text.size());
    return {target, text.size()};
  }

  // Bytes taken from the system so far: what a memory budget is charged.
  size_t size_bytes() const { return size_bytes_; }

  // Forgets everything, keeps the largest block.
  void reset();

 private:
  void* allocate_bytes(size_t size, size_t alignment) {
    size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (start + size > capacity_) return allocate_slow(size, alignment);
    used_ = start + size;
    return current_ + start;
  }
  void* allocate_slow(size_t size, size_t alignment);

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t capacity;
  };
  std::vector<Block> blocks_;
  char* current_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
  size_t size_bytes_ = 0;
};

}  // namespace spoor
