#include "os/sparse_bytes.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace spoor::os {

void SparseBytes::resize(uint64_t size) {
  uint64_t tail = size % kPageBytes;
  bool cut_page_has_bytes = size < size_ && tail != 0 && pages_[size / kPageBytes] != nullptr;
  if (cut_page_has_bytes) {
    Page& page = writable_page(size / kPageBytes);
    std::fill(page.begin() + static_cast<ptrdiff_t>(tail), page.end(), '\0');
  }
  pages_.resize((size + kPageBytes - 1) / kPageBytes);
  size_ = size;
}

void SparseBytes::write(uint64_t offset, std::string_view bytes) {
  if (offset + bytes.size() > size_) resize(offset + bytes.size());
  while (!bytes.empty()) {
    uint64_t at = offset % kPageBytes;
    size_t count = std::min<uint64_t>(bytes.size(), kPageBytes - at);
    std::memcpy(writable_page(offset / kPageBytes).data() + at, bytes.data(), count);
    offset += count;
    bytes.remove_prefix(count);
  }
}

void SparseBytes::read(uint64_t offset, std::span<char> target) const {
  SPOOR_ASSERT(offset <= size_ && target.size() <= size_ - offset);
  while (!target.empty()) {
    uint64_t at = offset % kPageBytes;
    size_t count = std::min<uint64_t>(target.size(), kPageBytes - at);
    const std::shared_ptr<Page>& page = pages_[offset / kPageBytes];
    if (page == nullptr) {
      std::memset(target.data(), 0, count);
    } else {
      std::memcpy(target.data(), page->data() + at, count);
    }
    offset += count;
    target = target.subspan(count);
  }
}

SparseBytes::Page& SparseBytes::writable_page(uint64_t index) {
  std::shared_ptr<Page>& page = pages_[index];
  if (page == nullptr) {
    page = std::make_shared<Page>(kPageBytes, '\0');
  } else if (page.use_count() > 1) {
    page = std::make_shared<Page>(*page);
  }
  return *page;
}

}  // namespace spoor::os
