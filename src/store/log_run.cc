#include "store/log_run.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace spoor::store {

using os::kDirectBlockBytes;

LogRun::LogRun(uint64_t begin, uint64_t bytes, AlignedBytes memory)
    : base_(begin / kDirectBlockBytes * kDirectBlockBytes),
      begin_(begin),
      end_(begin + bytes),
      blocks_(std::move(memory)) {
  const uint64_t needed = whole_blocks(end_ - base_);
  if (blocks_.size() < needed)
    blocks_ = AlignedBytes(kDirectBlockBytes, std::max(kRunBytes, needed));
}

bool LogRun::extend(uint64_t bytes) {
  if (bytes > base_ + blocks_.size() - end_) return false;
  end_ += bytes;
  return true;
}

Status LogRun::write(os::File& file, LogTail& tail) {
  SPOOR_ASSERT(tail.end == begin_);
  std::memcpy(blocks_.data(), tail.block.data(), begin_ - base_);
  const uint64_t filled = end_ - base_, size = whole_blocks(filled);
  std::memset(blocks_.data() + filled, 0, size - filled);
  SPOOR_TRY(file.write_at(base_, {blocks_.data(), size}));
  const uint64_t rest = filled % kDirectBlockBytes;
  std::memcpy(tail.block.data(), blocks_.data() + (filled - rest), rest);
  tail.end = end_;
  return {};
}

}  // namespace spoor::store
