// What one function of a metrics query has counted: groups of spans with equal keys, each with
// a cell for every interval. Tables of several threads, or of several pieces of the data, add up to
// one. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "query/metrics.h"
#include "query/metrics_key.h"
#include "query/metrics_plan.h"
#include "query/metrics_series.h"

namespace spoor::query {

class MetricsTable {
 public:
  // Both outlive the table.
  MetricsTable(const MetricsPlan& plan, const MetricsIntervals& intervals)
      : plan_(plan), intervals_(intervals) {}

  // Keeps its address.
  MetricsCells& cells(std::string_view key);
  void add(MetricsTable&& other);
  // Nothing happens where no such group is.
  void add_sample(std::string_view key, const MetricsSample& sample);

  // The cells of all groups; the table is empty then.
  std::vector<std::pair<MetricsKey, MetricsCells>> take_cells();

  size_t groups() const { return groups_.size(); }
  // ResourceExhausted for more than a query may make.
  Status check_groups() const;
  uint64_t size_bytes() const;

  // The series; what they point to is put into the arena. Cancelled.
  Result<std::vector<MetricsSeries>> finish(Arena& arena, QueryContext& context) const;

 private:
  struct KeyHash {
    using is_transparent = void;
    using is_avalanching = void;
    size_t operator()(std::string_view key) const { return hash64(key); }
  };

  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  uint64_t key_bytes_ = 0;
  boost::unordered_flat_map<MetricsKey, std::unique_ptr<MetricsGroup>, KeyHash, std::equal_to<>>
      groups_;
};

}  // namespace spoor::query
