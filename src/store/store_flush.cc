#include <algorithm>

#include "base/assert.h"
#include "store/file_names.h"
#include "store/flush.h"
#include "store/store_state.h"

namespace spoor::store {
namespace {

// Whether all parts but those known before can be read back: what they hold is let go of.
Status check_written(const PartSet& parts, const Manifest& before) {
  for (const QuarantinedPart& part : parts.quarantined()) {
    bool is_known = std::ranges::any_of(
        before.parts, [&](const ManifestPart& old) { return old.id == part.part.id; });
    if (!is_known) return internal("part cannot be read back: " + part.reason);
  }
  return {};
}

}  // namespace

// A head whose flush failed earlier goes first.
Status Store::State::flush() {
  MutexLock flushing(flush_mutex);
  bool waiting;
  {
    MutexLock guard(mutex);
    waiting = sealed != nullptr;
  }
  if (waiting) SPOOR_TRY(flush_sealed());
  {
    ExclusiveLock cut(cut_mutex);
    MutexLock guard(mutex);
    if (active->spans() == 0) {
      active_since_nanos = world.monotonic_nanos();
      return {};
    }
    sealed = std::exchange(active, new_head());
    sealed_floor = log->end();
    sealed->seal();
    active_since_nanos = world.monotonic_nanos();
  }
  return flush_sealed();
}

Status Store::State::flush_sealed() {
  std::shared_ptr<Head> head;
  LogPosition floor;
  Manifest next;
  {
    MutexLock guard(mutex);
    head = sealed;
    floor = sealed_floor;
    next = manifest;
  }
  // Rows that cannot become durable were refused; the log is reopened before they are dropped,
  // so that visibility is settled for all of them. Before it began there are only replayed rows.
  if (log->has_begun()) SPOOR_TRY(log->sync());
  SPOOR_TRY(write_parts(world, options.path, *head, log->visibility(), floor, next));
  SPOOR_TRY(commit(std::move(next), Commit::Flushed));
  remove_unneeded_segments(world, options.path);
  if (!retired.empty()) remove_retired();
  return {};
}

Manifest Store::State::manifest_in_force() const {
  MutexLock guard(mutex);
  return manifest;
}

Status Store::State::commit(Manifest next, Commit what) {
  std::shared_ptr<const PartSet> before;
  Manifest in_force;
  {
    MutexLock guard(mutex);
    before = parts;
    in_force = manifest;
  }
  SPOOR_ASSERT(next.generation == in_force.generation + 1);  // ST-4
  SPOOR_ASSERT(next.next_part >= in_force.next_part && next.log_floor >= in_force.log_floor);
  std::shared_ptr<const PartSet> after = PartSet::open(world, options.path, next, before.get());
  Status committed = check_written(*after, in_force);
  if (committed.ok()) committed = commit_manifest(world, options.path, next);
  MutexLock guard(mutex);
  if (!committed.ok()) {
    // The manifest may be on the disk all the same and come into force by a power cut: what it
    // names must stay as it is (ST-6). The next attempt has numbers of its own; recovery removes
    // the parts that no manifest names.
    manifest.generation = next.generation;
    manifest.next_part = next.next_part;
    return committed;
  }
  manifest = std::move(next);
  parts = std::move(after);
  if (what == Commit::PartsOnly) return {};
  sealed.reset();
  if (options.budget != nullptr) {
    reservation = options.budget->reserve();
    (void)reservation.grow_to(active->size_bytes());
  }
  return {};
}

void Store::State::let_go(std::vector<ManifestPart> gone) {
  retired.insert(retired.end(), gone.begin(), gone.end());
  Manifest next = manifest_in_force();
  ++next.generation;
  // What fails here is done by the next change of the manifest.
  if (commit(std::move(next), Commit::PartsOnly).ok()) remove_retired();
}

void Store::State::remove_retired() {
  Result<std::vector<Manifest>> manifests = all_manifests(world, options.path);
  if (!manifests.ok() || manifests->empty()) return;
  std::erase_if(retired, [&](const ManifestPart& part) {
    for (const Manifest& kept : *manifests) {
      if (std::ranges::find(kept.parts, part.id, &ManifestPart::id) != kept.parts.end()) {
        return false;  // ST-9
      }
    }
    Status removed = world.remove_file(part_path(options.path, part.day, part.id));
    return removed.ok() || removed.code() == Code::NotFound;
  });
  // Folders of days that are over; one that still has files stays.
  std::set<Day> days;
  Manifest in_force = manifest_in_force();
  for (const ManifestPart& part : in_force.parts) days.insert(part.day);
  auto names = world.list_directory(days_directory(options.path));
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    auto day = parse_day_name(name);
    if (!day || days.contains(*day)) continue;
    auto files = world.list_directory(day_directory(options.path, *day));
    if (files.ok() && files->empty()) {
      (void)world.remove_directory(day_directory(options.path, *day));
    }
  }
}

}  // namespace spoor::store
