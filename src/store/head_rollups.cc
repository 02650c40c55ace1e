#include "store/head_rollups.h"

#include <algorithm>
#include <deque>
#include <tuple>

#include "base/assert.h"
#include "store/rollup_counter.h"
#include "store/trace_order.h"

namespace spoor::store {
namespace {

bool contains(const TimeRange& range, uint64_t minute) {
  return !range.is_empty() && minute >= range.first_minute() && minute <= range.last_minute();
}

// What the shapes of one shard say, and the numbers of its services among those of all shards.
class ShardFacts {
 public:
  ShardFacts(const HeadView& view, std::vector<uint32_t> services)
      : view_(view), services_(std::move(services)), known_(view.shapes.size()) {
    for (size_t i = 0; i < known_.size(); ++i) {
      if (view.shapes[i]->table == Table::Span) known_[i] = shape_facts(*view.shapes[i]);
    }
  }

  SpanFacts facts_of(const HeadView::Row& row) const {
    const Shape& shape = *view_.shapes[row.header.shape];
    SpanFacts facts{.service = services_[shape.service],
                    .start = row.header.start,
                    .duration = row.header.duration};
    read_row_facts(known_[row.header.shape], shape, row.values, facts);
    return facts;
  }
  bool names_parent(const RowHeader& header) const {
    return view_.shapes[header.shape]->names_parent != 0;
  }

 private:
  const HeadView& view_;
  std::vector<uint32_t> services_;
  std::vector<ShapeFacts> known_;
};

// The rows of all shards, grouped by trace.
class HeadTraces {
 public:
  explicit HeadTraces(const Snapshot& snapshot) {
    for (const auto& shard : snapshot.shards) shards_.emplace_back(shard->view(), snapshot.visible);
  }

  void count(const TimeRange& range, const EdgeVisitor& visitor) {
    bool is_touched =
        std::ranges::any_of(shards_, [&](const HeadRows& shard) { return shard.touches(range); });
    if (!is_touched) return;
    RollupCounter counter(merge_services());
    for (uint32_t shard = 0; shard < shards_.size(); ++shard) {
      shards_[shard].visit({}, [&](const HeadView::Row& row) {
        keyed_.push_back({row.header.trace_id.hash(), static_cast<uint32_t>(places_.size())});
        places_.push_back({shard, row});
      });
    }
    std::ranges::sort(keyed_);
    for (size_t i = 0; i < keyed_.size();) {
      group_.clear();
      for (uint64_t hash = keyed_[i].first; i < keyed_.size() && keyed_[i].first == hash; ++i) {
        group_.push_back(places_[keyed_[i].second]);
      }
      count_group(counter);
    }
    EdgeCells cells = counter.take_edges();
    std::vector<Edge> edges = counter.names().resolved_edges();
    for (const EdgeCell& cell : cells.cells) {
      if (!contains(range, cell.minute)) continue;
      visitor({cell.minute, edges[cell.code], cell.calls, cell.failed, cells.histogram(cell.client),
               cells.histogram(cell.server)});
    }
  }

 private:
  struct Place {
    uint32_t shard;
    HeadView::Row row;
  };

  // The rows of one hash, which are of one trace as a rule; ordered as a section's writer does,
  // so that of two spans of one id the same is the parent.
  void count_group(RollupCounter& counter) {
    std::ranges::stable_sort(group_, [](const Place& a, const Place& b) {
      const RowHeader& x = a.row.header;
      const RowHeader& y = b.row.header;
      return std::tie(x.trace_id, x.start, x.span_id) < std::tie(y.trace_id, y.start, y.span_id);
    });
    for (size_t i = 0; i < group_.size();) {
      size_t last = i;
      const TraceId& trace = group_[i].row.header.trace_id;
      while (last < group_.size() && group_[last].row.header.trace_id == trace) ++last;
      count_trace(std::span(group_).subspan(i, last - i), counter);
      i = last;
    }
  }

  std::vector<std::string_view> merge_services() {
    std::vector<std::string_view> services;
    boost::unordered_flat_map<std::string_view, uint32_t> codes;
    for (const HeadRows& shard : shards_) {
      std::vector<uint32_t> numbers;
      for (std::string_view service : shard.view().services) {
        auto [slot, inserted] = codes.emplace(service, static_cast<uint32_t>(services.size()));
        if (inserted) services.push_back(service);
        numbers.push_back(slot->second);
      }
      facts_.emplace_back(shard.view(), std::move(numbers));
    }
    return services;
  }

  void count_trace(std::span<const Place> rows, RollupCounter& counter) {
    nodes_.clear();
    for (const Place& place : rows) {
      const RowHeader& header = place.row.header;
      nodes_.push_back(
          {header.span_id, header.parent_span_id, facts_[place.shard].names_parent(header)});
    }
    counter.begin_trace();
    for (const OrderedNode& node : order_.of(nodes_)) {
      const Place& place = rows[node.node];
      SpanFacts facts = facts_[place.shard].facts_of(place.row);
      facts.depth = node.depth;
      counter.add_to_trace(facts);
    }
    counter.end_trace();
  }

  std::deque<HeadRows> shards_;
  std::deque<ShardFacts> facts_;
  std::vector<Place> places_;
  std::vector<std::pair<uint64_t, uint32_t>> keyed_;  // hash of the trace id, index of the place
  std::vector<Place> group_;
  std::vector<TraceNode> nodes_;
  TraceOrder order_;
};

}  // namespace

HeadRows::HeadRows(HeadView view, const Visible& visible) : view_(std::move(view)) {
  visible_.reserve(view_.batches.size());
  for (LogPosition batch : view_.batches) visible_.push_back(visible(batch) ? 1 : 0);
}

bool HeadRows::touches(const TimeRange& range) const {
  return std::ranges::any_of(view_.chunks,
                             [&](const HeadView::Chunk& chunk) { return touches(chunk, range); });
}

void visit_head_operations(const Snapshot& snapshot, const TimeRange& range,
                           const OperationVisitor& visitor) {
  for (const auto& shard : snapshot.shards) {
    HeadRows rows(shard->view(), snapshot.visible);
    if (!rows.touches(range)) continue;
    std::vector<uint32_t> services(rows.view().services.size());
    for (uint32_t i = 0; i < services.size(); ++i) services[i] = i;
    ShardFacts facts(rows.view(), std::move(services));
    RollupCounter counter(rows.view().services);
    rows.visit(range, [&](const HeadView::Row& row) {
      if (!contains(range, rollup_minute(row.header.start))) return;
      counter.add_operation(facts.facts_of(row));
    });
    OperationCells cells = counter.take_operations();
    std::vector<Operation> operations = counter.names().resolved_operations();
    for (const OperationCell& cell : cells.cells) {
      visitor({cell.minute, operations[cell.code], cells.histogram(cell.durations)});
    }
  }
}

void visit_head_edges(const Snapshot& snapshot, const TimeRange& range,
                      const EdgeVisitor& visitor) {
  HeadTraces(snapshot).count(range, visitor);
}

}  // namespace spoor::store
