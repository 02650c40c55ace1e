#include "store/store.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "os/thread.h"
#include "store/file_names.h"
#include "store/flush.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr uint32_t kHeadFullRetryMs = 1'000;
constexpr uint64_t kReopenEveryMs = 1'000;
constexpr int64_t kCaretakerTickMs = 200;

// Appends are refused while the head is this many times its size: the flush cannot keep up.
constexpr size_t kHeadOverrun = 2;

// Whether all parts but those known before can be read back: the log lets go of their rows.
Status check_written(const PartSet& parts, const Manifest& before) {
  for (const QuarantinedPart& part : parts.quarantined()) {
    bool is_known = std::ranges::any_of(
        before.parts, [&](const ManifestPart& old) { return old.id == part.part.id; });
    if (!is_known) return internal("part cannot be read back: " + part.reason);
  }
  return {};
}

}  // namespace

struct Store::State {
  State(os::World& given_world, StoreOptions given)
      : world(given_world), options(std::move(given)) {}

  Status start();
  void start_threads();
  void stop_threads();
  void sync_loop();
  void care_loop();

  Status flush();
  Status flush_sealed();
  void want_flush() {
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

  Mutex flush_mutex;  // one flush at a time; taken first

  Mutex care_mutex;
  CondVar care_changed;
  enum class Running { Yes, No };
  Running running SPOOR_GUARDED_BY(care_mutex) = Running::Yes;
  bool flush_wanted SPOOR_GUARDED_BY(care_mutex) = false;
  std::atomic<bool> stopping{false};
  os::Thread syncer;
  os::Thread caretaker;
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::~Store() {
  if (state_) state_->stop_threads();
}

Result<std::unique_ptr<Store>> Store::open(os::World& world, StoreOptions options) {
  auto state = std::make_unique<State>(world, std::move(options));
  SPOOR_TRY(state->start());
  if (state->options.background == Background::Threads) state->start_threads();
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Status Store::State::start() {
  SPOOR_ASSERT(options.decode != nullptr);
  SPOOR_TRY(world.create_directories(options.path));
  SPOOR_ASSIGN(lock, world.lock(lock_path(options.path)));
  SPOOR_TRY(world.create_directories(log_directory(options.path)));
  SPOOR_TRY(world.create_directories(days_directory(options.path)));
  RecoveryOptions recovery{options.path, options.shards_per_tenant, options.head_bytes,
                           options.decode};
  SPOOR_ASSIGN(Recovered recovered, recover(world, recovery, repeats));
  SPOOR_ASSIGN(log, Log::create(world, options.path, recovered.next_segment, recovered.log.end,
                                options.sync_mode, options.segment_bytes));
  log_damages = std::move(recovered.log.damages);
  MutexLock guard(mutex);
  active = std::move(recovered.head);
  parts = std::move(recovered.parts);
  manifest = std::move(recovered.manifest);
  active_since_nanos = world.monotonic_nanos();
  if (options.budget != nullptr) reservation = options.budget->reserve();
  return {};
}

Result<Appended> Store::append(const AppendRequest& request) {
  State& state = *state_;
  const Hash128 key = RepeatFilter::key_of(request.tenant.name(), request.body_hash);
  if (auto earlier = state.repeats.find(key)) {
    if (!state.log->is_void(*earlier)) return Appended{*earlier, Appended::Outcome::Repeated};
    state.repeats.forget(key);
  }
  Appended appended;
  size_t head_bytes;
  {
    SharedLock cut(state.cut_mutex);
    std::shared_ptr<Head> head;
    bool is_full, heads_hold_most;
    {
      MutexLock guard(state.mutex);
      head = state.active;
      size_t held = head->size_bytes() + (state.sealed ? state.sealed->size_bytes() : 0);
      bool within_budget = state.options.budget == nullptr || state.reservation.grow_to(held);
      heads_hold_most =
          state.options.budget != nullptr && held >= state.options.budget->used_bytes() / 2;
      is_full = !within_budget || head->size_bytes() > state.options.head_bytes * kHeadOverrun;
    }
    if (is_full) {
      // Where others hold the memory, small parts would not help.
      if (heads_hold_most) state.want_flush();
      return unavailable("memory for new spans is full, they are being written to disk",
                         kHeadFullRetryMs);
    }
    LogRecord record;
    record.tenant = request.tenant.name();
    record.format = request.format;
    record.encoding = request.encoding;
    record.received = request.received;
    record.body_hash = request.body_hash;
    record.refused = request.refused;
    record.body = request.body;
    SPOOR_ASSIGN(appended.position, state.log->append(record));
    head->append(request.tenant, request.batch, request.refused, appended.position);
    head_bytes = head->size_bytes();
  }
  state.repeats.remember(key, appended.position, request.received);
  if (head_bytes >= state.options.head_bytes) state.want_flush();
  return appended;
}

void Store::when_durable(LogPosition position, Log::Continuation continuation) {
  state_->log->when_durable(position, std::move(continuation));
}

Snapshot Store::snapshot(const TenantId& tenant) {
  State& state = *state_;
  Snapshot snapshot;
  snapshot.tenant = tenant;
  std::shared_ptr<Head> active, sealed;
  std::shared_ptr<const PartSet> parts;
  uint32_t number = 0;
  {
    MutexLock guard(state.mutex);
    active = state.active;
    sealed = state.sealed;
    parts = state.parts;
    snapshot.visible = state.log->visibility();
    for (const auto& [tenant_number, name] : state.manifest.tenants) {
      if (name == tenant.name()) number = tenant_number;
    }
  }
  parts->add_sections(number, snapshot);
  if (sealed) sealed->add_shards(tenant, snapshot.shards);
  active->add_shards(tenant, snapshot.shards);
  return snapshot;
}

Result<FoundTrace> Store::find_trace(const TenantId& tenant, const TraceId& trace_id) {
  return store::find_trace(snapshot(tenant), trace_id);
}

Status Store::sync() {
  return state_->log->sync();
}

Status Store::reopen() {
  return state_->log->reopen();
}

Status Store::flush() {
  return state_->flush();
}

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
  std::shared_ptr<const PartSet> before;
  LogPosition floor;
  Manifest in_force;
  {
    MutexLock guard(mutex);
    head = sealed;
    floor = sealed_floor;
    in_force = manifest;
    before = parts;
  }
  Manifest next = in_force;
  // Rows that cannot become durable were refused; the log is reopened before they are dropped,
  // so that visibility is settled for all of them.
  SPOOR_TRY(log->sync());
  SPOOR_TRY(write_parts(world, options.path, *head, log->visibility(), floor, next));
  std::shared_ptr<const PartSet> after = PartSet::open(world, options.path, next, before.get());
  Status committed = check_written(*after, in_force);
  if (committed.ok()) committed = commit_manifest(world, options.path, next);
  if (!committed.ok()) {
    // The manifest may be on the disk all the same and come into force by a power cut: what it
    // names must stay as it is (ST-6). The next attempt has numbers of its own; recovery removes
    // the parts that no manifest names.
    MutexLock guard(mutex);
    manifest.generation = next.generation;
    manifest.next_part = next.next_part;
    return committed;
  }
  {
    MutexLock guard(mutex);
    SPOOR_ASSERT(next.generation == manifest.generation + 1);  // ST-4
    manifest = std::move(next);
    parts = std::move(after);
    sealed.reset();
    if (options.budget != nullptr) {
      reservation = options.budget->reserve();
      (void)reservation.grow_to(active->size_bytes());
    }
  }
  remove_unneeded_segments(world, options.path);
  return {};
}

StoreStatus Store::status() const {
  StoreStatus status;
  MutexLock guard(state_->mutex);
  status.manifest = state_->manifest;
  status.quarantined = state_->parts->quarantined();
  status.log_damages = state_->log_damages;
  for (const auto& head : {state_->active, state_->sealed}) {
    if (!head) continue;
    status.head_bytes += head->size_bytes();
    status.head_spans += head->spans();
  }
  status.log_end = state_->log->end();
  status.acknowledged = state_->log->acknowledged();
  status.fence = state_->log->fence();
  status.sync_mode = state_->options.sync_mode;
  return status;
}

Status Store::close() {
  state_->stop_threads();
  SPOOR_TRY(flush());
  return state_->log->close();
}

void Store::State::start_threads() {
  syncer = os::Thread("log-sync", [this] { sync_loop(); });
  caretaker = os::Thread("caretaker", [this] { care_loop(); });
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
}

// Group commit: whoever waits when a sync begins is answered when it ends.
void Store::State::sync_loop() {
  const bool always = options.sync_mode == SyncMode::Always;
  while (!stopping) {
    if (always) {
      log->wait_for_work(kCaretakerTickMs);
    } else {
      MutexLock guard(care_mutex);
      if (running == Running::Yes) {
        care_changed.wait_for_ms(care_mutex, static_cast<int64_t>(options.sync_interval_ms));
      }
    }
    if (!log->fence().ok()) continue;
    if (!always || log->has_waiting()) (void)log->sync();  // a failure fences, care reopens
  }
}

void Store::State::care_loop() {
  uint64_t next_reopen = 0;
  while (true) {
    bool wanted;
    {
      MutexLock guard(care_mutex);
      if (running == Running::No) return;
      if (!flush_wanted) care_changed.wait_for_ms(care_mutex, kCaretakerTickMs);
      wanted = std::exchange(flush_wanted, false);
    }
    if (!log->fence().ok() && world.monotonic_nanos() >= next_reopen) {
      next_reopen = world.monotonic_nanos() + kReopenEveryMs * kNanosPerMilli;
      Status reopened = log->reopen();
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

}  // namespace spoor::store
