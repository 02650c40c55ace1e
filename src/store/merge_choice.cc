#include "store/merge_choice.h"

#include <algorithm>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// Parts below this are alike: their cost is the file, not the bytes.
uint64_t size_class(const MergeCandidate& candidate) {
  return std::max(candidate.part.size_bytes, kMergeSizeMin);
}

using Candidates = std::span<const MergeCandidate>;

// How many from the front fit into one output.
size_t fitting(Candidates candidates, const MergeLimits& limits) {
  uint64_t spans = 0, traces = 0;
  size_t count = 0;
  for (const MergeCandidate& candidate : candidates) {
    spans += candidate.part.spans;
    traces += candidate.traces;
    if (spans > limits.spans_max || traces > limits.traces_max) break;
    if (++count == kMergeInputsMax) break;
  }
  return count;
}

// The smallest run of similar parts. By size, ascending.
Candidates similar_run(Candidates by_size, const MergeLimits& limits) {
  for (size_t first = 0; first + 1 < by_size.size(); ++first) {
    uint64_t largest = size_class(by_size[first]) * kMergeSimilarFactor;
    size_t alike = 0;
    while (first + alike < by_size.size() && size_class(by_size[first + alike]) <= largest) ++alike;
    if (alike < kMergeInputsMin) continue;
    // Where the limit of the output cuts the run short, what fits makes a part of full size.
    size_t count = fitting(by_size.subspan(first, alike), limits);
    if (count >= 2) return by_size.subspan(first, count);
  }
  return {};
}

// All of the day, if what is rewritten for the rest is not out of proportion.
Candidates rest_of_day(Candidates by_size, const MergeLimits& limits) {
  size_t count = fitting(by_size, limits);
  if (count < 2) return {};
  if (count < by_size.size()) return by_size.first(count);
  uint64_t largest = by_size.back().part.size_bytes, others = 0;
  for (const MergeCandidate& candidate : by_size) others += candidate.part.size_bytes;
  others -= largest;
  bool is_worth_it = others * 100 >= largest * kMergeLatePercent || largest < kMergeSizeMin;
  return is_worth_it ? by_size : Candidates();
}

}  // namespace

std::vector<PartId> choose_merge(std::span<const MergeCandidate> candidates, MergeRule rule,
                                 const MergeLimits& limits) {
  std::vector<MergeCandidate> by_size;
  for (const MergeCandidate& candidate : candidates) {
    SPOOR_ASSERT(candidate.part.day == candidates.front().part.day);
    // A part that fills more than half of an output has no partner worth its rewriting.
    bool is_full =
        candidate.part.spans > limits.spans_max / 2 || candidate.traces > limits.traces_max / 2;
    if (!is_full || rule == MergeRule::Force) by_size.push_back(candidate);
  }
  std::ranges::stable_sort(by_size, {}, [](const MergeCandidate& c) { return c.part.size_bytes; });
  Candidates chosen;
  if (rule == MergeRule::Force) {
    size_t count = fitting(by_size, limits);
    if (count >= 2) chosen = Candidates(by_size).first(count);
  } else {
    chosen = similar_run(by_size, limits);
    if (chosen.empty() && rule == MergeRule::Closed) chosen = rest_of_day(by_size, limits);
  }
  std::vector<PartId> ids;
  for (const MergeCandidate& candidate : chosen) ids.push_back(candidate.part.id);
  std::ranges::sort(ids);
  SPOOR_ASSERT(ids.size() != 1 && ids.size() <= kMergeInputsMax);
  return ids;
}

}  // namespace spoor::store
