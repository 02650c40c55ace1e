#include "query/metrics_scan.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "query/metrics_group_count.h"
#include "query/metrics_head_count.h"
#include "query/metrics_total.h"
#include "query/traceql_lower.h"
#include "query/work_sharing.h"
#include "traceql/named_fields.h"

namespace spoor::query {
namespace {

PlainKeys keys_of(const MetricsPlan& plan) {
  traceql::Query pipeline;
  pipeline.stages = plan.stages();
  std::vector<traceql::Field> fields = traceql::named_fields(pipeline);
  fields.insert(fields.end(), plan.key_fields().begin(), plan.key_fields().end());
  if (const auto& field = plan.aggregate().field) fields.push_back(*field);
  PlainKeys keys;
  for (const traceql::Field& field : fields) {
    if (field.kind == traceql::Field::Kind::Attribute) keys.insert(field.name);
  }
  return keys;
}

// What the query asks of whole traces.
TraceNeeds trace_needs_of(const MetricsPlan& plan, const Prepared& prepared) {
  TraceNeeds needs = prepared.trace_needs();
  std::vector<traceql::Field> fields = plan.key_fields();
  if (const auto& field = plan.aggregate().field) fields.push_back(*field);
  for (const traceql::Field& field : fields) {
    needs.duration |= field == traceql::Field::of(traceql::Intrinsic::TraceDuration);
    needs.root_name |= field == traceql::Field::of(traceql::Intrinsic::RootName);
    needs.root_service |= field == traceql::Field::of(traceql::Intrinsic::RootServiceName);
  }
  return needs;
}

class Scan {
 public:
  Scan(const store::Snapshot& snapshot, const MetricsPlan& plan, const Prepared& prepared,
       const MetricsIntervals& intervals, QueryContext& context, MetricsTable& table)
      : snapshot_(snapshot),
        plan_(plan),
        prepared_(prepared),
        intervals_(intervals),
        context_(context),
        table_(table),
        keys_(keys_of(plan)),
        trace_needs_(trace_needs_of(plan, prepared)),
        whole_traces_(snapshot),
        total_(plan, intervals, context, table) {}

  Result<MetricsOutcome> run(MetricsWork& work) {
    if (trace_needs_.any()) {
      SPOOR_TRY(whole_traces_.compare(context_));
      head_traces_.emplace(snapshot_, whole_traces_);
    }
    for (const auto& section : snapshot_.sections) {
      if (context_.cancelled()) return cancelled("the query was cancelled");
      add_section(*section);
    }
    for (const auto& shard : snapshot_.shards) add_shard(shard->view(), snapshot_.visible);
    if (!is_possible_) return MetricsOutcome::NotPossible;
    SPOOR_TRY(share_work(items_.size(), context_, [this](size_t i) { return count(items_[i]); }));
    if (!is_possible_) return MetricsOutcome::NotPossible;
    SPOOR_TRY(total_.finish(work));
    if (trace_needs_.any()) SPOOR_TRY(count_undecided(work));
    const std::vector<std::string>& unread = whole_traces_.missing();
    work.missing.insert(work.missing.end(), unread.begin(), unread.end());
    work.missing.insert(work.missing.end(), snapshot_.missing.begin(), snapshot_.missing.end());
    return MetricsOutcome::Counted;
  }

 private:
  struct Section {
    store::SectionReader* reader = nullptr;
    std::unique_ptr<SectionScan> scan;
    std::optional<MetricsColumns> columns;
  };
  struct Shard {
    std::unique_ptr<HeadScan> scan;
    std::unique_ptr<MetricsHeadCount> count;
  };
  // A row group of a section or a chunk of a shard.
  struct Item {
    const Section* section = nullptr;
    const Shard* shard = nullptr;
    size_t ordinal = 0;
  };

  bool touches(uint64_t first, uint64_t last) const {
    return first <= intervals_.last().value && last >= intervals_.first().value;
  }

