#include "store/store.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "store/file_names.h"
#include "store/store_state.h"

namespace spoor::store {
namespace {

constexpr uint32_t kHeadFullRetryMs = 1'000;
constexpr uint32_t kDiskFullRetryMs = 5'000;
// Appends are refused while the head is this many times its size: the flush cannot keep up.
constexpr size_t kHeadOverrun = 2;

}  // namespace

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
  log_damages = std::move(recovered.log.damages);
  SPOOR_TRY(begin_log(recovered));
  {
    MutexLock flushing(flush_mutex);
    MutexLock guard(mutex);
    active = std::move(recovered.head);
    parts = std::move(recovered.parts);
    manifest = std::move(recovered.manifest);
    retired = std::move(recovered.retired);
    active_since_nanos = world.monotonic_nanos();
    if (options.budget != nullptr) reservation = options.budget->reserve();
  }
  if (log->has_begun()) return {};
  // Reads are served; what can go makes room.
  (void)retain();
  (void)reopen();
  return {};
}

// On a full disk the log begins fenced: reopen() makes its segment when there is space.
Status Store::State::begin_log(const Recovered& recovered) {
  Status no_space = recovered.no_space;
  if (no_space.ok()) {
    auto begun = Log::create(world, options.path, recovered.next_segment, recovered.log.end,
                             options.sync_mode, options.segment_bytes);
    if (begun.ok()) {
      log = std::move(*begun);
      return {};
    }
    no_space = begun.status();
    if (no_space.code() != Code::ResourceExhausted) return no_space;
  }
  log = Log::create_fenced(world, options.path, recovered.next_segment, recovered.log.end,
                           options.sync_mode, options.segment_bytes, no_space);
  return {};
}

// A log that has not begun rests on the replayed rows being in parts: only then may the floor
// pass what was torn at its end.
Status Store::State::reopen() {
  if (!log->has_begun()) {
    SPOOR_TRY(flush());
    MutexLock flushing(flush_mutex);
    Manifest next = manifest_in_force();
    if (next.log_floor < log->end()) {
      ++next.generation;
      next.log_floor = log->end();
      SPOOR_TRY(commit(std::move(next), Commit::PartsOnly));
    }
  }
  return log->reopen();
}

Result<Appended> Store::append(const AppendRequest& request) {
  State& state = *state_;
  const Hash128 key = RepeatFilter::key_of(request.tenant.name(), request.body_hash);
  if (auto earlier = state.repeats.find(key)) {
    if (!state.log->is_void(*earlier)) return Appended{*earlier, Appended::Outcome::Repeated};
    state.repeats.forget(key);
  }
  if (state.is_disk_low) {
    return unavailable("free space is under storage.min-free: free space or lower it",
                       kDiskFullRetryMs);
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
  return state_->reopen();
}

Status Store::flush() {
  return state_->flush();
}

StoreStatus Store::status() const {
  StoreStatus status;
  MutexLock guard(state_->mutex);
  status.manifest = state_->manifest;
  status.quarantined = state_->parts->quarantined();
  for (QuarantinedPart& part : state_->parts->refused()) status.quarantined.push_back(part);
  status.log_damages = state_->log_damages;
  for (const auto& head : {state_->active, state_->sealed}) {
    if (!head) continue;
    status.head_bytes += head->size_bytes();
    status.head_spans += head->spans();
  }
  status.merges = state_->merges;
  status.merges.unmergeable = state_->unmergeable.size();
  status.retention = state_->retention;
  status.retention.is_disk_low = state_->is_disk_low;
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

}  // namespace spoor::store
