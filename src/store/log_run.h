// Records one behind another in a segment, in memory until they are written together.
//
// A run is written as whole blocks, because the log goes past the kernel's cache
// (os::OpenMode::CreateDirect). The first block of a run may hold the end of the run before, which
// is on the disk already and is written again as it is; behind the last record stand zeros, as in
// the rest of the segment.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/aligned_bytes.h"
#include "os/world.h"

namespace spoor::store {

constexpr uint64_t whole_blocks(uint64_t bytes) {
  return (bytes + os::kDirectBlockBytes - 1) / os::kDirectBlockBytes * os::kDirectBlockBytes;
}

// As much as one write of a disk takes well, and more than most requests.
constexpr uint64_t kRunBytes = 1 << 20;

// Where what is written of a segment ends, and what stands before that in the last block.
struct LogTail {
  uint64_t end = 0;  // offset in the segment
  std::array<char, os::kDirectBlockBytes> block{};
};

class LogRun {
 public:
  // Begins at an offset of a segment, with a record of so many bytes. In `memory`, where the record
  // has room there.
  LogRun(uint64_t begin, uint64_t bytes, AlignedBytes memory);

  // Adds a record behind the last. False if there is no room for it.
  bool extend(uint64_t bytes);
  // Where the byte of that offset goes. May be filled by several threads, each its own record.
  char* at(uint64_t offset) { return blocks_.data() + (offset - base_); }

  // REQUIRES: all records are filled in; `tail` is that of the segment and ends where this begins.
  Status write(os::File& file, LogTail& tail);

  // For the next run. Nothing else may be called then.
  AlignedBytes take_memory() { return std::move(blocks_); }

 private:
  uint64_t base_;   // of the first block
  uint64_t begin_;  // of the first record
  uint64_t end_;
  AlignedBytes blocks_;
};

}  // namespace spoor::store
