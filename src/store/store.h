// The facade of store: keeps spans and brings them back. On the road it takes what ingest
// admitted and hands traces to whoever serves them.
//
// Guarantees
//   - when_durable() says OK only after the request is in the log and the log is synced (or, in
//     SyncMode::Interval, written).
//   - find_trace() sees exactly what was acknowledged before the call, from head and parts under
//     one snapshot, and says when something could not be read.
//   - A flush puts parts and the new log floor in force in one step, a merge its output in place
//     of its inputs, retention the parts without a whole day; a crash at any moment leaves the
//     state before or after it.
//
// Thread-safe. With Background::Threads the store syncs, flushes, merges, drops old days and
// reopens a fenced log by itself; with Background::Manual the caller does so by sync(), flush(),
// merge(), retain() and reopen().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/model.h"
#include "os/memory_budget.h"
#include "os/world.h"
#include "store/limits.h"
#include "store/log.h"
#include "store/recovery.h"
#include "store/snapshot.h"

namespace spoor::store {

enum class Background { Threads, Manual };

struct StoreOptions {
  std::string path;
  SyncMode sync_mode = SyncMode::Always;
  uint64_t sync_interval_ms = 1'000;       // of SyncMode::Interval
  size_t head_bytes = 48 << 20;            // a head of this size is written to parts
  uint64_t flush_age_ms = 300'000;         // and one of this age
  uint32_t shards_per_tenant = 1;          // as many as threads that append
  uint64_t segment_bytes = kSegmentBytes;  // of the log
  Background background = Background::Threads;
  ReplayDecoder decode;
  os::MemoryBudget* budget = nullptr;  // charged with the heads; may be null

  uint64_t merge_bytes_per_second = kMergeBytesPerSecond;  // of output; 0: as fast as it goes
  uint64_t merge_spans_max = kMergeSpansMax;               // of one output part

  // Whole days go, oldest first; the two newest that hold data stay.
  uint64_t retention_nanos = 7 * kNanosPerDay;
  uint64_t retention_bytes = 0;         // of all parts; 0: no limit
  uint64_t retention_disk_percent = 0;  // the same as a share of the disk; 0: no limit
  // Below so much free space days go, then spans are refused; nothing: a share of the disk.
  std::optional<uint64_t> free_bytes_reserve;
};

struct AppendRequest {
  const TenantId& tenant;
  BodyFormat format = BodyFormat::OtlpProtobuf;
  uint8_t encoding = 0;
  std::string_view body;  // as received
  Hash128 body_hash;      // of the decompressed body
  UnixNanos received;
  const SpanBatch& batch;             // what the body decodes to
  std::span<const uint32_t> refused;  // ordinals, ascending
};

struct Appended {
  enum class Outcome { Stored, Repeated };
  LogPosition position;  // wait for it with when_durable()
  Outcome outcome = Outcome::Stored;
};

struct MergeStatus {
  struct Running {
    Day day;
    size_t parts = 0;  // 0: no merge is running
    uint64_t bytes = 0;
  };
  Running running;
  uint64_t done = 0;   // since the start, as all below
  uint64_t parts = 0;  // that went in
  uint64_t spans = 0;  // that were written
  uint64_t failed = 0;
  std::string last_failure;
  size_t unmergeable = 0;  // parts in force that a merge found damaged
};

struct RetentionStatus {
  uint64_t dropped_days = 0;  // since the start
  uint64_t dropped_spans = 0;
  uint64_t dropped_bytes = 0;
  bool is_disk_low = false;  // spans are refused for want of space
};

struct StoreStatus {
  Manifest manifest;
  std::vector<QuarantinedPart> quarantined;
  std::vector<LogDamage> log_damages;
  size_t head_bytes = 0;
  size_t head_spans = 0;
  LogPosition log_end;
  LogPosition acknowledged;
  Status fence;
  SyncMode sync_mode = SyncMode::Always;
  MergeStatus merges;
  RetentionStatus retention;
};

class Store {
 public:
  // Locks the directory (made if missing), recovers, begins a new log segment; on a full disk it
  // serves reads and refuses spans until one can be made.
  static Result<std::unique_ptr<Store>> open(os::World& world, StoreOptions options);
  // Stops the threads; without close() it is as if the process had been killed.
  ~Store();

  // Logs the request and makes it part of the head. Unavailable with a delay when the log is
  // fenced or memory is full; then nothing was stored.
  Result<Appended> append(const AppendRequest& request);
  void when_durable(LogPosition position, Log::Continuation continuation);

  // What was acknowledged before the call.
  Snapshot snapshot(const TenantId& tenant);
  Result<FoundTrace> find_trace(const TenantId& tenant, const TraceId& trace_id);

  // Writes all that is acknowledged at the call to parts; returns when they are in force.
  Status flush();
  Status sync();
  Status reopen();

  // One merge, if there is one to do: how many parts went into it.
  Result<size_t> merge();
  // Merges each day into one part, or as few as the limit of a part's spans allows.
  Status merge_all();
  // Drops the days that are due and looks at the free space.
  Status retain();

  StoreStatus status() const;

  // Flushes and ends the log cleanly. Nothing may be appended any more.
  Status close();

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace spoor::store
