// The world as spoor sees it: files, directories, clocks, random numbers. The only seam between
// the program and the operating system's storage and time; everything above takes a World and
// nothing above calls open(2) or a clock.
//
// Three twins: RealWorld (os/real_world.h), MemoryWorld with crash clones (os/memory_world.h),
// FaultyWorld that fails the N-th call (os/faulty_world.h).
//
// Durability contract, the same in all twins: bytes written are durable after File::sync()
// returned OK; a created, renamed or removed name is durable after sync_directory() of its
// parent returned OK. A sync that failed leaves the file's content unknown: it must not be
// retried on the same File.
//
// Thread-safe unless said otherwise. Paths are plain strings, absolute or relative to the
// process; errors name the path and the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace spoor::os {

// An open file. Positional reads and writes may run concurrently on disjoint ranges.
class File {
 public:
  virtual ~File() = default;

  // Fills `target` from `offset`; reading beyond the end is an error (DataLoss).
  virtual Status read_at(uint64_t offset, std::span<char> target) = 0;
  // Writes all of the bytes or fails; a failed write may have written a part.
  virtual Status write_at(uint64_t offset, std::string_view bytes) = 0;
  // Makes all writes that returned before this call durable.
  virtual Status sync() = 0;
  // Reserves disk space so that later writes below `size` do not fail for want of space. The
  // file grows to `size` with zeros.
  virtual Status allocate(uint64_t size) = 0;
  virtual Status truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() = 0;
  // The whole file will be read soon: the system may begin. Changes nothing else.
  virtual void expect_reading() {}
};

// Held while the process owns a directory; released on destruction or death.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode {
  Read,       // must exist
  Write,      // must exist; read and write
  CreateNew,  // must not exist; read and write
  // The same, and writes go past the kernel's cache where the file system can. Their offset, size
  // and memory must be multiples of kDirectBlockBytes.
  CreateDirect,
};
constexpr bool is_creating(OpenMode mode) {
  return mode == OpenMode::CreateNew || mode == OpenMode::CreateDirect;
}
// The largest logical block of the disks that are about.
constexpr size_t kDirectBlockBytes = 4096;

struct DiskSpace {
  uint64_t total_bytes = 0;
  uint64_t available_bytes = 0;  // to an unprivileged process
};

class World {
 public:
  virtual ~World() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  // Creates the directory and its missing parents, and makes their names durable.
  virtual Status create_directories(const std::string& path) = 0;
  // Names (not paths) of the entries, sorted; a directory that does not exist is NotFound.
  virtual Result<std::vector<std::string>> list_directory(const std::string& path) = 0;
  virtual Status remove_file(const std::string& path) = 0;
  // Removes an empty directory.
  virtual Status remove_directory(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Result<DiskSpace> disk_space(const std::string& path) = 0;
  // Takes the file `path` as the lock of its directory; FailedPrecondition if another process
  // (or another holder in this one) has it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock(const std::string& path) = 0;

  virtual UnixNanos now() = 0;             // wall clock; may jump
  virtual uint64_t monotonic_nanos() = 0;  // never goes back
  virtual void random_bytes(std::span<char>) = 0;

  uint64_t random_u64() {
    uint64_t value;
    random_bytes({reinterpret_cast<char*>(&value), sizeof value});
    return value;
  }
};

// Reads a whole file of at most `size_bytes_max` bytes.
Result<std::string> read_file(World& world, const std::string& path, uint64_t size_bytes_max);

}  // namespace spoor::os
