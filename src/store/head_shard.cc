#include "store/head_shard.h"

#include <algorithm>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "base/assert.h"
#include "store/assemble.h"
#include "store/limits.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

constexpr uint32_t kNoRow = ~uint32_t{0};

struct RowPlace {
  const char* at;
  uint32_t previous;  // row of the same trace before this one
};

struct ResourceCodes {
  uint32_t resource;
  uint32_t service;
};

// Resources as they came, so that one that comes again, as nearly all do, need not be encoded to
// be known.
class KnownResources {
 public:
  const ResourceCodes* find(const Resource& resource) const {
    if (resource.message.empty()) return nullptr;
    auto code = messages_.find(resource.message);
    if (!code || schema_urls_[*code] != resource.schema_url) return nullptr;
    return &codes_[*code];
  }

  void add(const Resource& resource, ResourceCodes codes) {
    bool is_large = resource.message.size() + resource.schema_url.size() > kKnownResourceBytesMax;
    if (resource.message.empty() || is_large || codes_.size() == kKnownResourcesMax) return;
    if (messages_.intern(resource.message) < codes_.size()) return;  // with another schema
    codes_.push_back(codes);
    schema_urls_.emplace_back(resource.schema_url);
    bytes_ += sizeof(ResourceCodes) + sizeof(std::string) + resource.schema_url.size();
  }

  size_t size_bytes() const { return messages_.size_bytes() + bytes_; }

 private:
  Dictionary messages_;
  std::vector<ResourceCodes> codes_;      // by code of the message
  std::vector<std::string> schema_urls_;  // likewise
  size_t bytes_ = 0;                      // of both
};

}  // namespace

struct HeadShard::State {
  ShapeTable shapes;
  Dictionary resources;
  Dictionary scopes;
  Dictionary services;
  KnownResources known_resources;
  RowEncoder encoder{shapes};

  struct Chunk {
    std::unique_ptr<char[]> bytes;
    HeadView::Chunk view;
  };
  std::vector<Chunk> chunks;
  size_t chunk_capacity = 0;  // of the last one
  size_t chunk_bytes = 0;     // of all

  std::deque<RowPlace> rows;
  boost::unordered_flat_map<uint64_t, uint32_t> last_row_of_trace;  // by hash of the id
  uint32_t* last_row = nullptr;  // of last_trace in the map, which did not change since
  TraceId last_trace;
  std::vector<LogPosition> batches;
  std::vector<uint32_t> first_batches;  // by shape

  std::vector<ResourceCodes> resource_codes;  // of the batch in hand
  std::vector<uint32_t> scope_codes;
  std::string scratch;

  ResourceCodes intern(const Resource& resource) {
    if (const ResourceCodes* known = known_resources.find(resource)) return *known;
    scratch.clear();
    encode_resource(resource, scratch);
    ResourceCodes codes = {resources.intern(scratch), services.intern(resource.service_name())};
    known_resources.add(resource, codes);
    return codes;
  }

  // The last row of the trace before the one that is about to be added, which it then is. Spans
  // of a trace come in a row as a rule: the one before needs no lookup.
  uint32_t exchange_last_row(const TraceId& trace) {
    uint32_t ordinal = static_cast<uint32_t>(rows.size());
    bool is_same_trace = last_row != nullptr && trace == last_trace;
    if (!is_same_trace) {
      auto [slot, inserted] = last_row_of_trace.try_emplace(trace.hash(), kNoRow);
      last_row = &slot->second;
      last_trace = trace;
    }
    return std::exchange(*last_row, ordinal);
  }

  size_t size_bytes() const {
    constexpr size_t kIndexBytes = 24;  // a slot of the flat map at its mean load
    return chunk_bytes + rows.size() * sizeof(RowPlace) + last_row_of_trace.size() * kIndexBytes +
           shapes.size_bytes() + resources.size_bytes() + scopes.size_bytes() +
           services.size_bytes() + known_resources.size_bytes() +
           batches.capacity() * sizeof(LogPosition);
  }
};

