// The operating system's files, clocks and random numbers. Stateless; one instance serves the
// whole process and must outlive the files it opened. Thread-safe.
//
// Interrupted calls are repeated, short reads and writes are continued. The limits are the
// kernel's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "os/world.h"

namespace spoor::os {

class RealWorld final : public World {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status create_directories(const std::string& path) override;
  Result<std::vector<std::string>> list_directory(const std::string& path) override;
  Status remove_file(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status sync_directory(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<DiskSpace> disk_space(const std::string& path) override;
  // flock(2) on `path`, which then holds the number of this process.
  Result<std::unique_ptr<DirectoryLock>> lock(const std::string& path) override;

  UnixNanos now() override;
  uint64_t monotonic_nanos() override;
  void random_bytes(std::span<char> target) override;
};

}  // namespace spoor::os
