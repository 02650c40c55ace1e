// Which parts of a day to merge next: a pure function of their sizes.
//
// Size-tiered: parts of similar size are merged, eight or more at a time, so that a span is
// rewritten about once for each eightfold growth and few parts of each size are left. When the
// day is closed what is left becomes one part, unless that would rewrite a large part for few
// late spans.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/manifest.h"

namespace spoor::store {

struct MergeCandidate {
  ManifestPart part;
  uint64_t traces = 0;
};

struct MergeLimits {
  uint64_t spans_max = 0;   // of the output
  uint64_t traces_max = 0;  // of the output: they are what takes memory
};

enum class MergeRule {
  Open,    // the day still gets spans: similar sizes only
  Closed,  // what is left becomes one part, as far as it is worth it
  Force,   // everything that fits into one part
};

// The parts to merge, in order of the candidates' ids; empty if there is nothing to do.
// REQUIRES: all of one day, all readable.
std::vector<PartId> choose_merge(std::span<const MergeCandidate> candidates, MergeRule rule,
                                 const MergeLimits& limits);

}  // namespace spoor::store
