#include "os/memory_world.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "os/errno_status.h"

namespace spoor::os {
namespace {

constexpr UnixNanos kStartTime{1'767'225'600 * kNanosPerSecond};  // 2026-01-01T00:00:00Z

uint64_t mix_random(uint64_t& state) {
  // splitmix64
  state += 0x9e3779b97f4a7c15ull;
  uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

// What one file keeps of its unsynced writes.
class ContentSurvival {
 public:
  ContentSurvival(const CrashOptions& options, uint64_t& random)
      : options_(options), random_(random) {}

  SparseBytes of(const MemoryNode& file) {
    SparseBytes content = file.durable_content;
    for (const PendingWrite& write : file.unsynced) {
      bool last = &write == &file.unsynced.back();
      bool is_write = write.kind == PendingWrite::Kind::Write;
      if (last && is_write && options_.torn_last_write == CrashOptions::TornLastWrite::Yes) {
        apply_torn(write, content);
      } else if (keep()) {
        write.apply(content);
      } else if (is_write && options_.kept == CrashOptions::Kept::RandomSubset) {
        maybe_grow(write, content);
      }
    }
    return content;
  }

  bool keep() {
    if (options_.kept == CrashOptions::Kept::RandomSubset) return coin();
    return options_.kept == CrashOptions::Kept::Everything;
  }

 private:
  bool coin() { return mix_random(random_) % 2 == 0; }

  // The size reached the disk, the bytes did not.
  void maybe_grow(const PendingWrite& write, SparseBytes& content) {
    uint64_t end = write.offset_or_size + write.bytes.size();
    if (end > content.size() && coin()) content.resize(end);
  }

  void apply_torn(const PendingWrite& write, SparseBytes& content) {
    uint64_t start = write.offset_or_size;
    uint64_t end = start + write.bytes.size();
    uint64_t first_border = (start / kSectorBytes + 1) * kSectorBytes;
    uint64_t borders = end > first_border ? (end - first_border - 1) / kSectorBytes + 1 : 0;
    uint64_t chosen = mix_random(random_) % (borders + 1);
    uint64_t cut = chosen == 0 ? start : first_border + (chosen - 1) * kSectorBytes;
    if (cut > start) content.write(start, std::string_view(write.bytes).substr(0, cut - start));
    maybe_grow(write, content);
  }

  const CrashOptions& options_;
  uint64_t& random_;
};

}  // namespace

class MemoryFile final : public File {
 public:
  MemoryFile(MemoryWorld& world, std::string path, NodePointer node, OpenMode mode)
      : world_(world), path_(std::move(path)), node_(std::move(node)), mode_(mode) {}

  Status read_at(uint64_t offset, std::span<char> target) override {
    MutexLock lock(world_.mutex_);
    uint64_t size = node_->content.size();
    uint64_t available = offset < size ? size - offset : 0;
    if (target.size() > available) {
      return data_loss(path_ + ": read at " + std::to_string(offset) + ": expected " +
                       std::to_string(target.size()) + " bytes, got " + std::to_string(available));
    }
    node_->content.read(offset, target);
    return {};
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (mode_ == OpenMode::CreateDirect) {
      const auto place = reinterpret_cast<uintptr_t>(bytes.data());
      // A fault may end a write behind any sector.
      SPOOR_ASSERT((offset | place) % kDirectBlockBytes == 0 && bytes.size() % kSectorBytes == 0);
    }
    SPOOR_TRY(change({PendingWrite::Kind::Write, offset, std::string(bytes)}, "write",
                     offset + bytes.size()));
    world_.report("write " + path_ + " at " + std::to_string(offset) + ", " +
                  std::to_string(bytes.size()) + " bytes");
    return {};
  }

  Status sync() override {
    {
      MutexLock lock(world_.mutex_);
      node_->sync();
    }
    world_.report("sync " + path_);
    return {};
  }

  Status allocate(uint64_t size) override {
    SPOOR_TRY(change({PendingWrite::Kind::Grow, size, {}}, "fallocate", size));
    world_.report("allocate " + path_ + " to " + std::to_string(size));
    return {};
  }

  Status truncate(uint64_t size) override {
    SPOOR_TRY(change({PendingWrite::Kind::Truncate, size, {}}, "ftruncate", size));
    world_.report("truncate " + path_ + " to " + std::to_string(size));
    return {};
  }

  Result<uint64_t> size() override {
    MutexLock lock(world_.mutex_);
    return node_->content.size();
  }

 private:
  // `end`: the size that the file has afterwards at least.
  Status change(PendingWrite write, std::string_view operation, uint64_t end) {
    MutexLock lock(world_.mutex_);
    if (mode_ == OpenMode::Read) return errno_status(path_, operation, EBADF);
    uint64_t size = node_->content.size();
    if (end > size && !world_.has_room_for(end - size)) {
      return errno_status(path_, operation, ENOSPC);
    }
    node_->change(std::move(write));
    return {};
  }

  MemoryWorld& world_;
  const std::string path_;
  const NodePointer node_;
  const OpenMode mode_;
};

class MemoryLock final : public DirectoryLock {
 public:
  MemoryLock(MemoryWorld& world, PathParts path) : world_(world), path_(std::move(path)) {}
  ~MemoryLock() override {
    MutexLock lock(world_.mutex_);
    world_.locks_.erase(path_);
  }

 private:
  MemoryWorld& world_;
  const PathParts path_;
};

MemoryWorld::MemoryWorld(uint64_t seed) : random_state_(seed), now_(kStartTime) {}

MemoryWorld::~MemoryWorld() {
  SPOOR_ASSERT(locks_.empty());  // a lock that outlives its world would touch freed memory
}

void MemoryWorld::report(const std::string& what) {
  OperationHook hook;
  uint64_t index;
  {
    MutexLock lock(mutex_);
    index = ++operations_;
    hook = hook_;
  }
  if (hook) hook(index, what);
}

uint64_t MemoryWorld::used_bytes() const {
  uint64_t used = 0;
  tree_.visit_files(
      [&](const std::string&, const NodePointer& file) { used += file->content.size(); });
  return used;
}

bool MemoryWorld::has_room_for(uint64_t grow_bytes) const {
  uint64_t used = used_bytes();
  return used <= capacity_bytes_ && grow_bytes <= capacity_bytes_ - used;
}

Result<std::unique_ptr<File>> MemoryWorld::open(const std::string& path, OpenMode mode) {
  PathParts parts = path_parts(path);
  MemoryTree::Found found;
  {
    MutexLock lock(mutex_);
    if (is_creating(mode)) {
      found.node = std::make_shared<MemoryNode>(MemoryNode::Kind::File);
      found.error = tree_.link(parts, found.node);
    } else {
      found = tree_.find(parts);
      if (found.error == 0 && found.node->is_directory()) found.error = EISDIR;
    }
  }
  if (found.error != 0) return errno_status(path, "open", found.error);
  if (is_creating(mode)) report("create " + path);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, path, found.node, mode));
}

Status MemoryWorld::create_directories(const std::string& path) {
  PathParts whole = path_parts(path);
  if (path.empty()) return errno_status(path, "mkdir", ENOENT);
  PathParts parts;
  for (const std::string& part : whole) {
    PathParts parent = parts;
    parts.push_back(part);
    int error;
    {
      MutexLock lock(mutex_);
      MemoryTree::Found found = tree_.find(parts);
      if (found.error == 0 && found.node->is_directory()) continue;
      error = found.error == 0
                  ? ENOTDIR
                  : tree_.link(parts, std::make_shared<MemoryNode>(MemoryNode::Kind::Directory));
    }
    if (error != 0) return errno_status(path, "mkdir", error);
    report("mkdir " + part + " of " + path);
    {
      MutexLock lock(mutex_);
      error = tree_.sync_directory(parent);
    }
    if (error != 0) return errno_status(path, "fsync", error);
    report("sync the parent of " + part + " of " + path);
  }
  return {};
}

Result<std::vector<std::string>> MemoryWorld::list_directory(const std::string& path) {
  MutexLock lock(mutex_);
  MemoryTree::Found found = tree_.find(path_parts(path));
  if (found.error == 0 && !found.node->is_directory()) found.error = ENOTDIR;
  if (found.error != 0) return errno_status(path, "opendir", found.error);
  std::vector<std::string> names;
  for (const auto& [name, node] : found.node->entries) names.push_back(name);
  return names;
}

Status MemoryWorld::finish(int error, const std::string& path, std::string_view operation) {
  if (error != 0) return errno_status(path, operation, error);
  report(std::string(operation) + " " + path);
  return {};
}

Status MemoryWorld::remove_file(const std::string& path) {
  int error;
  {
    MutexLock lock(mutex_);
    error = tree_.unlink(path_parts(path), MemoryNode::Kind::File);
  }
  return finish(error, path, "unlink");
}

Status MemoryWorld::remove_directory(const std::string& path) {
  int error;
  {
    MutexLock lock(mutex_);
    error = tree_.unlink(path_parts(path), MemoryNode::Kind::Directory);
  }
  return finish(error, path, "rmdir");
}

Status MemoryWorld::rename(const std::string& from, const std::string& to) {
  int error;
  {
    MutexLock lock(mutex_);
    error = tree_.rename(path_parts(from), path_parts(to));
  }
  return finish(error, from, "rename to " + to);
}

Status MemoryWorld::sync_directory(const std::string& path) {
  int error;
  {
    MutexLock lock(mutex_);
    error = tree_.sync_directory(path_parts(path));
  }
  return finish(error, path, "fsync");
}

Result<bool> MemoryWorld::exists(const std::string& path) {
  MutexLock lock(mutex_);
  return tree_.find(path_parts(path)).error == 0;
}

Result<DiskSpace> MemoryWorld::disk_space(const std::string& path) {
  MutexLock lock(mutex_);
  MemoryTree::Found found = tree_.find(path_parts(path));
  if (found.error != 0) return errno_status(path, "statvfs", found.error);
  return DiskSpace{capacity_bytes_, capacity_bytes_ - std::min(capacity_bytes_, used_bytes())};
}

Result<std::unique_ptr<DirectoryLock>> MemoryWorld::lock(const std::string& path) {
  PathParts parts = path_parts(path);
  int error = 0;
  bool created = false;
  {
    MutexLock lock(mutex_);
    error = tree_.find(parts).error;
    if (error == ENOENT) {
      error = tree_.link(parts, std::make_shared<MemoryNode>(MemoryNode::Kind::File));
      created = error == 0;
    }
    if (error == 0 && !locks_.insert(parts).second) {
      return failed_precondition("data directory of " + path +
                                 " is in use by this process; choose another --storage.path");
    }
  }
  if (error != 0) return errno_status(path, "open", error);
  if (created) report("create " + path);
  return std::unique_ptr<DirectoryLock>(std::make_unique<MemoryLock>(*this, parts));
}

UnixNanos MemoryWorld::now() {
  MutexLock lock(mutex_);
  return now_;
}

uint64_t MemoryWorld::monotonic_nanos() {
  MutexLock lock(mutex_);
  return monotonic_nanos_;
}

void MemoryWorld::random_bytes(std::span<char> target) {
  MutexLock lock(mutex_);
  for (char& byte : target) byte = static_cast<char>(mix_random(random_state_));
}

std::unique_ptr<MemoryWorld> MemoryWorld::crash_clone(const CrashOptions& options) const {
  uint64_t random = options.seed;
  ContentSurvival content(options, random);
  MemoryTree::Survival survival{
      [&] { return content.keep(); },
      [&](const MemoryNode& file) { return content.of(file); },
  };
  auto clone = std::make_unique<MemoryWorld>(options.seed);
  MutexLock lock(mutex_);
  MutexLock clone_lock(clone->mutex_);
  clone->tree_ = tree_.after_crash(survival);
  clone->capacity_bytes_ = capacity_bytes_;
  clone->now_ = now_;
  clone->monotonic_nanos_ = monotonic_nanos_;
  return clone;
}

void MemoryWorld::on_operation(OperationHook hook) {
  MutexLock lock(mutex_);
  hook_ = std::move(hook);
}

uint64_t MemoryWorld::operation_count() const {
  MutexLock lock(mutex_);
  return operations_;
}

void MemoryWorld::advance(uint64_t nanos) {
  MutexLock lock(mutex_);
  now_.value += nanos;
  monotonic_nanos_ += nanos;
}

void MemoryWorld::set_now(UnixNanos time) {
  MutexLock lock(mutex_);
  now_ = time;
}

void MemoryWorld::set_capacity_bytes(uint64_t bytes) {
  MutexLock lock(mutex_);
  capacity_bytes_ = bytes;
}

Result<NodePointer> MemoryWorld::find_file(const std::string& path) const {
  MemoryTree::Found found = tree_.find(path_parts(path));
  if (found.error == 0 && found.node->is_directory()) found.error = EISDIR;
  if (found.error != 0) return errno_status(path, "open", found.error);
  return found.node;
}

Status MemoryWorld::drop_unsynced(const std::string& path, CacheAfterDrop cache) {
  MutexLock lock(mutex_);
  SPOOR_ASSIGN(NodePointer file, find_file(path));
  file->unsynced.clear();
  if (cache == CacheAfterDrop::Reverted) file->content = file->durable_content;
  return {};
}

Status MemoryWorld::corrupt(const std::string& path, uint64_t offset, uint8_t xor_mask) {
  MutexLock lock(mutex_);
  SPOOR_ASSIGN(NodePointer file, find_file(path));
  if (offset >= file->content.size()) {
    return Status(Code::OutOfRange, path + ": expected an offset below " +
                                        std::to_string(file->content.size()) + ", got " +
                                        std::to_string(offset));
  }
  for (SparseBytes* content : {&file->content, &file->durable_content}) {
    if (offset >= content->size()) continue;
    char byte;
    content->read(offset, {&byte, 1});
    byte = static_cast<char>(byte ^ xor_mask);
    content->write(offset, {&byte, 1});
  }
  return {};
}

std::vector<std::string> MemoryWorld::file_paths() const {
  MutexLock lock(mutex_);
  std::vector<std::string> paths;
  tree_.visit_files([&](const std::string& path, const NodePointer&) { paths.push_back(path); });
  std::ranges::sort(paths);
  return paths;
}

Result<std::string> MemoryWorld::read_all(const std::string& path) const {
  MutexLock lock(mutex_);
  SPOOR_ASSIGN(NodePointer file, find_file(path));
  std::string bytes(file->content.size(), '\0');
  file->content.read(0, bytes);
  return bytes;
}

}  // namespace spoor::os
