#include "os/memory_tree.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/assert.h"

namespace spoor::os {
namespace {

PathParts parent_parts(const PathParts& parts) {
  return PathParts(parts.begin(), parts.end() - 1);
}

void erase_if_holds(MemoryNode::Entries& entries, const std::string& name,
                    const NodePointer& node) {
  auto entry = entries.find(name);
  if (entry != entries.end() && entry->second == node) entries.erase(entry);
}

// Whether `to` may be replaced by `node`.
int replace_error(const MemoryNode& node, const MemoryNode& to) {
  if (to.is_directory() && !node.is_directory()) return EISDIR;
  if (!to.is_directory() && node.is_directory()) return ENOTDIR;
  return to.is_directory() && !to.entries.empty() ? ENOTEMPTY : 0;
}

void visit_directory(const MemoryNode& directory, const std::string& path,
                     const MemoryTree::Visit& visit) {
  for (const auto& [name, node] : directory.entries) {
    std::string entry_path = path + "/" + name;
    if (node->is_directory()) {
      visit_directory(*node, entry_path, visit);
    } else {
      visit(entry_path, node);
    }
  }
}

}  // namespace

void PendingWrite::apply(SparseBytes& content) const {
  switch (kind) {
    case Kind::Write:
      content.write(offset_or_size, bytes);
      break;
    case Kind::Truncate:
      content.resize(offset_or_size);
      break;
    case Kind::Grow:
      if (offset_or_size > content.size()) content.resize(offset_or_size);
      break;
  }
}

void MemoryNode::change(PendingWrite write) {
  SPOOR_ASSERT(!is_directory());
  write.apply(content);
  unsynced.push_back(std::move(write));
}

void MemoryNode::sync() {
  for (const PendingWrite& write : unsynced) write.apply(durable_content);
  unsynced.clear();
}

PathParts path_parts(const std::string& path) {
  PathParts parts;
  size_t at = 0;
  while (at < path.size()) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(std::move(part));
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

MemoryTree::Found MemoryTree::find(const PathParts& parts) const {
  NodePointer node = root_;
  for (const std::string& part : parts) {
    if (!node->is_directory()) return {nullptr, ENOTDIR};
    auto entry = node->entries.find(part);
    if (entry == node->entries.end()) return {nullptr, ENOENT};
    node = entry->second;
  }
  return {node, 0};
}

int MemoryTree::link(const PathParts& parts, NodePointer node) {
  if (parts.empty()) return EEXIST;
  Found parent = find(parent_parts(parts));
  if (parent.error != 0) return parent.error;
  if (!parent.node->is_directory()) return ENOTDIR;
  if (parent.node->entries.contains(parts.back())) return EEXIST;
  parent.node->entries[parts.back()] = node;
  pending_.push_back({std::move(node), nullptr, "", parent.node, parts.back()});
  return 0;
}

int MemoryTree::unlink(const PathParts& parts, MemoryNode::Kind kind) {
  if (parts.empty()) return EBUSY;
  Found found = find(parts);
  if (found.error != 0) return found.error;
  if (kind == MemoryNode::Kind::File && found.node->is_directory()) return EISDIR;
  if (kind == MemoryNode::Kind::Directory && !found.node->is_directory()) return ENOTDIR;
  if (!found.node->entries.empty()) return ENOTEMPTY;
  NodePointer parent = find(parent_parts(parts)).node;
  parent->entries.erase(parts.back());
  pending_.push_back({found.node, parent, parts.back(), nullptr, ""});
  return 0;
}

int MemoryTree::rename(const PathParts& from, const PathParts& to) {
  if (from.empty() || to.empty()) return EBUSY;
  Found found = find(from);
  if (found.error != 0) return found.error;
  Found target_parent = find(parent_parts(to));
  if (target_parent.error != 0) return target_parent.error;
  if (!target_parent.node->is_directory()) return ENOTDIR;
  bool into_itself = to.size() > from.size() && std::equal(from.begin(), from.end(), to.begin());
  if (into_itself) return EINVAL;
  Found target = find(to);
  if (target.node == found.node) return 0;
  if (target.node != nullptr) {
    int error = replace_error(*found.node, *target.node);
    if (error != 0) return error;
  }
  NodePointer parent = find(parent_parts(from)).node;
  parent->entries.erase(from.back());
  target_parent.node->entries[to.back()] = found.node;
  pending_.push_back({found.node, parent, from.back(), target_parent.node, to.back()});
  return 0;
}

void MemoryTree::make_durable(const NameChange& change) {
  if (change.from_directory != nullptr) {
    erase_if_holds(change.from_directory->durable_entries, change.from_name, change.node);
  }
  if (change.to_directory != nullptr) {
    change.to_directory->durable_entries[change.to_name] = change.node;
  }
}

int MemoryTree::sync_directory(const PathParts& parts) {
  Found found = find(parts);
  if (found.error != 0) return found.error;
  if (!found.node->is_directory()) return ENOTDIR;
  // A change that becomes durable takes along the earlier ones it builds on: those of the same
  // file and of the directories it touches. A journal keeps that order too.
  std::set<NodePointer> touched = {found.node};
  std::vector<NameChange> durable, rest;
  for (auto change = pending_.rbegin(); change != pending_.rend(); ++change) {
    bool touches = touched.contains(change->node) || touched.contains(change->from_directory) ||
                   touched.contains(change->to_directory);
    if (touches) {
      touched.insert(change->node);
      if (change->from_directory != nullptr) touched.insert(change->from_directory);
      if (change->to_directory != nullptr) touched.insert(change->to_directory);
    }
    (touches ? durable : rest).push_back(std::move(*change));
  }
  for (auto change = durable.rbegin(); change != durable.rend(); ++change) make_durable(*change);
  pending_.assign(rest.rbegin(), rest.rend());
  return 0;
}

void MemoryTree::visit_files(const Visit& visit) const {
  visit_directory(*root_, "", visit);
}

namespace {

// The durable names while a crash decides about the changes that are not. Every node has at
// most one place, so what hangs on the root is a tree.
class SurvivingNames {
 public:
  void add_directory(const NodePointer& directory) {
    if (!directory->is_directory() || entries_.contains(directory)) return;
    MemoryNode::Entries& entries = entries_[directory] = directory->durable_entries;
    for (const auto& [name, node] : entries) {
      places_[node] = {directory, name};
      add_directory(node);
    }
  }

  void move(const NodePointer& node, const NodePointer& directory, const std::string& name) {
    auto place = places_.find(node);
    if (place != places_.end()) {
      erase_if_holds(entries_[place->second.first], place->second.second, node);
      places_.erase(place);
    }
    if (directory == nullptr) return;
    entries_[directory][name] = node;
    places_[node] = {directory, name};
  }

  NodePointer build(const NodePointer& old, const MemoryTree::Survival& survival) {
    auto node = std::make_shared<MemoryNode>(old->kind);
    if (!old->is_directory()) {
      node->content = survival.content_of(*old);
      node->durable_content = node->content;
      return node;
    }
    for (const auto& [name, child] : entries_[old]) node->entries[name] = build(child, survival);
    node->durable_entries = node->entries;
    return node;
  }

 private:
  std::map<NodePointer, MemoryNode::Entries> entries_;
  std::map<NodePointer, std::pair<NodePointer, std::string>> places_;
};

}  // namespace

MemoryTree MemoryTree::after_crash(const Survival& survival) const {
  SurvivingNames names;
  names.add_directory(root_);
  for (const NameChange& change : pending_) {
    names.add_directory(change.node);
    if (change.from_directory != nullptr) names.add_directory(change.from_directory);
    if (change.to_directory != nullptr) names.add_directory(change.to_directory);
  }
  for (const NameChange& change : pending_) {
    if (survival.keep_name_change()) names.move(change.node, change.to_directory, change.to_name);
  }
  MemoryTree tree;
  tree.root_ = names.build(root_, survival);
  return tree;
}

}  // namespace spoor::os
