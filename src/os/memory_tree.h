// The files and names of a MemoryWorld: what is live, what is durable, and every change between
// the two. Single-threaded; MemoryWorld holds the lock. Names are resolved by their parts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "os/sparse_bytes.h"

namespace spoor::os {

// A change of a file's content that was not synced yet.
struct PendingWrite {
  enum class Kind { Write, Truncate, Grow };
  Kind kind;
  uint64_t offset_or_size;  // Write: where; otherwise the size
  std::string bytes;

  void apply(SparseBytes& content) const;
};

// A file or a directory.
struct MemoryNode {
  enum class Kind { File, Directory };
  using Entries = std::map<std::string, std::shared_ptr<MemoryNode>, std::less<>>;

  explicit MemoryNode(Kind node_kind) : kind(node_kind) {}
  bool is_directory() const { return kind == Kind::Directory; }
  // Does the change now and remembers it until the next sync().
  void change(PendingWrite write);
  void sync();

  const Kind kind;
  // Of a file.
  SparseBytes content;
  SparseBytes durable_content;
  std::vector<PendingWrite> unsynced;
  // Of a directory.
  Entries entries;
  Entries durable_entries;
};

using NodePointer = std::shared_ptr<MemoryNode>;
using PathParts = std::vector<std::string>;

PathParts path_parts(const std::string& path);

class MemoryTree {
 public:
  MemoryTree() : root_(std::make_shared<MemoryNode>(MemoryNode::Kind::Directory)) {}

  // The live node; an error is an errno number, 0 for none.
  struct Found {
    NodePointer node;
    int error = 0;
  };
  Found find(const PathParts& parts) const;

  // Live changes; each returns an errno number. Names become durable by sync_directory.
  int link(const PathParts& parts, NodePointer node);
  int unlink(const PathParts& parts, MemoryNode::Kind kind);
  int rename(const PathParts& from, const PathParts& to);
  int sync_directory(const PathParts& parts);

  // Calls with every live file and its absolute path, in order of path.
  using Visit = std::function<void(const std::string& path, const NodePointer& node)>;
  void visit_files(const Visit& visit) const;

  // Which name changes and which content survive a crash.
  struct Survival {
    std::function<bool()> keep_name_change;
    std::function<SparseBytes(const MemoryNode& file)> content_of;
  };
  MemoryTree after_crash(const Survival& survival) const;

 private:
  // A change of names that is not durable yet. Link has no source, unlink no target.
  struct NameChange {
    NodePointer node;
    NodePointer from_directory;
    std::string from_name;
    NodePointer to_directory;
    std::string to_name;
  };
  void make_durable(const NameChange& change);

  NodePointer root_;
  std::vector<NameChange> pending_;  // in the order they were made
};

}  // namespace spoor::os
