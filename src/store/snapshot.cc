#include "store/snapshot.h"

#include <algorithm>

#include "store/distinct_spans.h"
#include "store/trace_reader.h"

namespace spoor::store {
namespace {

// A fragment of one section, and the trace that it belongs to.
struct Wanted {
  TracePlace place;
  FoundTrace* trace;
};

// Reads the fragments in the order of their rows, of each all spans or none.
void read(SectionReader& section, const Projection& projection, std::vector<Wanted> wanted) {
  if (wanted.empty()) return;
  auto metadata = section.metadata();
  if (!metadata.ok()) {
    for (Wanted& one : wanted) one.trace->missing.push_back(metadata.status().message());
    return;
  }
  std::ranges::sort(wanted, {}, [](const Wanted& one) { return one.place.first_row; });
  TraceReader reader(section, *metadata, projection);
  for (Wanted& one : wanted) {
    Status read = reader.read(one.place, one.trace->batch);
    if (!read.ok()) one.trace->missing.push_back(read.message());
  }
}

// Adds the section's spans of the traces. Those that may lie elsewhere too are read whole, because
// only then it shows which spans are there twice.
void read_section(SectionReader& section, std::span<const WantedTrace> traces,
                  const Projection& projection, std::vector<FoundTrace>& found) {
  std::vector<Wanted> of_here, of_fragments;
  for (size_t i = 0; i < traces.size(); ++i) {
    if (const auto& only = traces[i].only) {
      if (only->section == &section) of_here.push_back({only->place, &found[i]});
      continue;
    }
    Result<std::optional<TracePlace>> place = section.locate(traces[i].id);
    if (!place.ok()) found[i].missing.push_back(place.status().message());
    if (place.ok() && *place) of_fragments.push_back({**place, &found[i]});
  }
  read(section, projection, std::move(of_here));
  read(section, Projection::whole(), std::move(of_fragments));
}

}  // namespace

std::vector<FoundTrace> find_traces(const Snapshot& snapshot, std::span<const WantedTrace> wanted,
                                    const Projection& projection) {
  std::vector<FoundTrace> traces(wanted.size());
  for (const auto& section : snapshot.sections) {
    read_section(*section, wanted, projection, traces);
  }
  for (size_t i = 0; i < traces.size(); ++i) {
    FoundTrace& found = traces[i];
    if (wanted[i].only) {
      if (has_repeated_ids(found.batch)) {
        found = find_trace(snapshot, wanted[i].id);
        continue;
      }
    } else {
      for (const auto& shard : snapshot.shards) {
        shard->find(wanted[i].id, snapshot.visible, found.batch);
      }
      drop_repeated_spans(found.batch);
    }
    found.missing.insert(found.missing.end(), snapshot.missing.begin(), snapshot.missing.end());
  }
  return traces;
}

FoundTrace find_trace(const Snapshot& snapshot, const TraceId& trace_id) {
  const WantedTrace wanted{trace_id, std::nullopt};
  return std::move(find_traces(snapshot, {&wanted, 1}, Projection::whole()).front());
}

LocatedTrace locate_trace(const Snapshot& snapshot, const TraceId& trace_id,
                          const TraceFragment* known, std::vector<std::string>& missing) {
  LocatedTrace located;
  bool is_single = true;
  auto consider = [&](uint64_t start) {
    if (located.start) is_single = false;
    if (!located.start || start < located.start->value) located.start = UnixNanos{start};
  };
  for (const auto& section : snapshot.sections) {
    std::optional<TracePlace> here;
    if (known != nullptr && known->section == section.get()) {
      here = known->place;
    } else {
      Result<std::optional<TracePlace>> place = section->locate(trace_id);
      if (place.ok()) {
        here = *place;
      } else {
        missing.push_back(std::string(place.status().message()));
        is_single = false;
      }
    }
    if (!here) continue;
    consider(here->start);
    located.only = TraceFragment{section.get(), *here};
  }
  for (const auto& shard : snapshot.shards) {
    auto start = shard->find_start(trace_id, snapshot.visible);
    if (!start) continue;
    consider(*start);
    is_single = false;
  }
  if (!is_single) located.only.reset();
  return located;
}

}  // namespace spoor::store
