// The inside of Store: its state, and the work on it that is spread over files of its own.
//
//   store.cc            what a caller asks for
//   store_flush.cc      head to parts, and how a manifest is put in force
//   store_merge.cc      parts to fewer parts
//   store_retention.cc  days that go, and space that must stay free
//   store_care.cc       the threads that do all this by themselves
//
// Locks, in the order in which they are taken: merge, flush, cut, state (`mutex`), care; the
// log's own last. A merge holds the first for its whole run and the second only to choose and to
// commit, so that flushes and dropped days pass it.
#pragma once

#include <atomic>
#include <set>

#include "os/thread.h"
#include "store/limits.h"
#include "store/merge_choice.h"
#include "store/part_merge.h"
#include "store/store.h"

namespace spoor::store {

struct Store::State {
  State(os::World& given_world, StoreOptions given)
      : world(given_world), options(std::move(given)) {}

  Status start();
  Status begin_log(const Recovered& recovered);
  Status reopen() SPOOR_EXCLUDES(flush_mutex, mutex);

  // store_flush.cc
  Status flush() SPOOR_EXCLUDES(flush_mutex, mutex);
  Status flush_sealed() SPOOR_REQUIRES(flush_mutex) SPOOR_EXCLUDES(mutex);
  // Whether the sealed head is in the parts of the manifest that is put in force.
  enum class Commit { Flushed, PartsOnly };
  // Puts `next`, which follows the manifest in force, in force.
  Status commit(Manifest next, Commit what) SPOOR_REQUIRES(flush_mutex) SPOOR_EXCLUDES(mutex);
  // After parts went: a second manifest without them, so that none that is kept needs them, then
  // their files go (ST-9).
  void let_go(std::vector<ManifestPart> parts) SPOOR_REQUIRES(flush_mutex) SPOOR_EXCLUDES(mutex);
  void remove_retired() SPOOR_REQUIRES(flush_mutex) SPOOR_EXCLUDES(mutex);
  Manifest manifest_in_force() const SPOOR_EXCLUDES(mutex);

  // store_merge.cc
  enum class MergePace { Background, Now };
  // The number of parts that were merged, 0 if there is nothing to do.
  Result<size_t> merge_step(MergeRule least, MergePace pace)
      SPOOR_EXCLUDES(merge_mutex, flush_mutex, mutex);
  // Those of parts that no merge has in hand.
  PartMerge::Inputs choose_inputs(MergeRule least) const SPOOR_REQUIRES(merge_mutex)
      SPOOR_EXCLUDES(mutex);
  Result<size_t> merge_parts(PartMerge::Inputs inputs, MergeRule least, MergePace pace)
      SPOOR_REQUIRES(merge_mutex) SPOOR_EXCLUDES(flush_mutex, mutex);
  Status run_merge(PartMerge& merge, MergeRule least, MergePace pace) SPOOR_REQUIRES(merge_mutex)
      SPOOR_EXCLUDES(flush_mutex, mutex);
  // In the middle of a merge: does the next one if it is much smaller, so that small parts do not
  // pile up while a large one is written. Cancelled.
  Status merge_smaller(const PartMerge& merge, MergePace pace) SPOOR_REQUIRES(merge_mutex)
      SPOOR_EXCLUDES(flush_mutex, mutex);
  Status commit_merge(PartMerge& merge) SPOOR_EXCLUDES(flush_mutex, mutex);
  // The manifest in force, if it still names all inputs.
  Result<Manifest> manifest_with(const PartMerge& merge) const SPOOR_EXCLUDES(mutex);
  Status keep_pace(MergePace pace, uint64_t began_nanos, uint64_t bytes);
  void note_failure(const PartMerge& merge, const Status& failure) SPOOR_REQUIRES(merge_mutex)
      SPOOR_EXCLUDES(mutex);
  bool has_space_for(uint64_t bytes) const;

  // store_retention.cc
  Status retain() SPOOR_EXCLUDES(flush_mutex, mutex);
  uint64_t free_reserve(const os::DiskSpace& space) const;
  Result<bool> drop_oldest_day_if_due(const std::optional<os::DiskSpace>& space)
      SPOOR_REQUIRES(flush_mutex) SPOOR_EXCLUDES(mutex);
  Status drop_day(Day day, std::string_view reason) SPOOR_REQUIRES(flush_mutex)
      SPOOR_EXCLUDES(mutex);

  // store_care.cc
  void start_threads();
  void stop_threads();
  void sync_loop();
  void pause(int64_t milliseconds) SPOOR_EXCLUDES(care_mutex);
  void care_loop();
  void merge_loop();
  void want_flush() SPOOR_EXCLUDES(care_mutex) {
    MutexLock guard(care_mutex);
    flush_wanted = true;
    care_changed.notify_all();
  }
  std::shared_ptr<Head> new_head() { return std::make_shared<Head>(options.shards_per_tenant); }

  os::World& world;
  const StoreOptions options;
  std::unique_ptr<os::DirectoryLock> lock;
  std::unique_ptr<Log> log;
  RepeatFilter repeats;
  std::vector<LogDamage> log_damages;

  Mutex merge_mutex;  // one thread merges at a time
  Mutex flush_mutex;  // one change of the manifest at a time

  // Held shared while a request is logged and put into the head, exclusively at the cut: all
  // rows of the sealed head are from records before the cut, all later ones from behind (ST-3).
  SharedMutex cut_mutex;

  mutable Mutex mutex;
  std::shared_ptr<Head> active SPOOR_GUARDED_BY(mutex);
  std::shared_ptr<Head> sealed SPOOR_GUARDED_BY(mutex);  // being written, or waiting for it
  LogPosition sealed_floor SPOOR_GUARDED_BY(mutex);
  std::shared_ptr<const PartSet> parts SPOOR_GUARDED_BY(mutex);
  Manifest manifest SPOOR_GUARDED_BY(mutex);
  os::MemoryBudget::Reservation reservation SPOOR_GUARDED_BY(mutex);
  uint64_t active_since_nanos SPOOR_GUARDED_BY(mutex) = 0;
  MergeStatus merges SPOOR_GUARDED_BY(mutex);
  RetentionStatus retention SPOOR_GUARDED_BY(mutex);
  // Parts that a merge found damaged: served as far as they can be read, not merged again.
  std::set<PartId> unmergeable SPOOR_GUARDED_BY(mutex);
  uint64_t merge_retry_nanos SPOOR_GUARDED_BY(mutex) = 0;  // no merge before
  uint64_t merge_retry_ms SPOOR_GUARDED_BY(mutex) = 0;

  std::set<PartId> being_merged SPOOR_GUARDED_BY(merge_mutex);

  // Parts that the manifest in force does not name and an older one may.
  std::vector<ManifestPart> retired SPOOR_GUARDED_BY(flush_mutex);

  Mutex care_mutex;
  CondVar care_changed;
  enum class Running { Yes, No };
  Running running SPOOR_GUARDED_BY(care_mutex) = Running::Yes;
  bool flush_wanted SPOOR_GUARDED_BY(care_mutex) = false;
  std::atomic<bool> stopping{false};
  std::atomic<bool> is_disk_low{false};  // free space is under the reserve
  os::Thread syncer;
  os::Thread caretaker;
  os::Thread merger;
};

}  // namespace spoor::store
