// Compares the rollups of a section with its rows, which are counted one by one and plainly.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "model/span.h"
#include "store/rollup_format.h"
#include "store/section_rollups.h"

namespace spoor::store {

class RollupCheck {
 public:
  // REQUIRES: the rollups outlive the check.
  explicit RollupCheck(const SectionRollups& rollups);

  // All rows of the section, a trace at a time.
  void add(const SpanBatch& trace);

  // Counts, sums and buckets of every minute and operation are the rows'. Of edges only that
  // no more failed, or were measured, than were called, and no more called than rows can make.
  Status check() const;

 private:
  // Minute and operation.
  using Place = std::pair<uint64_t, const Operation*>;
  struct PlaceHash {
    size_t operator()(const Place& place) const {
      return hash_mix(place.first, reinterpret_cast<uintptr_t>(place.second));
    }
  };
  struct Counted {
    std::vector<uint64_t> buckets = std::vector<uint64_t>(kDurationBuckets);
    uint64_t sum = 0;
  };
  using Counts = std::unordered_map<Place, Counted, PlaceHash>;

  const Operation* operation_of(std::string_view service, const Span& span) const;
  Status check_operations() const;
  Status check_edges() const;

  const SectionRollups& rollups_;
  std::unordered_map<std::string, const Operation*> by_key_;
  Counts rows_;
  std::map<uint64_t, uint64_t> rows_of_minute_;
  uint64_t unknown_ = 0;  // rows of no operation
};

}  // namespace spoor::store
