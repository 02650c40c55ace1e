// What metrics queries counted of pieces of sections, for when the same is asked again: a panel
// that is drawn anew counts only what is new. Sections do not change, so that what is kept is
// exact; only pieces that lie wholly in the range of a query are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/recent.h"
#include "query/metrics_table.h"

namespace spoor::query {

// The cells of each group, for the intervals that a piece's spans start in.
struct CountedPiece {
  std::vector<std::pair<MetricsKey, MetricsCells>> groups;
  UnixNanos first;     // lies in the first of the intervals
  uint64_t spans = 0;  // that were counted

  // REQUIRES: the intervals are as long as those that it was counted in, and cover them.
  void add_to(MetricsTable& table, const MetricsIntervals& intervals) const;
  uint64_t size_bytes() const;
};

class CountedPieces {
 public:
  static constexpr uint64_t kWholeSection = ~uint64_t{0};
  struct Key {
    Hash128 question;        // question()
    uint64_t section = 0;    // SectionReader::number()
    uint64_t row_group = 0;  // or kWholeSection
    bool operator==(const Key&) const = default;
  };
  // Equal for plans and intervals whose cells are equal.
  static Hash128 question(const MetricsPlan& plan, const MetricsIntervals& intervals);

  explicit CountedPieces(uint64_t bytes_max) : pieces_(bytes_max) {}

  // Null if it is not here.
  std::shared_ptr<const CountedPiece> find(const Key& key) { return pieces_.find(key); }
  void keep(const Key& key, std::shared_ptr<const CountedPiece> piece);
  uint64_t size_bytes() const { return pieces_.size_bytes(); }

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return hash_mix(hash_mix(key.question.low, key.section), key.row_group);
    }
  };
  Recent<Key, CountedPiece, KeyHash> pieces_;
};

}  // namespace spoor::query
