// One query on one shard of the head: every leaf asked once of each shape, resource and scope;
// rows whose shape leaves something open are read value by value.
//
// Immutable once made, and thread-safe.
#pragma once

#include <vector>

#include "query/head_traces.h"
#include "query/prepared.h"
#include "store/head_shard.h"

namespace spoor::query {

struct HeadMatch {
  TraceId trace_id;
  uint64_t start = 0;  // of the span that matched
};

class HeadScan {
 public:
  // `prepared` and `traces` outlive the scan. Without traces none is decided.
  HeadScan(store::HeadView view, const store::Visible& visible, const Prepared& prepared,
           const HeadTraces* traces = nullptr);

  // No row can match.
  bool matches_nothing() const { return matches_nothing_; }
  // By shape, whether a row of it may match.
  std::vector<uint8_t> candidates() const;
  const std::vector<store::HeadView::Chunk>& chunks() const { return view_.chunks; }

  // Calls take(row) for each visible row of the chunk that starts within [start_min, start_max]
  // and for which the expression holds.
  template <typename Take>
  void visit(size_t chunk, uint64_t start_min, uint64_t start_max, const Take& take) const {
    std::string_view rest(view_.chunks[chunk].rows, view_.chunks[chunk].bytes);
    while (!rest.empty()) {
      store::HeadView::Row row = store::HeadView::next_row(rest);
      Verdict possible = shapes_[row.header.shape].possible;
      if (possible == Verdict::No || !visible_[row.header.batch]) continue;
      if (row.header.start < start_min || row.header.start > start_max) continue;
      if (possible == Verdict::Yes || holds(row)) take(row);
    }
  }
  const store::HeadView& view() const { return view_; }
  const HeadTraces* traces() const { return traces_; }

  // Appends a match for each visible row of the chunk that starts within [start_min, start_max]
  // and for which the expression holds.
  void match(size_t chunk, uint64_t start_min, uint64_t start_max,
             std::vector<HeadMatch>& matches) const;

 private:
  struct FieldLook {
    size_t field;
    size_t leaf;
  };
  struct ShapePlan {
    std::vector<Verdict> leaves;  // Look: the looks or the row itself decide
    std::vector<FieldLook> looks;
    Verdict possible = Verdict::Look;
    bool has_children = false;  // that leaves of this query look at
  };
  ShapePlan plan_span(const store::Shape& shape) const;
  ShapePlan plan_child(const store::Shape& shape) const;
  void plan_fields(const store::Shape& shape, store::Table table, ShapePlan& plan) const;
  bool holds(const store::HeadView::Row& row) const;
  // Reads the values of a shape's fields; `found[leaf]` becomes Yes where a look matches.
  // Counts the children that the fields announce.
  void read_fields(const store::Shape& shape, const ShapePlan& plan, ByteReader& reader,
                   std::vector<Verdict>& found, uint64_t& children) const;

  store::HeadView view_;
  const Prepared& prepared_;
  const HeadTraces* const traces_;
  std::vector<uint8_t> visible_;                   // by batch
  std::vector<std::vector<uint8_t>> of_resource_;  // by leaf; empty for leaves on other things
  std::vector<std::vector<uint8_t>> of_scope_;
  std::vector<ShapePlan> shapes_;
  bool matches_nothing_ = true;
};

}  // namespace spoor::query
