// A world in front of another that fails calls as it is told: the N-th of the chosen kinds, once
// or from then on, with a given code. For tests that run a scripted life once to count its
// calls and then once per call with that call failing.
//
// A failed call does nothing to the wrapped world, except: a short write writes half of the
// bytes first; a failed sync makes a wrapped MemoryWorld drop the file's unsynced writes, as
// Linux does. Thread-safe. The wrapped world must outlive this one and its files.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "os/memory_world.h"
#include "os/world.h"

namespace spoor::os {

enum class Call : uint8_t {
  Open,  // also lock
  Read,  // also size, exists, list_directory, disk_space
  Write,
  Sync,
  Allocate,
  Truncate,
  Rename,
  Remove,  // of files and directories
  CreateDirectory,
  SyncDirectory,
};
constexpr size_t kCallKinds = 10;

class CallSet {
 public:
  CallSet(std::initializer_list<Call> calls) {
    for (Call call : calls) bits_ |= 1u << static_cast<unsigned>(call);
  }
  static CallSet all() { return CallSet((1u << kCallKinds) - 1); }
  // All that change the disk.
  static CallSet mutating();

  bool contains(Call call) const { return (bits_ >> static_cast<unsigned>(call) & 1) != 0; }

 private:
  explicit CallSet(uint32_t bits) : bits_(bits) {}
  uint32_t bits_ = 0;
};

struct Fault {
  enum class Repeat { Once, FromThenOn };
  enum class ShortWrite { No, Yes };

  CallSet calls = CallSet::mutating();
  uint64_t at = 1;  // the first matching call after set_fault() is 1
  Repeat repeat = Repeat::Once;
  Code code = Code::DataLoss;  // what errno_status makes of EIO
  ShortWrite short_write = ShortWrite::No;
  MemoryWorld::CacheAfterDrop cache_after_failed_sync = MemoryWorld::CacheAfterDrop::Reverted;
};

class FaultyWorld final : public World {
 public:
  explicit FaultyWorld(World& inner);

  void set_fault(const Fault& fault);
  void clear_fault();
  // Calls since construction, failed ones included.
  uint64_t count(const CallSet& calls) const;
  // Calls that were made to fail.
  uint64_t faults() const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status create_directories(const std::string& path) override;
  Result<std::vector<std::string>> list_directory(const std::string& path) override;
  Status remove_file(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<DiskSpace> disk_space(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& path) override;
  UnixNanos now() override { return inner_.now(); }
  uint64_t monotonic_nanos() override { return inner_.monotonic_nanos(); }
  void random_bytes(std::span<char> target) override { inner_.random_bytes(target); }

 private:
  friend class FaultyFile;
  // Counts the call; the fault if this is one that has to fail.
  std::optional<Fault> strike(Call call) SPOOR_EXCLUDES(mutex_);
  Status check(Call call, const std::string& path);
  void drop_unsynced(const std::string& path, const Fault& fault);

  World& inner_;
  MemoryWorld* const memory_;  // the wrapped world, if it is one
  mutable Mutex mutex_;
  std::array<uint64_t, kCallKinds> counts_ SPOOR_GUARDED_BY(mutex_){};
  std::optional<Fault> fault_ SPOOR_GUARDED_BY(mutex_);
  uint64_t matching_ SPOOR_GUARDED_BY(mutex_) = 0;
  uint64_t faults_ SPOOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace spoor::os
