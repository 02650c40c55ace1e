#include "store/snapshot.h"

#include <algorithm>

#include "store/distinct_spans.h"

namespace spoor::store {
namespace {

// Appends the section's spans of the trace, all or none.
Status read_section(SectionReader& section, const TraceId& trace_id, SpanBatch& batch) {
  size_t spans = batch.spans.size();
  size_t resources = batch.resources.size(), scopes = batch.scopes.size();
  Status found = section.find(trace_id, batch);
  if (found.ok()) return found;
  // What was read of it points into memory that nothing pins.
  batch.spans.resize(spans);
  batch.resources.resize(resources);
  batch.scopes.resize(scopes);
  const std::string& path = section.file().path();
  if (found.message().starts_with(path)) return found;
  return Status(found.code(), path + ": " + std::string(found.message()));
}

}  // namespace

FoundTrace find_trace(const Snapshot& snapshot, const TraceId& trace_id) {
  FoundTrace found;
  for (const auto& section : snapshot.sections) {
    Status read = read_section(*section, trace_id, found.batch);
    if (!read.ok()) found.missing.push_back(std::string(read.message()));
  }
  found.missing.insert(found.missing.end(), snapshot.missing.begin(), snapshot.missing.end());
  for (const auto& shard : snapshot.shards) shard->find(trace_id, snapshot.visible, found.batch);
  drop_repeated_spans(found.batch);
  return found;
}

std::optional<UnixNanos> find_trace_start(const Snapshot& snapshot, const TraceId& trace_id,
                                          std::vector<std::string>& missing) {
  std::optional<UnixNanos> earliest;
  auto consider = [&](uint64_t start) {
    if (!earliest || start < earliest->value) earliest = UnixNanos{start};
  };
  for (const auto& section : snapshot.sections) {
    Result<std::optional<TracePlace>> place = section->locate(trace_id);
    if (!place.ok()) missing.push_back(std::string(place.status().message()));
    if (place.ok() && *place) consider((*place)->start);
  }
  for (const auto& shard : snapshot.shards) {
    if (auto start = shard->find_start(trace_id, snapshot.visible)) consider(*start);
  }
  return earliest;
}

}  // namespace spoor::store
