// Counts the matching rows of one row group into cells of its own, which are then added to those
// of the query. Lives for one row group, on one thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <vector>

#include "query/counted_pieces.h"
#include "query/metrics_columns.h"
#include "query/metrics_rollups.h"
#include "query/row_starts.h"
#include "query/section_scan.h"

namespace spoor::query {

class MetricsGroupCount {
 public:
  MetricsGroupCount(store::SectionReader& section, const SectionScan& scan,
                    const MetricsColumns& columns, const MetricsPlan& plan,
                    const MetricsIntervals& intervals, size_t group);

  Result<MetricsOutcome> run(QueryContext& context);
  // What it has counted, once run() has.
  CountedPiece take();
  // The traces that only all their spans decide: none of their spans is counted.
  const std::vector<store::TracePlace>& undecided() const { return undecided_; }

 private:
  static constexpr uint32_t kUnknown = ~uint32_t{0};
  // How a template's rows find their group.
  struct TemplateGroups {
    enum class Kind : uint8_t { NotLookedAt, One, ByResource, ByCode, ByRoot, ByValues };
    Kind kind = Kind::NotLookedAt;
    uint32_t one = kUnknown;
    size_t column = 0;  // of ByCode
    // By resource of the service, code, or root's template and one; kUnknown until it is met.
    std::vector<uint32_t> of;
  };

  // From what the row group says of its templates; whether that is enough.
  Result<bool> count_templates(GroupOutline& outline, const GroupLook& look);
  Status check_lists(store::RowGroupReader& group, const GroupLook& look, uint32_t vector);
  Result<MetricsOutcome> count_vector(store::RowGroupReader& group, uint32_t vector, RowMask rows,
                                      RowStarts& starts);
  // Takes rows of undecided traces out, and notes their traces.
  Status leave_undecided(uint32_t vector, std::span<const RowTrace> traces, RowMask& rows);
  // For rows_, of which only those stay that count.
  Status find_intervals(std::span<const uint64_t> starts);
  // The same from the starts of their traces, if none of their rows starts so much later that it
  // may be in another interval; false if one may be.
  Result<bool> find_intervals_of_traces(uint32_t vector, uint64_t start_spread);
  Status find_numbers(MetricsRows& values);
  Status find_groups(MetricsRows& values);
  bool is_within() const;
  bool is_in_buckets() const {
    return plan_.cell_kind() == MetricsCellKind::PowerBuckets ||
           plan_.cell_kind() == MetricsCellKind::PreciseBuckets;
  }
  TemplateGroups look_at(size_t template_code) const;
  // kUnknown where only the trace tells.
  Result<uint32_t> group_by_values(MetricsRows& rows, size_t row);
  uint32_t group_of(const MetricsKey& key);

  store::SectionReader& section_;
  const SectionScan& scan_;
  const MetricsColumns& columns_;
  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  const size_t group_;
  const uint64_t first_row_;  // of the group, in the section
  TraceWalk walk_;
  // The intervals that the rows may lie in, and a time in the first.
  UnixNanos first_;
  size_t first_interval_ = 0;
  size_t interval_count_ = 0;
  std::vector<TemplateGroups> templates_;
  std::vector<MetricsCells> cells_;  // by group
  std::vector<MetricsKey> keys_;
  boost::unordered_flat_map<MetricsKey, uint32_t> groups_;
  MetricsKey key_;  // in the making
  // Of the vector in hand: the rows that match, and what is known of each.
  std::vector<uint32_t> rows_, interval_of_, group_of_, kept_rows_;
  std::vector<TypedValue> numbers_;
  std::vector<MetricsBuckets::Code> codes_;  // of the numbers, where they go into buckets
  bool is_possible_ = true;
  uint64_t spans_ = 0;
  std::vector<store::TracePlace> undecided_;
};

}  // namespace spoor::query
