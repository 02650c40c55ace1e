// One shard of the head: the spans of one tenant that came in through one thread and are not in
// a part yet. Rows in chunks, an index from trace id to rows, dictionaries of its own.
//
// append() and find() may be called from any thread; a mutex orders them (one thread appends to
// a shard as a rule, so it is free). After seal() the shard is immutable and rows() needs no
// lock. What find() returns points into the shard, which the result pins.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/assert.h"
#include "base/mutex.h"
#include "model/model.h"
#include "store/log_position.h"
#include "store/row.h"
#include "store/row_encoder.h"
#include "store/shape.h"

namespace spoor::store {

class HeadShard;

constexpr size_t aligned_row_bytes(size_t size) {
  return (size + 7) & ~size_t{7};
}

// Rows as they lie in the chunks of a shard, one behind another; next_row() steps from one to
// the next. What is viewed never changes.
struct HeadView {
  struct Chunk {
    const char* rows = nullptr;
    size_t bytes = 0;
    uint64_t start_min = ~uint64_t{0};  // of the spans in it
    uint64_t start_max = 0;
  };
  struct Row {
    RowHeader header;
    std::string_view values;
  };
  // Takes the row at the front of `rest`, which must not be empty.
  static Row next_row(std::string_view& rest) {
    SPOOR_ASSERT(rest.size() >= sizeof(RowHeader));
    Row row = row_at(rest.data());
    rest.remove_prefix(aligned_row_bytes(sizeof row.header + row.header.values_bytes));
    return row;
  }
  // The row that begins there.
  static Row row_at(const char* place) {
    Row row;
    std::memcpy(&row.header, place, sizeof row.header);
    row.values = {place + sizeof row.header, row.header.values_bytes};
    return row;
  }

  std::shared_ptr<const HeadShard> shard;
  std::vector<Chunk> chunks;
  std::vector<LogPosition> batches;     // by RowHeader::batch
  std::vector<const Shape*> shapes;     // by code, those of events and links among them
  std::vector<uint32_t> first_batches;  // by shape: the request that brought it
  std::vector<std::string_view> resources, scopes, services;  // by code
};

class HeadShard : public std::enable_shared_from_this<HeadShard> {
 public:
  HeadShard();
  ~HeadShard();

  // Adds all spans but the refused ones (ordinals, ascending). By how many bytes it grew.
  // REQUIRES: the other spans have ids of 16 and 8 bytes and parents of 0 or 8; not sealed.
  size_t append(const SpanBatch& batch, std::span<const uint32_t> refused, LogPosition position)
      SPOOR_EXCLUDES(mutex_);

  // Appends the trace's visible spans to `result`.
  void find(const TraceId& trace_id, const Visible& visible, SpanBatch& result)
      SPOOR_EXCLUDES(mutex_);

  // The earliest start among the trace's visible spans.
  std::optional<uint64_t> find_start(const TraceId& trace_id, const Visible& visible)
      SPOOR_EXCLUDES(mutex_);

  // All rows that were appended before the call, for reading without the lock. Valid as long as
  // the shard lives, which the view keeps.
  HeadView view() const SPOOR_EXCLUDES(mutex_);

  size_t size_bytes() const { return size_bytes_.load(std::memory_order_relaxed); }
  size_t row_count() const { return row_count_.load(std::memory_order_relaxed); }

  // No appends come after this.
  void seal() SPOOR_EXCLUDES(mutex_);
  // Takes appends again. REQUIRES: nobody reads by what is below.
  void unseal() SPOOR_EXCLUDES(mutex_);

  // REQUIRES for all below: sealed.
  const ShapeTable& shapes() const;
  const Dictionary& resources() const;
  const Dictionary& scopes() const;
  const Dictionary& services() const;

 private:
  struct State;
  char* allocate_row(size_t size) SPOOR_REQUIRES(mutex_);
  void append_span(const Span& span) SPOOR_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::unique_ptr<State> state_ SPOOR_GUARDED_BY(mutex_);
  std::atomic<size_t> size_bytes_{0};
  std::atomic<size_t> row_count_{0};
  std::atomic<State*> sealed_{nullptr};
};

}  // namespace spoor::store
