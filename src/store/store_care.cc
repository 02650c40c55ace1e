#include "base/log.h"
#include "store/store_state.h"

namespace spoor::store {
namespace {

constexpr uint64_t kReopenEveryMs = 1'000;
constexpr int64_t kCaretakerTickMs = 200;
constexpr int64_t kMergerTickMs = 1'000;
// A sync costs the processor 100 us or more whatever it covers. With 64 senders of one span each,
// gathering for 4 ms took 54 us of it a request, for 1 ms 62.
constexpr int64_t kGatherMs = 4;

}  // namespace

void Store::State::start_threads() {
  syncer = os::Thread("log-sync", [this] { sync_loop(); });
  caretaker = os::Thread("caretaker", [this] { care_loop(); });
  // Where both cannot be had at once, flushes keep the head small, and merges catch up later.
  merger = os::Thread("merger", [this] { merge_loop(); }, os::Priority::Behind);
}

void Store::State::stop_threads() {
  stopping = true;
  {
    MutexLock guard(care_mutex);
    running = Running::No;
    care_changed.notify_all();
  }
  if (log) log->wake();
  syncer.join();
  caretaker.join();
  merger.join();
}

// Group commit: whoever waits when a sync begins is answered when it ends. Where several come at a
// time, a sync waits for as many as the one before answered and left waiting: senders that wait
// for their answers cannot be more. Who sends alone never waits longer than for the disk.
void Store::State::sync_loop() {
  const bool always = options.sync_mode == SyncMode::Always;
  size_t expected = 1;
  while (!stopping) {
    if (!always) {
      pause(static_cast<int64_t>(options.sync_interval_ms));
    } else {
      log->wait_for_work(1, kCaretakerTickMs);
      if (expected > 1 && log->waiting() > 0) log->wait_for_work(expected, kGatherMs);
    }
    if (!log->fence().ok()) continue;
    size_t covered = log->waiting();
    if (always && covered == 0) continue;
    (void)log->sync();  // a failure fences, care reopens
    expected = covered + log->waiting();
  }
}

// On a condition that appends do not touch: nobody is woken for each of them.
void Store::State::pause(int64_t milliseconds) {
  MutexLock guard(care_mutex);
  if (running == Running::Yes) care_changed.wait_for_ms(care_mutex, milliseconds);
}

void Store::State::care_loop() {
  uint64_t next_reopen = 0, next_retention = 0;
  while (true) {
    bool wanted;
    {
      MutexLock guard(care_mutex);
      if (running == Running::No) return;
      if (!flush_wanted) care_changed.wait_for_ms(care_mutex, kCaretakerTickMs);
      wanted = std::exchange(flush_wanted, false);
    }
    if (world.monotonic_nanos() >= next_retention) {
      next_retention = world.monotonic_nanos() + kRetentionEveryMs * kNanosPerMilli;
      Status retained = retain();
      if (!retained.ok()) {
        log_error("a day could not be dropped yet", {{"cause", retained.message()}});
      }
    }
    if (!log->fence().ok() && world.monotonic_nanos() >= next_reopen) {
      next_reopen = world.monotonic_nanos() + kReopenEveryMs * kNanosPerMilli;
      Status reopened = reopen();
      if (!reopened.ok()) {
        log_error("log cannot be opened again yet", {{"cause", reopened.message()}});
      }
    }
    {
      MutexLock guard(mutex);
      bool old =
          world.monotonic_nanos() - active_since_nanos >= options.flush_age_ms * kNanosPerMilli;
      wanted = wanted || old || sealed != nullptr || active->size_bytes() >= options.head_bytes;
    }
    if (!wanted || !log->fence().ok()) continue;
    Status flushed = flush();
    if (!flushed.ok()) {
      log_error("flush failed and will be tried again; the log keeps the spans",
                {{"cause", flushed.message()}});
      MutexLock guard(care_mutex);
      if (running == Running::Yes) care_changed.wait_for_ms(care_mutex, kReopenEveryMs);
    }
  }
}

void Store::State::merge_loop() {
  while (!stopping) {
    bool may_merge;
    {
      MutexLock guard(mutex);
      may_merge = world.monotonic_nanos() >= merge_retry_nanos;
    }
    bool is_idle = true;
    if (may_merge) {
      Result<size_t> merged = merge_step(MergeRule::Open, MergePace::Background);
      is_idle = !merged.ok() || *merged == 0;
    }
    if (!is_idle) continue;
    MutexLock guard(care_mutex);
    if (running == Running::No) return;
    care_changed.wait_for_ms(care_mutex, kMergerTickMs);
  }
}

}  // namespace spoor::store
