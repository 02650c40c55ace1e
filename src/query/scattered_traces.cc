#include "query/scattered_traces.h"

#include <algorithm>

namespace spoor::query {

ScatteredTraces::ScatteredTraces(const store::Snapshot& snapshot)
    : snapshot_(snapshot),
      can_be_(snapshot.sections.size() > 1 ||
              std::ranges::any_of(snapshot.shards,
                                  [](const auto& shard) { return shard->row_count() > 0; })) {}

void ScatteredTraces::add(const store::SectionReader& section, std::vector<TraceHit> fragments) {
  if (fragments.empty()) return;
  MutexLock lock(mutex_);
  count_ += fragments.size();
  fragments_.push_back({&section, std::move(fragments)});
}

uint64_t ScatteredTraces::size_bytes() const {
  MutexLock lock(mutex_);
  return count_ * sizeof(TraceHit);
}

Status ScatteredTraces::offer(NewestTraces& newest, QueryContext& context,
                              std::vector<std::string>& missing) {
  std::vector<Fragments> all;
  {
    MutexLock lock(mutex_);
    all.swap(fragments_);
  }
  for (const Fragments& fragments : all) {
    SPOOR_TRY(offer_of(fragments, newest, context, missing));
  }
  return {};
}

Status ScatteredTraces::offer_of(const Fragments& fragments, NewestTraces& newest,
                                 QueryContext& context, std::vector<std::string>& missing) {
  std::vector<TraceHit> traces;
  for (const TraceHit& trace : fragments.traces) {
    if (newest.may_enter(trace.start.value)) traces.push_back(trace);
  }
  if (traces.empty()) return {};
  std::ranges::sort(traces, {}, [](const TraceHit& trace) { return trace.id.hash(); });
  std::vector<TraceId> ids;
  for (const TraceHit& trace : traces) ids.push_back(trace.id);
  std::vector<uint8_t> elsewhere(ids.size());
  for (const auto& section : snapshot_.sections) {
    if (section.get() == fragments.section) continue;
    if (context.cancelled()) return cancelled("the query was cancelled");
    Result<std::vector<uint8_t>> found = section->contains(ids);
    if (!found.ok()) missing.push_back(std::string(found.status().message()));
    for (size_t i = 0; found.ok() && i < ids.size(); ++i) elsewhere[i] |= (*found)[i];
  }
  for (size_t i = 0; i < traces.size(); ++i) {
    for (const auto& shard : snapshot_.shards) {
      if (elsewhere[i]) break;
      elsewhere[i] = shard->find_start(ids[i], snapshot_.visible).has_value();
    }
    if (elsewhere[i]) newest.offer(ids[i], traces[i].start.value);
  }
  return {};
}

}  // namespace spoor::query
