#include "os/faulty_world.h"

namespace spoor::os {
namespace {

constexpr uint32_t kRetryDelayMs = 1000;

constexpr std::array<std::string_view, kCallKinds> kCallNames = {
    "open",           "read",     "write",
    "sync",           "allocate", "truncate",
    "rename",         "remove",   "create directory",
    "sync directory",
};

Status injected(Call call, const std::string& path, Code code) {
  std::string message = path;
  message.append(": ").append(kCallNames[static_cast<size_t>(call)]).append(": injected fault");
  if (code == Code::Unavailable) return unavailable(std::move(message), kRetryDelayMs);
  return Status(code, std::move(message));
}

}  // namespace

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyWorld& world, std::string path, OpenMode mode, std::unique_ptr<File> inner)
      : world_(world), path_(std::move(path)), mode_(mode), inner_(std::move(inner)) {}

  Status read_at(uint64_t offset, std::span<char> target) override {
    SPOOR_TRY(world_.check(Call::Read, path_));
    return inner_->read_at(offset, target);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    std::optional<Fault> fault = world_.strike(Call::Write);
    if (!fault) return inner_->write_at(offset, bytes);
    if (fault->short_write == Fault::ShortWrite::Yes) {
      size_t written = bytes.size() / 2;
      if (mode_ == OpenMode::CreateDirect) written -= written % kSectorBytes;
      SPOOR_TRY(inner_->write_at(offset, bytes.substr(0, written)));
    }
    return injected(Call::Write, path_, fault->code);
  }
  Status sync() override {
    std::optional<Fault> fault = world_.strike(Call::Sync);
    if (!fault) return inner_->sync();
    world_.drop_unsynced(path_, *fault);
    return injected(Call::Sync, path_, fault->code);
  }
  Status allocate(uint64_t size) override {
    SPOOR_TRY(world_.check(Call::Allocate, path_));
    return inner_->allocate(size);
  }
  Status truncate(uint64_t size) override {
    SPOOR_TRY(world_.check(Call::Truncate, path_));
    return inner_->truncate(size);
  }
  Result<uint64_t> size() override {
    SPOOR_TRY(world_.check(Call::Read, path_));
    return inner_->size();
  }
  void expect_reading() override { inner_->expect_reading(); }

 private:
  FaultyWorld& world_;
  const std::string path_;
  const OpenMode mode_;
  const std::unique_ptr<File> inner_;
};

CallSet CallSet::mutating() {
  return {Call::Write,           Call::Sync,          Call::Allocate,
          Call::Truncate,        Call::Rename,        Call::Remove,
          Call::CreateDirectory, Call::SyncDirectory, Call::Open};
}

FaultyWorld::FaultyWorld(World& inner)
    : inner_(inner), memory_(dynamic_cast<MemoryWorld*>(&inner)) {}

void FaultyWorld::set_fault(const Fault& fault) {
  SPOOR_ASSERT(fault.at > 0);
  MutexLock lock(mutex_);
  fault_ = fault;
  matching_ = 0;
}

void FaultyWorld::clear_fault() {
  MutexLock lock(mutex_);
  fault_.reset();
}

uint64_t FaultyWorld::count(const CallSet& calls) const {
  MutexLock lock(mutex_);
  uint64_t total = 0;
  for (size_t i = 0; i < kCallKinds; ++i) {
    if (calls.contains(static_cast<Call>(i))) total += counts_[i];
  }
  return total;
}

uint64_t FaultyWorld::faults() const {
  MutexLock lock(mutex_);
  return faults_;
}

std::optional<Fault> FaultyWorld::strike(Call call) {
  MutexLock lock(mutex_);
  ++counts_[static_cast<size_t>(call)];
  if (!fault_ || !fault_->calls.contains(call)) return std::nullopt;
  ++matching_;
  bool struck =
      fault_->repeat == Fault::Repeat::Once ? matching_ == fault_->at : matching_ >= fault_->at;
  if (!struck) return std::nullopt;
  ++faults_;
  return fault_;
}

Status FaultyWorld::check(Call call, const std::string& path) {
  std::optional<Fault> fault = strike(call);
  return fault ? injected(call, path, fault->code) : Status();
}

void FaultyWorld::drop_unsynced(const std::string& path, const Fault& fault) {
  if (memory_ == nullptr) return;
  // A file that was renamed or removed while open has no path to drop it by: its writes stay
  // pending, which a crash clone may lose as well.
  [[maybe_unused]] Status status = memory_->drop_unsynced(path, fault.cache_after_failed_sync);
}

Result<std::unique_ptr<File>> FaultyWorld::open(const std::string& path, OpenMode mode) {
  SPOOR_TRY(check(Call::Open, path));
  SPOOR_ASSIGN(std::unique_ptr<File> file, inner_.open(path, mode));
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, path, mode, std::move(file)));
}

Status FaultyWorld::create_directories(const std::string& path) {
  SPOOR_TRY(check(Call::CreateDirectory, path));
  return inner_.create_directories(path);
}

Result<std::vector<std::string>> FaultyWorld::list_directory(const std::string& path) {
  SPOOR_TRY(check(Call::Read, path));
  return inner_.list_directory(path);
}

Status FaultyWorld::remove_file(const std::string& path) {
  SPOOR_TRY(check(Call::Remove, path));
  return inner_.remove_file(path);
}

Status FaultyWorld::remove_directory(const std::string& path) {
  SPOOR_TRY(check(Call::Remove, path));
  return inner_.remove_directory(path);
}

Status FaultyWorld::rename(const std::string& from, const std::string& to) {
  SPOOR_TRY(check(Call::Rename, from));
  return inner_.rename(from, to);
}

Status FaultyWorld::sync_directory(const std::string& path) {
  SPOOR_TRY(check(Call::SyncDirectory, path));
  return inner_.sync_directory(path);
}

Result<bool> FaultyWorld::exists(const std::string& path) {
  SPOOR_TRY(check(Call::Read, path));
  return inner_.exists(path);
}

Result<DiskSpace> FaultyWorld::disk_space(const std::string& path) {
  SPOOR_TRY(check(Call::Read, path));
  return inner_.disk_space(path);
}

Result<std::unique_ptr<DirectoryLock>> FaultyWorld::lock(const std::string& path) {
  SPOOR_TRY(check(Call::Open, path));
  return inner_.lock(path);
}

}  // namespace spoor::os
