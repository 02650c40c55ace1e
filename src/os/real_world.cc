#include "os/real_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "os/errno_status.h"

namespace spoor::os {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

// Repeats a system call that a signal interrupted.
template <typename Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

int open_retrying(const std::string& path, int flags) {
  return retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
}

std::string parent_of(const std::string& path) {
  size_t slash = path.find_last_not_of('/');
  slash = slash == std::string::npos ? slash : path.rfind('/', slash);
  if (slash == std::string::npos) return path.starts_with('/') ? "/" : ".";
  size_t end = path.find_last_not_of('/', slash);
  return end == std::string::npos ? "/" : path.substr(0, end + 1);
}

class RealFile final : public File {
 public:
  RealFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  Status read_at(uint64_t offset, std::span<char> target) override {
    size_t done = 0;
    while (done < target.size()) {
      ssize_t count = retry_interrupted([&] {
        return ::pread(fd(), target.data() + done, target.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return errno_status(path_, "read", errno);
      if (count == 0) {
        return data_loss(path_ + ": read at " + std::to_string(offset) + ": expected " +
                         std::to_string(target.size()) + " bytes, got " + std::to_string(done));
      }
      done += static_cast<size_t>(count);
    }
    return {};
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    size_t done = 0;
    while (done < bytes.size()) {
      ssize_t count = retry_interrupted([&] {
        return ::pwrite(fd(), bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(offset + done));
      });
      // Also what is left where a direct write ended within a block.
      if (count < 0 && errno == EINVAL && leave_direct()) continue;
      if (count < 0) return errno_status(path_, "write", errno);
      done += static_cast<size_t>(count);
    }
    return {};
  }

  Status sync() override {
    if (retry_interrupted([&] { return ::fdatasync(fd()); }) != 0) {
      return errno_status(path_, "fdatasync", errno);
    }
    return {};
  }

  Status allocate(uint64_t size) override {
    if (size == 0) return {};
    int result = retry_interrupted([&] { return ::fallocate(fd(), 0, 0, off_t(size)); });
    if (result == 0) return {};
    if (errno != EOPNOTSUPP) return errno_status(path_, "fallocate", errno);
    // A file system without reservations: the size at least is right.
    SPOOR_ASSIGN(uint64_t current, this->size());
    return current < size ? truncate(size) : Status();
  }

  Status truncate(uint64_t size) override {
    if (retry_interrupted([&] { return ::ftruncate(fd(), off_t(size)); }) != 0) {
      return errno_status(path_, "ftruncate", errno);
    }
    return {};
  }

  Result<uint64_t> size() override {
    struct stat facts;
    if (::fstat(fd(), &facts) != 0) return errno_status(path_, "fstat", errno);
    return static_cast<uint64_t>(facts.st_size);
  }

  void expect_reading() override { (void)::posix_fadvise(fd(), 0, 0, POSIX_FADV_WILLNEED); }

 private:
  int fd() const { return descriptor_.number(); }

  // Whether writes were direct; from here on they are not. For disks of larger blocks.
  bool leave_direct() {
    int flags = ::fcntl(fd(), F_GETFL);
    return flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(fd(), F_SETFL, flags & ~O_DIRECT) == 0;
  }

  const std::string path_;
  const Descriptor descriptor_;
};

// The lock lives as long as the descriptor: the kernel releases it when the process dies.
class RealLock final : public DirectoryLock {
 public:
  explicit RealLock(int descriptor) : descriptor_(descriptor) {}

 private:
  const Descriptor descriptor_;
};

// What the holder of the lock wrote into the file: its process number.
std::string lock_holder(int descriptor) {
  char text[24];
  ssize_t count = retry_interrupted([&] { return ::pread(descriptor, text, sizeof text, 0); });
  std::string_view holder(text, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  holder = holder.substr(0, holder.find_first_not_of("0123456789"));
  return holder.empty() ? "another process" : "process " + std::string(holder);
}

uint64_t clock_nanos(clockid_t clock) {
  timespec time;
  SPOOR_ASSERT(::clock_gettime(clock, &time) == 0);
  return static_cast<uint64_t>(time.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

// Makes one directory and its name durable; one that exists is fine.
Status create_directory(World& world, const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) return world.sync_directory(parent_of(path));
  int error = errno;
  struct stat facts;
  if (::stat(path.c_str(), &facts) == 0) {
    return S_ISDIR(facts.st_mode) ? Status() : errno_status(path, "mkdir", ENOTDIR);
  }
  return errno_status(path, "mkdir", error);
}

}  // namespace

Result<std::unique_ptr<File>> RealWorld::open(const std::string& path, OpenMode mode) {
  int flags = O_RDWR;
  if (mode == OpenMode::Read) flags = O_RDONLY;
  if (is_creating(mode)) flags = O_RDWR | O_CREAT | O_EXCL;
  Descriptor descriptor(open_retrying(path, flags));
  if (!descriptor.valid()) return errno_status(path, "open", errno);
  struct stat facts;
  if (::fstat(descriptor.number(), &facts) != 0) return errno_status(path, "fstat", errno);
  if (S_ISDIR(facts.st_mode)) return errno_status(path, "open", EISDIR);
  if (mode == OpenMode::CreateDirect) {
    // Where the file system cannot, writes go through the cache.
    (void)::fcntl(descriptor.number(), F_SETFL, O_RDWR | O_DIRECT);
  }
  return std::unique_ptr<File>(std::make_unique<RealFile>(path, descriptor.release()));
}

Status RealWorld::create_directories(const std::string& path) {
  if (path.empty()) return errno_status(path, "mkdir", ENOENT);
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    SPOOR_TRY(create_directory(*this, path.substr(0, at)));
  }
  return path.back() == '/' ? Status() : create_directory(*this, path);
}

Result<std::vector<std::string>> RealWorld::list_directory(const std::string& path) {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (directory == nullptr) return errno_status(path, "opendir", errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return errno_status(path, "readdir", errno);
  std::ranges::sort(names);
  return names;
}

Status RealWorld::remove_file(const std::string& path) {
  return ::unlink(path.c_str()) == 0 ? Status() : errno_status(path, "unlink", errno);
}

Status RealWorld::remove_directory(const std::string& path) {
  return ::rmdir(path.c_str()) == 0 ? Status() : errno_status(path, "rmdir", errno);
}

Status RealWorld::rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return errno_status(from, "rename to " + to, errno);
}

Status RealWorld::sync_directory(const std::string& path) {
  Descriptor descriptor(open_retrying(path, O_RDONLY | O_DIRECTORY));
  if (!descriptor.valid()) return errno_status(path, "open", errno);
  if (retry_interrupted([&] { return ::fsync(descriptor.number()); }) != 0) {
    return errno_status(path, "fsync", errno);
  }
  return {};
}

Result<bool> RealWorld::exists(const std::string& path) {
  struct stat facts;
  if (::stat(path.c_str(), &facts) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return errno_status(path, "stat", errno);
}

Result<DiskSpace> RealWorld::disk_space(const std::string& path) {
  struct statvfs facts;
  if (retry_interrupted([&] { return ::statvfs(path.c_str(), &facts); }) != 0) {
    return errno_status(path, "statvfs", errno);
  }
  return DiskSpace{static_cast<uint64_t>(facts.f_blocks) * facts.f_frsize,
                   static_cast<uint64_t>(facts.f_bavail) * facts.f_frsize};
}

Result<std::unique_ptr<DirectoryLock>> RealWorld::lock(const std::string& path) {
  Descriptor descriptor(open_retrying(path, O_RDWR | O_CREAT));
  if (!descriptor.valid()) return errno_status(path, "open", errno);
  if (retry_interrupted([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return errno_status(path, "flock", errno);
    return failed_precondition("data directory " + parent_of(path) + " is in use by " +
                               lock_holder(descriptor.number()) +
                               "; stop it or choose another --storage.path");
  }
  int number = descriptor.number();
  auto held = std::make_unique<RealLock>(descriptor.release());
  std::string content = std::to_string(::getpid()) + "\n";
  if (::ftruncate(number, 0) != 0) return errno_status(path, "ftruncate", errno);
  ssize_t written =
      retry_interrupted([&] { return ::pwrite(number, content.data(), content.size(), 0); });
  if (written < 0) return errno_status(path, "write", errno);
  return std::unique_ptr<DirectoryLock>(std::move(held));
}

UnixNanos RealWorld::now() {
  return {clock_nanos(CLOCK_REALTIME)};
}

uint64_t RealWorld::monotonic_nanos() {
  return clock_nanos(CLOCK_MONOTONIC);
}

void RealWorld::random_bytes(std::span<char> target) {
  size_t done = 0;
  while (done < target.size()) {
    ssize_t count = retry_interrupted(
        [&] { return ::getrandom(target.data() + done, target.size() - done, 0); });
    SPOOR_ASSERT(count > 0);  // the kernel has had this call since 3.17 and it cannot fail
    done += static_cast<size_t>(count);
  }
}

}  // namespace spoor::os
