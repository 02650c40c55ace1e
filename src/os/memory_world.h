// A whole file system, clock and source of random numbers in memory, for tests. Keeps the
// durability contract of world.h to the letter and can say, at any moment, what a disk would
// hold if the power failed now.
//
// For each file it knows what was written, what was synced and the writes between; for each
// directory the live entries, the durable entries and the changes between. A file made durable
// by sync() whose name is not (no sync_directory) is gone after a crash. sync_directory() of
// either parent makes a rename durable. create_directories() syncs what it makes.
//
// Thread-safe. Must outlive the files and locks that it gave out. Paths have one root, whether
// or not they begin with a slash; `.` and `..` are resolved.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "os/memory_tree.h"
#include "os/world.h"

namespace spoor::os {

// What a disk writes whole or not at all.
constexpr uint64_t kSectorBytes = 512;

struct CrashOptions {
  // Which of the writes and name changes that were not synced survive.
  enum class Kept { Nothing, Everything, RandomSubset };
  // Yes: the last unsynced write of each file survives up to a random border of 512-byte
  // sectors, whatever `kept` says; the size may have grown without the data (zeros).
  enum class TornLastWrite { No, Yes };

  Kept kept = Kept::Nothing;
  TornLastWrite torn_last_write = TornLastWrite::No;
  uint64_t seed = 1;
};

class MemoryWorld final : public World {
 public:
  // The clock starts at 2026-01-01T00:00:00Z and moves only by advance() and set_now().
  explicit MemoryWorld(uint64_t seed = 1);
  ~MemoryWorld() override;

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
  UnixNanos now() override;
  uint64_t monotonic_nanos() override;
  void random_bytes(std::span<char> target) override;

  // A new world as the disk would be found after a power cut now. All is synced in it, locks
  // are free, the clock goes on from here.
  std::unique_ptr<MemoryWorld> crash_clone(const CrashOptions& options) const;

  // Called after each mutating operation that succeeded, without a lock held, by the thread
  // that did it: `index` counts from 1, `what` reads "write log/1 at 0, 512 bytes".
  using OperationHook = std::function<void(uint64_t index, std::string_view what)>;
  void on_operation(OperationHook hook);
  uint64_t operation_count() const;

  void advance(uint64_t nanos);             // both clocks
  void set_now(UnixNanos time);             // the wall clock alone
  void set_capacity_bytes(uint64_t bytes);  // of the disk; 1 TiB at first

  // What is left of a file whose sync failed (Rebello et al., ATC 2020): the unsynced writes
  // will never reach the disk; the cache goes on showing them (ext4) or not.
  enum class CacheAfterDrop { Shown, Reverted };
  Status drop_unsynced(const std::string& path, CacheAfterDrop cache = CacheAfterDrop::Reverted);

  // Changes one byte, on the disk and in the cache; OutOfRange beyond the end.
  Status corrupt(const std::string& path, uint64_t offset, uint8_t xor_mask);
  // Every file of the live tree, sorted; absolute.
  std::vector<std::string> file_paths() const;
  Result<std::string> read_all(const std::string& path) const;

 private:
  friend class MemoryFile;
  friend class MemoryLock;

  // Counts a mutating operation and calls the hook.
  void report(const std::string& what) SPOOR_EXCLUDES(mutex_);
  // The error, or a report of the operation that succeeded.
  Status finish(int error, const std::string& path, std::string_view operation)
      SPOOR_EXCLUDES(mutex_);
  uint64_t used_bytes() const SPOOR_REQUIRES(mutex_);
  bool has_room_for(uint64_t grow_bytes) const SPOOR_REQUIRES(mutex_);
  Result<NodePointer> find_file(const std::string& path) const SPOOR_REQUIRES(mutex_);

  mutable Mutex mutex_;
  MemoryTree tree_ SPOOR_GUARDED_BY(mutex_);
  std::set<PathParts> locks_ SPOOR_GUARDED_BY(mutex_);
  OperationHook hook_ SPOOR_GUARDED_BY(mutex_);
  uint64_t operations_ SPOOR_GUARDED_BY(mutex_) = 0;
  uint64_t capacity_bytes_ SPOOR_GUARDED_BY(mutex_) = uint64_t{1} << 40;
  uint64_t random_state_ SPOOR_GUARDED_BY(mutex_);
  UnixNanos now_ SPOOR_GUARDED_BY(mutex_);
  uint64_t monotonic_nanos_ SPOOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace spoor::os
