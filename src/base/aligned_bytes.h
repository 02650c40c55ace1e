// Memory at a multiple of a block's size, as a disk takes it without a copy. Not initialised.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "base/assert.h"

namespace spoor {

class AlignedBytes {
 public:
  AlignedBytes() = default;
  // REQUIRES: `size` is a multiple of `alignment`, a power of two. Throws std::bad_alloc.
  AlignedBytes(size_t alignment, size_t size)
      : bytes_(static_cast<char*>(std::aligned_alloc(alignment, size))), size_(size) {
    SPOOR_ASSERT(size % alignment == 0);
    if (bytes_ == nullptr) throw std::bad_alloc();
  }
  AlignedBytes(AlignedBytes&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  AlignedBytes& operator=(AlignedBytes&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char[], Free> bytes_;
  size_t size_ = 0;
};

}  // namespace spoor
