#include "store/snapshot.h"

#include <algorithm>

#include "store/distinct_spans.h"
#include "store/trace_reader.h"

namespace spoor::store {
namespace {

// Where one of the wanted traces lies in a section.
struct Wanted {
  TracePlace place;
  FoundTrace* trace;
};

// Adds the section's spans of the traces, of each all or none.
void read_section(SectionReader& section, std::span<const TraceId> ids,
                  std::vector<FoundTrace>& traces) {
  std::vector<Wanted> wanted;
  for (size_t i = 0; i < ids.size(); ++i) {
    Result<std::optional<TracePlace>> place = section.locate(ids[i]);
    if (!place.ok()) traces[i].missing.push_back(place.status().message());
    if (place.ok() && *place) wanted.push_back({**place, &traces[i]});
  }
  if (wanted.empty()) return;
  auto metadata = section.metadata();
  if (!metadata.ok()) {
    for (Wanted& one : wanted) one.trace->missing.push_back(metadata.status().message());
    return;
  }
  std::ranges::sort(wanted, {}, [](const Wanted& one) { return one.place.first_row; });
  TraceReader reader(section, *metadata);
  for (Wanted& one : wanted) {
    Status read = reader.read(one.place, one.trace->batch);
    if (!read.ok()) one.trace->missing.push_back(read.message());
  }
}

}  // namespace

std::vector<FoundTrace> find_traces(const Snapshot& snapshot, std::span<const TraceId> trace_ids) {
  std::vector<FoundTrace> traces(trace_ids.size());
  for (const auto& section : snapshot.sections) read_section(*section, trace_ids, traces);
  for (size_t i = 0; i < traces.size(); ++i) {
    FoundTrace& found = traces[i];
    found.missing.insert(found.missing.end(), snapshot.missing.begin(), snapshot.missing.end());
    for (const auto& shard : snapshot.shards) {
      shard->find(trace_ids[i], snapshot.visible, found.batch);
    }
    drop_repeated_spans(found.batch);
  }
  return traces;
}

FoundTrace find_trace(const Snapshot& snapshot, const TraceId& trace_id) {
  return std::move(find_traces(snapshot, {&trace_id, 1}).front());
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
