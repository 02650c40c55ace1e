#include "query/metrics_traces.h"

#include <atomic>

#include "base/mutex.h"
#include "query/spanset_tree.h"
#include "query/trace_summary.h"
#include "query/traceql_evaluate.h"
#include "query/traceql_projection.h"

namespace spoor::query {
namespace {

// Candidates of one search for them; each search begins anew.
constexpr size_t kPortion = 3'000'000;
constexpr size_t kTracesPerSlice = 32;
// Spans that are counted between two looks at the memory that the table takes.
constexpr uint64_t kSpansPerCharge = 20'000;

// Spans of some traces, ready to be counted.
class Counted {
 public:
  explicit Counted(const MetricsPlan& plan) : plan_(plan) {}

  void add(TraceqlTrace& trace, SpanIndex i, const MetricsKey& key, size_t interval) {
    TypedValue value;
    if (const auto& field = plan_.aggregate().field) value = metrics_value(*field, trace, i);
    if (!MetricsCells::counts(plan_, value)) return;
    spans_.push_back({keys_.size(), key.size(), interval, value});
    keys_ += key;
  }

  void count_into(MetricsTable& table) const {
    for (const Span& span : spans_) {
      std::string_view key = std::string_view(keys_).substr(span.key_place, span.key_size);
      table.cells(key).add(plan_, span.interval, span.value);
    }
  }

  size_t size() const { return spans_.size(); }

 private:
  struct Span {
    size_t key_place, key_size;
    size_t interval;
    TypedValue value;  // a number, which owns nothing
  };
  const MetricsPlan& plan_;
  std::string keys_;
  std::vector<Span> spans_;
};

// That counting a span asks for.
std::vector<traceql::Field> fields_of(const MetricsPlan& plan) {
  std::vector<traceql::Field> fields = plan.pipeline().fields();
  fields.insert(fields.end(), plan.key_fields().begin(), plan.key_fields().end());
  if (plan.aggregate().field) fields.push_back(*plan.aggregate().field);
  return fields;
}

class TraceCount {
 public:
  TraceCount(const store::Snapshot& snapshot, const MetricsPlan& plan,
             const MetricsIntervals& intervals, QueryContext& context, MetricsTable& table)
      : snapshot_(snapshot),
        plan_(plan),
        intervals_(intervals),
        reading_{projection_of(fields_of(plan)), kTracesPerSlice},
        context_(context),
        table_(table) {}

  Status run_listed(std::span<const TraceHit> traces, MetricsWork& work) {
    const std::vector<HitPlace> places(traces.size());
    SPOOR_TRY(load_and_take(traces, places));
    return finish(work);
  }

  Status run(MetricsWork& work) {
    SearchRequest candidates{.condition = plan_.necessary()};
    candidates.start_min = intervals_.first();
    candidates.start_max = intervals_.last();
    candidates.limit = kPortion;
    std::optional<SpansetTree> spansets = SpansetTree::make(plan_.stages());
    if (spansets) candidates.spansets = &*spansets;
    bool has_more = true;
    while (has_more) {
      SPOOR_ASSIGN(SearchResult found, search(snapshot_, candidates, context_));
      note_missing(found.missing);
      has_more = found.more;
      if (has_more) candidates.after = found.hits.back();
      hits_bytes_ = found.hits.capacity() * (sizeof(TraceHit) + sizeof(HitPlace));
      SPOOR_TRY(load_and_take(found.hits, found.places));
    }
    return finish(work);
  }

 private:
  Status load_and_take(std::span<const TraceHit> hits, std::span<const HitPlace> places) {
    return load(snapshot_, hits, places, reading_, context_,
                [&](size_t, std::vector<store::FoundTrace>& traces) { return take(traces); });
  }
  Status finish(MetricsWork& work) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    work.missing.insert(work.missing.end(), missing_.begin(), missing_.end());
    work.spans += spans_;
    return {};
  }

  void note_missing(const std::vector<std::string>& missing) SPOOR_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    missing_.insert(missing_.end(), missing.begin(), missing.end());
  }

  Status take(std::vector<store::FoundTrace>& found) SPOOR_EXCLUDES(mutex_) {
    Counted counted(plan_);
    uint64_t bytes = 0;
    for (store::FoundTrace& one : found) {
      if (context_.cancelled()) return cancelled("the query was cancelled");
      if (!one.missing.empty()) note_missing(one.missing);
      bytes += one.batch.size_bytes();
      TraceqlTrace trace(one.batch);
      SPOOR_TRY(visit_counted(plan_, intervals_, trace,
                              [&](TraceqlTrace& of, SpanIndex i, const MetricsKey& key) {
                                counted.add(of, i, key, intervals_.of(of.span(i).start));
                              }));
    }
    MutexLock lock(mutex_);
    counted.count_into(table_);
    spans_ += counted.size();
    since_charge_ += counted.size();
    if (since_charge_ < kSpansPerCharge && bytes < kSpansPerCharge) return {};
    return charge(bytes);
  }

  Status charge(uint64_t bytes) SPOOR_REQUIRES(mutex_) {
    if (since_charge_ >= kSpansPerCharge || table_bytes_ == 0) {
      since_charge_ = 0;
      table_bytes_ = table_.size_bytes();
    }
    SPOOR_TRY(table_.check_groups());
    return context_.charge(hits_bytes_ + table_bytes_ + bytes);
  }

  const store::Snapshot& snapshot_;
  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  const TraceReading reading_;
  QueryContext& context_;
  std::atomic<uint64_t> hits_bytes_{0};
  Mutex mutex_;
  MetricsTable& table_ SPOOR_GUARDED_BY(mutex_);
  uint64_t spans_ SPOOR_GUARDED_BY(mutex_) = 0;
  uint64_t since_charge_ SPOOR_GUARDED_BY(mutex_) = 0;
  uint64_t table_bytes_ SPOOR_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> missing_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace

Status count_traces(const store::Snapshot& snapshot, const MetricsPlan& plan,
                    const MetricsIntervals& intervals, QueryContext& context, MetricsTable& table,
                    MetricsWork& work) {
  SPOOR_TRY(TraceCount(snapshot, plan, intervals, context, table).run(work));
  return table.check_groups();
}

Status count_listed(const store::Snapshot& snapshot, const MetricsPlan& plan,
                    const MetricsIntervals& intervals, std::span<const TraceHit> traces,
                    QueryContext& context, MetricsTable& table, MetricsWork& work) {
  SPOOR_TRY(TraceCount(snapshot, plan, intervals, context, table).run_listed(traces, work));
  return table.check_groups();
}

Status visit_counted(const MetricsPlan& plan, const MetricsIntervals& intervals,
                     TraceqlTrace& trace, const TakeMetricsSpan& take) {
  SPOOR_ASSIGN(std::vector<Spanset> spansets, evaluate(plan.pipeline(), trace));
  MetricsKey key;
  for (const Spanset& spanset : spansets) {
    for (SpanIndex i : spanset.spans) {
      if (!intervals.contains(trace.span(i).start)) continue;
      key.clear();
      for (const traceql::Field& field : plan.key_fields()) {
        append_metrics_key(key, metrics_value(field, trace, i));
      }
      take(trace, i, key);
    }
  }
  return {};
}

}  // namespace spoor::query
