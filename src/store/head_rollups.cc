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
        places_.push_back({row.header.trace_id.hash(), shard, row});
      });
    }
    std::vector<uint32_t> order(places_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    // As a section's writer orders them, so that of two spans of one id the same is the parent.
    std::ranges::sort(order, [&](uint32_t a, uint32_t b) { return is_before(a, b); });
    for (size_t i = 0; i < order.size();) {
      size_t last = i;
      while (last < order.size() && trace_of(order[last]) == trace_of(order[i])) ++last;
      count_trace(std::span(order).subspan(i, last - i), counter);
      i = last;
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
    uint64_t hash;
    uint32_t shard;
    HeadView::Row row;
  };
  const TraceId& trace_of(uint32_t place) const { return places_[place].row.header.trace_id; }

  bool is_before(uint32_t a, uint32_t b) const {
    const Place& x = places_[a];
    const Place& y = places_[b];
    if (x.hash != y.hash) return x.hash < y.hash;
    const RowHeader& k = x.row.header;
    const RowHeader& l = y.row.header;
    return std::tie(k.trace_id, k.start, k.span_id, a) <
           std::tie(l.trace_id, l.start, l.span_id, b);
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

  void count_trace(std::span<const uint32_t> places, RollupCounter& counter) {
    nodes_.clear();
    for (uint32_t place : places) {
      const RowHeader& header = places_[place].row.header;
      nodes_.push_back({header.span_id, header.parent_span_id,
                        facts_[places_[place].shard].names_parent(header)});
    }
    order_trace(nodes_, ordered_);
    counter.begin_trace();
    for (const OrderedNode& node : ordered_) {
      const Place& place = places_[places[node.node]];
      SpanFacts facts = facts_[place.shard].facts_of(place.row);
      facts.depth = node.depth;
      counter.add(facts);
    }
    counter.end_trace();
  }

  std::deque<HeadRows> shards_;
  std::deque<ShardFacts> facts_;
  std::vector<Place> places_;
  std::vector<TraceNode> nodes_;
  std::vector<OrderedNode> ordered_;
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
      if (!contains(range, row.header.start / kNanosPerMinute)) return;
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
