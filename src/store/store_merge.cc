#include <algorithm>
#include <map>

#include "base/assert.h"
#include "base/log.h"
#include "store/store_state.h"

namespace spoor::store {
namespace {

// How often a merge looks at the clock for its pace.
constexpr uint64_t kPaceBytes = 256 << 10;

bool is_closed(Day day, UnixNanos now) {
  uint64_t closed = (uint64_t{day.value} + 1) * kNanosPerDay + kDayClosedAfterHours * kNanosPerHour;
  return now.value >= closed;
}

}  // namespace

PartMerge::Inputs Store::State::choose_inputs(MergeRule least) const {
  std::map<Day, std::vector<MergeCandidate>> days;
  std::shared_ptr<const PartSet> all;
  std::set<PartId> damaged;
  {
    MutexLock guard(mutex);
    all = parts;
    damaged = unmergeable;
  }
  // Parts in quarantine are not among them.
  for (const auto& part : all->parts()) {
    if (damaged.contains(part->place.id) || being_merged.contains(part->place.id)) continue;
    if (!part->refused.empty()) continue;
    MergeCandidate candidate{part->place, 0};
    for (const PartSection& section : part->file->footer().sections) {
      candidate.traces += section.traces;
    }
    days[part->place.day].push_back(candidate);
  }
  MergeLimits limits{options.merge_spans_max, kMergeTracesMax};
  if (options.budget != nullptr) {
    // A quarter of the memory that may be planned with.
    limits.traces_max =
        std::min(limits.traces_max, options.budget->limit_bytes() / 4 / kMergeBytesPerTrace);
  }
  PartMerge::Inputs inputs;
  for (auto day = days.rbegin(); day != days.rend() && inputs.empty(); ++day) {
    MergeRule rule = least;
    if (rule == MergeRule::Open && is_closed(day->first, world.now())) rule = MergeRule::Closed;
    std::vector<PartId> chosen = choose_merge(day->second, rule, limits);
    for (const auto& part : all->parts()) {
      if (std::ranges::binary_search(chosen, part->place.id)) inputs.push_back(part);
    }
  }
  return inputs;
}

bool Store::State::has_space_for(uint64_t bytes) const {
  auto space = world.disk_space(options.path);
  return !space.ok() || space->available_bytes >= bytes + free_reserve(*space);
}

Result<size_t> Store::State::merge_step(MergeRule least, MergePace pace) {
  MutexLock merging(merge_mutex);
  if (stopping) return cancelled("the store is stopping");
  return merge_parts(choose_inputs(least), least, pace);
}

Result<size_t> Store::State::merge_parts(PartMerge::Inputs inputs, MergeRule least,
                                         MergePace pace) {
  if (inputs.empty()) return size_t{0};
  uint64_t bytes = 0;
  for (const auto& input : inputs) bytes += input->place.size_bytes;
  if (!has_space_for(bytes)) {
    return resource_exhausted("no space to merge " + std::to_string(bytes) + " bytes of parts");
  }
  PartId output;
  MergeStatus::Running interrupted;
  {
    // Numbers are given out under the lock that flushes take theirs under.
    MutexLock flushing(flush_mutex);
    MutexLock guard(mutex);
    output = PartId{manifest.next_part++};
    interrupted = merges.running;
    merges.running = {.day = inputs.front()->place.day, .parts = inputs.size(), .bytes = bytes};
  }
  for (const auto& input : inputs) being_merged.insert(input->place.id);
  PartMerge merge(world, options.path, output, std::move(inputs));
  Status merged = run_merge(merge, least, pace);
  for (const auto& input : merge.inputs()) being_merged.erase(input->place.id);
  if (!merged.ok() && merged.code() != Code::Cancelled) note_failure(merge, merged);
  MutexLock guard(mutex);
  merges.running = interrupted;
  if (!merged.ok()) return merged;
  ++merges.done;
  merges.parts += merge.inputs().size();
  merges.spans += merge.part().spans;
  merge_retry_ms = merge_retry_nanos = 0;
  return merge.inputs().size();
}

Status Store::State::keep_pace(MergePace pace, uint64_t began_nanos, uint64_t bytes) {
  while (!stopping) {
    if (pace == MergePace::Now || options.merge_bytes_per_second == 0) return {};
    uint64_t due =
        bytes / kPaceBytes * (kPaceBytes * kNanosPerSecond) / options.merge_bytes_per_second;
    uint64_t taken = world.monotonic_nanos() - began_nanos;
    if (taken >= due) return {};
    MutexLock guard(care_mutex);
    if (running == Running::No) break;
    care_changed.wait_for_ms(care_mutex, static_cast<int64_t>((due - taken) / kNanosPerMilli + 1));
  }
  return cancelled("the store is stopping");
}

Status Store::State::merge_smaller(const PartMerge& merge, MergePace pace) {
  {
    MutexLock guard(mutex);
    if (world.monotonic_nanos() < merge_retry_nanos) return {};
  }
  auto spans_of = [](const PartMerge::Inputs& inputs) {
    uint64_t spans = 0;
    for (const auto& input : inputs) spans += input->place.spans;
    return spans;
  };
  PartMerge::Inputs inputs = choose_inputs(MergeRule::Open);
  if (spans_of(inputs) > spans_of(merge.inputs()) / kMergeSimilarFactor) return {};
  Result<size_t> merged = merge_parts(std::move(inputs), MergeRule::Open, pace);
  // What else went wrong is told, and is no reason to end the one in hand.
  return merged.status().code() == Code::Cancelled ? merged.status() : Status();
}

Status Store::State::run_merge(PartMerge& merge, MergeRule least, MergePace pace) {
  uint64_t began = world.monotonic_nanos();
  uint64_t next_look = 0;
  auto go_on = [&](uint64_t bytes) SPOOR_REQUIRES(merge_mutex) -> Status {
    if (stopping) return cancelled("the store is stopping");
    if (bytes < next_look) return {};
    next_look = bytes + kPaceBytes;
    if (least != MergeRule::Force) SPOOR_TRY(merge_smaller(merge, pace));
    return keep_pace(pace, began, bytes);
  };
  SPOOR_TRY(merge.write(manifest_in_force(), go_on));
  // ST-12: the generation is read together with the inputs being in force, so that a part that a
  // later manifest dropped never looks newer than that manifest.
  SPOOR_ASSIGN(Manifest in_force, manifest_with(merge));
  SPOOR_TRY(merge.finish(in_force.generation + 1, in_force.log_floor));
  SPOOR_TRY(merge.verify(in_force));
  if (stopping) return cancelled("the store is stopping");
  return commit_merge(merge);
}

Result<Manifest> Store::State::manifest_with(const PartMerge& merge) const {
  Manifest in_force = manifest_in_force();
  for (const auto& input : merge.inputs()) {
    if (std::ranges::find(in_force.parts, input->place.id, &ManifestPart::id) !=
        in_force.parts.end()) {
      continue;
    }
    return cancelled("the day was dropped while its parts were merged");
  }
  return in_force;
}

Status Store::State::commit_merge(PartMerge& merge) {
  MutexLock flushing(flush_mutex);
  SPOOR_ASSIGN(Manifest next, manifest_with(merge));
  // A flush may have come in between.
  SPOOR_TRY(merge.finish(++next.generation, next.log_floor));
  std::vector<ManifestPart> gone;
  for (const auto& input : merge.inputs()) gone.push_back(input->place);
  size_t removed = std::erase_if(next.parts, [&](const ManifestPart& part) {
    return std::ranges::find(gone, part.id, &ManifestPart::id) != gone.end();
  });
  SPOOR_ASSERT(removed == gone.size());
  next.parts.push_back(merge.part());
  std::ranges::sort(next.parts, {}, [](const ManifestPart& p) { return std::pair(p.day, p.id); });
  // From here on a manifest may name it (ST-6).
  merge.keep();
  Status committed = commit(std::move(next), Commit::PartsOnly);
  if (!committed.ok()) {
    retired.push_back(merge.part());
    return committed;
  }
  let_go(std::move(gone));
  return {};
}

void Store::State::note_failure(const PartMerge& merge, const Status& failure) {
  std::vector<PartId> damaged;
  if (failure.code() == Code::DataLoss) {
    damaged = find_damaged(world, merge.inputs(), manifest_in_force());
  }
  MutexLock guard(mutex);
  ++merges.failed;
  merges.last_failure = failure.message();
  if (!damaged.empty()) {
    unmergeable.insert(damaged.begin(), damaged.end());
    log_error("a part is damaged and is not merged; what can be read of it is served",
              {{"parts", std::to_string(damaged.size())}, {"cause", failure.message()}});
    return;
  }
  merge_retry_ms = std::clamp(merge_retry_ms * 2, kMergeRetryMsMin, kMergeRetryMsMax);
  merge_retry_nanos = world.monotonic_nanos() + merge_retry_ms * kNanosPerMilli;
  log_error("merge failed and will be tried again; its parts stay in force",
            {{"cause", failure.message()}, {"retry_ms", std::to_string(merge_retry_ms)}});
}

Result<size_t> Store::merge() {
  return state_->merge_step(MergeRule::Open, State::MergePace::Now);
}

Status Store::merge_all() {
  while (true) {
    SPOOR_ASSIGN(size_t merged, state_->merge_step(MergeRule::Force, State::MergePace::Now));
    if (merged == 0) return {};
  }
}

}  // namespace spoor::store