HeadShard::HeadShard() : state_(std::make_unique<State>()) {}
HeadShard::~HeadShard() = default;

char* HeadShard::allocate_row(size_t size) {
  State& state = *state_;
  size = aligned_row_bytes(size);
  if (state.chunks.empty() || state.chunks.back().view.bytes + size > state.chunk_capacity) {
    size_t grown = std::clamp(state.chunk_capacity * 2, kChunkBytesMin, kChunkBytesMax);
    state.chunk_capacity = std::max(grown, size);
    State::Chunk& chunk = state.chunks.emplace_back();
    chunk.bytes = std::make_unique_for_overwrite<char[]>(state.chunk_capacity);
    chunk.view.rows = chunk.bytes.get();
    state.chunk_bytes += state.chunk_capacity;
  }
  State::Chunk& chunk = state.chunks.back();
  char* place = chunk.bytes.get() + chunk.view.bytes;
  chunk.view.bytes += size;
  return place;
}

void HeadShard::append_span(const Span& span) {
  State& state = *state_;
  const ResourceCodes& codes = state.resource_codes[span.resource];
  RowHeader header;
  header.shape = state.encoder.encode(span, codes.service, state.scope_codes[span.scope]);
  header.trace_id = TraceId::from_bytes(span.trace_id);
  header.span_id = SpanId::from_bytes(span.span_id);
  if (!span.parent_span_id.empty()) {
    header.parent_span_id = SpanId::from_bytes(span.parent_span_id);
  }
  header.start = span.start.value;
  header.duration = span.end.value - span.start.value;
  header.resource = codes.resource;
  header.values_bytes = static_cast<uint32_t>(state.encoder.values().size());
  header.batch = static_cast<uint32_t>(state.batches.size() - 1);

  char* place = allocate_row(sizeof header + header.values_bytes);
  std::memcpy(place, &header, sizeof header);
  std::string_view values = state.encoder.values();
  if (!values.empty()) std::memcpy(place + sizeof header, values.data(), values.size());

  HeadView::Chunk& chunk = state.chunks.back().view;
  chunk.start_min = std::min(chunk.start_min, header.start);
  chunk.start_max = std::max(chunk.start_max, header.start);
  if (state.shapes.size() > state.first_batches.size()) {
    state.first_batches.resize(state.shapes.size(), header.batch);
  }

  state.rows.push_back({place, state.exchange_last_row(header.trace_id)});
}

size_t HeadShard::append(const SpanBatch& batch, std::span<const uint32_t> refused,
                         LogPosition position) {
  MutexLock lock(mutex_);
  SPOOR_ASSERT(state_ && sealed_.load() == nullptr);
  State& state = *state_;
  state.batches.push_back(position);
  state.resource_codes.clear();
  state.scope_codes.clear();
  for (const Resource& resource : batch.resources) {
    state.resource_codes.push_back(state.intern(resource));
  }
  for (const Scope& scope : batch.scopes) {
    state.scratch.clear();
    encode_scope(scope, state.scratch);
    state.scope_codes.push_back(state.scopes.intern(state.scratch));
  }
  auto next_refused = refused.begin();
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    if (next_refused != refused.end() && *next_refused == i) {
      ++next_refused;
      continue;
    }
    append_span(batch.spans[i]);
  }
  size_t before = size_bytes();
  size_bytes_.store(state.size_bytes(), std::memory_order_relaxed);
  row_count_.store(state.rows.size(), std::memory_order_relaxed);
  return size_bytes() - before;
}

