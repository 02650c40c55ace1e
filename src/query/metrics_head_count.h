// Counts the matching rows of one shard of the head. Made once for a query, then immutable and
// thread-safe.
#pragma once

#include <vector>

#include "base/arena.h"
#include "query/head_scan.h"
#include "query/metrics_fields.h"
#include "query/metrics_rollups.h"

namespace spoor::query {

class MetricsHeadCount {
 public:
  // All outlive the count.
  MetricsHeadCount(const HeadScan& scan, const MetricsPlan& plan,
                   const MetricsIntervals& intervals);

  // Whether all attributes with one of the keys are plain.
  bool is_plain(const PlainKeys& keys) const;

  // Counts the rows of the chunk, but for those of traces that HeadScan::traces() leaves undecided;
  // by how many spans. REQUIRES: it has traces, if the query asks for roots or durations of traces.
  Result<MetricsOutcome> count(size_t chunk, MetricsTable& table, uint64_t& spans) const;

 private:
  struct ShapePlan {
    std::vector<FieldPlace> places;  // by field
    bool has_values = false;         // any of them is a value of the row
  };
  // Nothing where only the trace tells. `values` are those of the row's fields.
  std::optional<TypedValue> value(size_t field, const store::HeadView::Row& row,
                                  const std::vector<Value>& values) const;
  // Reads the values of the row that are asked for; they point into the row or the arena.
  void read_values(const ShapePlan& plan, const store::HeadView::Row& row,
                   std::vector<Value>& values, Arena& arena) const;

  const HeadScan& scan_;
  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  std::vector<traceql::Field> fields_;  // those of keys, then the function's own
  Arena arena_;                         // of what follows
  std::vector<Resource> resources_;
  std::vector<Scope> scopes_;
  std::vector<ShapePlan> shapes_;  // by code; empty of events and links
};

}  // namespace spoor::query
