// The head's rollups, counted from its rows when they are asked for.
#pragma once

#include "store/rollup.h"
#include "store/snapshot.h"

namespace spoor::store {

// The visible rows of one shard, one after another, without its lock.
class HeadRows {
 public:
  HeadRows(HeadView view, const Visible& visible);

  const HeadView& view() const { return view_; }
  bool is_visible(uint32_t batch) const { return visible_[batch] != 0; }

  // Those of the chunks in which a span started in a minute of the range.
  template <typename Visit>
  void visit(const TimeRange& range, const Visit& visit) const {
    for (const HeadView::Chunk& chunk : view_.chunks) {
      if (!touches(chunk, range)) continue;
      for (std::string_view rest(chunk.rows, chunk.bytes); !rest.empty();) {
        HeadView::Row row = HeadView::next_row(rest);
        if (is_visible(row.header.batch)) visit(row);
      }
    }
  }
  bool touches(const TimeRange& range) const;

 private:
  static bool touches(const HeadView::Chunk& chunk, const TimeRange& range) {
    return !range.is_empty() && chunk.bytes > 0 &&
           rollup_minute(chunk.start_min) <= range.last_minute() &&
           rollup_minute(chunk.start_max) >= range.first_minute();
  }

  HeadView view_;
  std::vector<uint8_t> visible_;  // by batch
};

void visit_head_operations(const Snapshot& snapshot, const TimeRange& range,
                           const OperationVisitor& visitor);
// Groups all visible rows by trace, because a call's parent may lie anywhere: about half a
// microsecond per span of the head.
void visit_head_edges(const Snapshot& snapshot, const TimeRange& range, const EdgeVisitor& visitor);

}  // namespace spoor::store