void HeadShard::find(const TraceId& trace_id, const Visible& visible, SpanBatch& result) {
  MutexLock lock(mutex_);
  State& state = *state_;
  auto slot = state.last_row_of_trace.find(trace_id.hash());
  if (slot == state.last_row_of_trace.end()) return;

  // Codes of this shard to indexes of the result, by which equal ones are shared.
  std::unordered_map<uint32_t, uint32_t> resource_index, scope_index;
  for (uint32_t ordinal = slot->second; ordinal != kNoRow; ordinal = state.rows[ordinal].previous) {
    const char* place = state.rows[ordinal].at;
    RowHeader header;
    std::memcpy(&header, place, sizeof header);
    if (header.trace_id != trace_id || !visible(state.batches[header.batch])) continue;
    const Shape& shape = state.shapes[header.shape];

    auto [resource, new_resource] =
        resource_index.try_emplace(header.resource, result.resources.size());
    if (new_resource) {
      result.resources.push_back(
          decode_resource(state.resources[header.resource], result.arena).value());
    }
    auto [scope, new_scope] = scope_index.try_emplace(shape.scope, result.scopes.size());
    if (new_scope) {
      result.scopes.push_back(decode_scope(state.scopes[shape.scope], result.arena).value());
    }
    Span span;
    span.resource = resource->second;
    span.scope = scope->second;
    const char* ids = place + offsetof(RowHeader, trace_id);
    span.trace_id = {ids, TraceId::kSize};
    span.span_id = {place + offsetof(RowHeader, span_id), SpanId::kSize};
    if (shape.names_parent != 0) {
      span.parent_span_id = {place + offsetof(RowHeader, parent_span_id), SpanId::kSize};
    }
    span.start = UnixNanos{header.start};
    span.end = UnixNanos{header.start + header.duration};
    RowSource source(state.shapes, {place + sizeof header, header.values_bytes});
    Status assembled = assemble_span(shape, source, result.arena, span);
    SPOOR_ASSERT(assembled.ok());  // rows never leave memory
    result.spans.push_back(span);
  }
  result.pinned.push_back(shared_from_this());
}

std::optional<uint64_t> HeadShard::find_start(const TraceId& trace_id, const Visible& visible) {
  MutexLock lock(mutex_);
  State& state = *state_;
  std::optional<uint64_t> earliest;
  auto slot = state.last_row_of_trace.find(trace_id.hash());
  if (slot == state.last_row_of_trace.end()) return earliest;
  for (uint32_t ordinal = slot->second; ordinal != kNoRow; ordinal = state.rows[ordinal].previous) {
    RowHeader header;
    std::memcpy(&header, state.rows[ordinal].at, sizeof header);
    if (header.trace_id != trace_id || !visible(state.batches[header.batch])) continue;
    if (!earliest || header.start < *earliest) earliest = header.start;
  }
  return earliest;
}

HeadView HeadShard::view() const {
  MutexLock lock(mutex_);
  const State& state = *state_;
  HeadView view;
  view.shard = shared_from_this();
  for (const State::Chunk& chunk : state.chunks) view.chunks.push_back(chunk.view);
  view.batches = state.batches;
  view.first_batches = state.first_batches;
  view.shapes.reserve(state.shapes.size());
  for (uint32_t i = 0; i < state.shapes.size(); ++i) view.shapes.push_back(&state.shapes[i]);
  auto list = [](const Dictionary& dictionary, std::vector<std::string_view>& entries) {
    entries.reserve(dictionary.size());
    for (uint32_t i = 0; i < dictionary.size(); ++i) entries.push_back(dictionary[i]);
  };
  list(state.resources, view.resources);
  list(state.scopes, view.scopes);
  list(state.services, view.services);
  return view;
}

void HeadShard::seal() {
  MutexLock lock(mutex_);
  sealed_.store(state_.get());
}

void HeadShard::unseal() {
  MutexLock lock(mutex_);
  sealed_.store(nullptr);
}

const ShapeTable& HeadShard::shapes() const {
  return sealed_.load()->shapes;
}
const Dictionary& HeadShard::resources() const {
  return sealed_.load()->resources;
}
const Dictionary& HeadShard::scopes() const {
  return sealed_.load()->scopes;
}
const Dictionary& HeadShard::services() const {
  return sealed_.load()->services;
}

}  // namespace spoor::store