  void add_section(store::SectionReader& reader) {
    const auto& groups = reader.footer().row_groups;
    std::vector<size_t> touched;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].rows > 0 && touches(groups[i].start_min, groups[i].end_max)) {
        touched.push_back(i);
      }
    }
    if (touched.empty()) return;
    auto section = std::make_unique<Section>();
    section->reader = &reader;
    Status planned = plan(*section);
    if (!planned.ok()) return total_.note_missing(planned.message());
    if (section->scan->matches_nothing()) return;
    for (size_t i : touched) items_.push_back({section.get(), nullptr, i});
    sections_.push_back(std::move(section));
  }

  Status plan(Section& section) {
    SectionTraces traces{nullptr, trace_needs_};
    if (trace_needs_.any()) traces.divided = &whole_traces_.divided(*section.reader);
    SPOOR_ASSIGN(section.scan, SectionScan::create(*section.reader, prepared_, traces));
    SPOOR_ASSIGN(auto metadata, section.reader->metadata());
    section.columns = MetricsColumns::make(std::move(metadata), plan_, keys_);
    if (!section.columns) is_possible_ = false;
    return {};
  }

  void add_shard(store::HeadView view, const store::Visible& visible) {
    auto shard = std::make_unique<Shard>();
    shard->scan = std::make_unique<HeadScan>(std::move(view), visible, prepared_,
                                             head_traces_ ? &*head_traces_ : nullptr);
    shard->count = std::make_unique<MetricsHeadCount>(*shard->scan, plan_, intervals_);
    if (!shard->count->is_plain(keys_)) is_possible_ = false;
    const auto& chunks = shard->scan->chunks();
    for (size_t i = 0; i < chunks.size() && !shard->scan->matches_nothing(); ++i) {
      if (touches(chunks[i].start_min, chunks[i].start_max)) {
        items_.push_back({nullptr, shard.get(), i});
      }
    }
    shards_.push_back(std::move(shard));
  }

  Status count(const Item& item) {
    if (!is_possible_) return {};
    return item.section != nullptr ? count_group(*item.section, item.ordinal)
                                   : count_chunk(*item.shard, item.ordinal);
  }

  Status count_group(const Section& section, size_t group) {
    const store::RowGroupRef& of_group = section.reader->footer().row_groups[group];
    const MetricsTotal::Place place{
        section.reader->number(), group, {of_group.start_min}, {of_group.end_max}};
    // What was counted of a group without undecided traces holds only while it has none.
    const bool has_divided = trace_needs_.any() && section.scan->has_divided(group);
    if (!has_divided) {
      SPOOR_ASSIGN(bool is_known, total_.add_known(place));
      if (is_known) return {};
    }
    MetricsGroupCount counting(*section.reader, *section.scan, *section.columns, plan_, intervals_,
                               group);
    Result<MetricsOutcome> outcome = counting.run(context_);
    if (!outcome.ok()) {
      if (outcome.status().code() == Code::Cancelled) return outcome.status();
      // What cannot be read is left out, and the answer says so.
      total_.note_missing(outcome.status().message());
      return {};
    }
    if (*outcome == MetricsOutcome::NotPossible) {
      is_possible_ = false;
      return {};
    }
    if (!has_divided && counting.undecided().empty()) return total_.add(place, counting.take());
    note_undecided(counting.undecided());
    return total_.add(counting.take());
  }

  void note_undecided(const std::vector<store::TracePlace>& traces) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    for (const store::TracePlace& trace : traces) {
      undecided_.push_back({trace.id, UnixNanos{trace.start}});
    }
  }

  // Traces that no place decides are read whole.
  Status count_undecided(MetricsWork& work) SPOOR_EXCLUDES(mutex_) {
    std::vector<TraceHit> traces;
    {
      MutexLock lock(mutex_);
      traces.swap(undecided_);
    }
    for (const TraceId& id : head_traces_->undecided()) traces.push_back({id, UnixNanos{0}});
    std::ranges::sort(traces, {}, &TraceHit::id);
    auto same = std::ranges::unique(traces, {}, &TraceHit::id);
    traces.erase(same.begin(), same.end());
    SPOOR_TRY(context_.charge(whole_traces_.size_bytes() + head_traces_->size_bytes() +
                              traces.size() * sizeof(TraceHit)));
    return count_listed(snapshot_, plan_, intervals_, traces, context_, table_, work);
  }

  Status count_chunk(const Shard& shard, size_t chunk) {
    MetricsTable counted(plan_, intervals_);
    uint64_t spans = 0;
    SPOOR_ASSIGN(MetricsOutcome outcome, shard.count->count(chunk, counted, spans));
    if (outcome == MetricsOutcome::NotPossible) {
      is_possible_ = false;
      return {};
    }
    return total_.add(CountedPiece{counted.take_cells(), intervals_.first(), spans});
  }

  const store::Snapshot& snapshot_;
  const MetricsPlan& plan_;
  const Prepared& prepared_;
  const MetricsIntervals& intervals_;
  QueryContext& context_;
  MetricsTable& table_;
  const PlainKeys keys_;
  const TraceNeeds trace_needs_;
  WholeTraces whole_traces_;
  std::optional<HeadTraces> head_traces_;  // where whole traces are asked for
  std::vector<std::unique_ptr<Section>> sections_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Item> items_;
  std::atomic<bool> is_possible_{true};
  MetricsTotal total_;
  Mutex mutex_;
  std::vector<TraceHit> undecided_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace

Result<MetricsOutcome> count_scan(const store::Snapshot& snapshot, const MetricsPlan& plan,
                                  const MetricsIntervals& intervals, QueryContext& context,
                                  MetricsTable& table, MetricsWork& work) {
  if (!plan.has_filters_only()) return MetricsOutcome::NotPossible;
  std::optional<Expression> condition = lower_plain_spans(plan.stages());
  if (!condition) return MetricsOutcome::NotPossible;
  SPOOR_ASSIGN(Prepared prepared, prepare(*condition));
  return Scan(snapshot, plan, prepared, intervals, context, table).run(work);
}

}  // namespace spoor::query
