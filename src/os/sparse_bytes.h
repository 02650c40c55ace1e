// A long string of bytes in pages of 16 KiB shared between copies and copied on write; a page
// never written is zeros and costs a pointer. Makes crash clones of preallocated files cheap.
// Not thread-safe, and copies that share pages count as one object.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::os {

class SparseBytes {
 public:
  static constexpr uint64_t kPageBytes = 16 * 1024;

  uint64_t size() const { return size_; }
  // Cuts the end or adds zeros.
  void resize(uint64_t size);
  // Grows as needed.
  void write(uint64_t offset, std::string_view bytes);
  // REQUIRES: offset + target.size() <= size()
  void read(uint64_t offset, std::span<char> target) const;

 private:
  using Page = std::string;
  Page& writable_page(uint64_t index);

  uint64_t size_ = 0;
  // Bytes of the last page beyond size_ are zero.
  std::vector<std::shared_ptr<Page>> pages_;
};

}  // namespace spoor::os
