#include "query/scattered_traces.h"

#include <algorithm>

#include "query/work_sharing.h"

namespace spoor::query {
namespace {

// So many are looked for first, and four times as many each time after that: an index is read in
// its own order once for all that are looked for, but the newest may be enough.
constexpr size_t kFirstBatch = 1024;
constexpr size_t kBatchGrowth = 4;
// To look for one takes a page of each section's index, to compare two sections a microsecond for
// each trace of the smaller; and what a comparison found is kept.
constexpr size_t kMany = 65'536;

}  // namespace

ScatteredTraces::ScatteredTraces(const store::Snapshot& snapshot)
    : snapshot_(snapshot),
      can_be_(snapshot.sections.size() > 1 ||
              std::ranges::any_of(snapshot.shards,
                                  [](const auto& shard) { return shard->row_count() > 0; })) {}

void ScatteredTraces::add(const store::SectionReader& section,
                          std::span<const TraceHit> fragments) {
  if (fragments.empty()) return;
  MutexLock lock(mutex_);
  for (const TraceHit& trace : fragments) fragments_.push_back({trace, &section});
}

uint64_t ScatteredTraces::size_bytes() const {
  MutexLock lock(mutex_);
  return fragments_.size() * sizeof(Fragment);
}

bool ScatteredTraces::are_many() const {
  MutexLock lock(mutex_);
  return fragments_.size() >= kMany;
}

Status ScatteredTraces::offer(NewestTraces& newest, QueryContext& context,
                              std::vector<std::string>& missing) {
  std::vector<Fragment> all;
  {
    MutexLock lock(mutex_);
    all.swap(fragments_);
  }
  std::ranges::sort(all, std::ranges::greater(),
                    [](const Fragment& fragment) { return fragment.trace.start.value; });
  size_t batch = kFirstBatch;
  for (size_t begin = 0; begin < all.size(); batch *= kBatchGrowth) {
    if (!newest.may_enter(all[begin].trace.start.value)) break;
    size_t count = std::min(batch, all.size() - begin);
    SPOOR_TRY(offer_some(std::span(all).subspan(begin, count), newest, context, missing));
    begin += count;
  }
  return {};
}

Status ScatteredTraces::offer_some(std::span<Fragment> fragments, NewestTraces& newest,
                                   QueryContext& context, std::vector<std::string>& missing) {
  std::ranges::sort(fragments, {},
                    [](const Fragment& fragment) { return fragment.trace.id.hash(); });
  // By section, whether it has each of the fragments that are not its own.
  std::vector<std::vector<uint8_t>> found(snapshot_.sections.size());
  Mutex mutex;
  SPOOR_TRY(share_work(found.size(), context, [&](size_t i) -> Status {
    store::SectionReader& section = *snapshot_.sections[i];
    std::vector<TraceId> ids;
    for (const Fragment& fragment : fragments) {
      if (fragment.section != &section) ids.push_back(fragment.trace.id);
    }
    Result<std::vector<uint8_t>> contained = section.contains(ids);
    if (contained.ok()) {
      found[i] = std::move(*contained);
    } else {
      MutexLock lock(mutex);
      missing.push_back(std::string(contained.status().message()));
    }
    return {};
  }));
  std::vector<size_t> next(found.size());
  for (const Fragment& fragment : fragments) {
    bool is_elsewhere = false;
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i].empty() || fragment.section == snapshot_.sections[i].get()) continue;
      is_elsewhere |= found[i][next[i]++] != 0;
    }
    for (const auto& shard : snapshot_.shards) {
      if (is_elsewhere) break;
      is_elsewhere = shard->find_start(fragment.trace.id, snapshot_.visible).has_value();
    }
    if (is_elsewhere) newest.offer(fragment.trace.id, fragment.trace.start.value);
  }
  return {};
}

}  // namespace spoor::query
