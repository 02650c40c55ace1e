#include "query/metrics_exemplars.h"

#include <algorithm>

#include "base/mutex.h"
#include "query/metrics_traces.h"
#include "query/search.h"
#include "query/work_sharing.h"
#include "store/value_codec.h"
#include "traceql/print.h"

namespace spoor::query {
namespace {

// Each is a search of its own.
constexpr size_t kSlicesMax = 20;
// Traces that are looked at for one sample: where few of those that may count do, there is none.
constexpr size_t kTracesPerSample = 2;

struct Found {
  MetricsKey key;
  MetricsSample sample;
};

class Sampling {
 public:
  Sampling(const store::Snapshot& snapshot, const MetricsPlan& plan,
           const MetricsIntervals& intervals, const std::vector<traceql::Field>& fields,
           QueryContext& context, Arena& arena)
      : snapshot_(snapshot), plan_(plan), context_(context), intervals_(intervals), arena_(arena) {
    add_field(traceql::Field::of(traceql::Intrinsic::TraceId), "trace:id");
    add_field(traceql::Field::of(traceql::Intrinsic::SpanId), "span:id");
    add_field(traceql::Field::attribute(traceql::AttributeScope::Resource, "service.name"),
              "resource.service.name");
    add_field(traceql::Field::of(traceql::Intrinsic::Name), "name");
    for (const traceql::Field& field : fields) add_field(field, traceql::to_string(field));
  }

  // Adds samples of spans that start within these, both included. Any thread.
  Status slice(UnixNanos first, UnixNanos last, size_t wanted, std::vector<Found>& samples)
      SPOOR_EXCLUDES(mutex_) {
    SearchRequest request{.condition = plan_.necessary()};
    request.start_min = first;
    request.start_max = last;
    request.limit = kTracesPerSample * wanted;
    SPOOR_ASSIGN(SearchResult found, search(snapshot_, request, context_));
    for (const TraceHit& hit : found.hits) {
      if (samples.size() >= wanted) break;
      store::FoundTrace stored = store::find_trace(snapshot_, hit.id);
      TraceqlTrace trace(stored.batch);
      bool has_one = false;  // of this trace
      SPOOR_TRY(visit_counted(plan_, intervals_, trace,
                              [&](TraceqlTrace& of, SpanIndex i, const MetricsKey& key) {
                                UnixNanos start = of.span(i).start;
                                if (has_one || start < first || start > last) return;
                                has_one = add(of, i, key, samples);
                              }));
    }
    return {};
  }

 private:
  struct Shown {
    traceql::Field field;
    std::string name;
  };

  void add_field(traceql::Field field, std::string name) {
    bool is_known = std::ranges::find(shown_, name, &Shown::name) != shown_.end();
    if (!is_known) shown_.push_back({std::move(field), std::move(name)});
  }

  bool add(TraceqlTrace& trace, SpanIndex i, const MetricsKey& key, std::vector<Found>& samples)
      SPOOR_EXCLUDES(mutex_) {
    MetricsSample sample;
    sample.time = trace.span(i).start;
    if (const auto& field = plan_.aggregate().field) {
      sample.value = metrics_value(*field, trace, i);
    }
    if (!MetricsCells::counts(plan_, sample.value)) return false;
    MutexLock lock(mutex_);
    for (const Shown& shown : shown_) {
      TypedValue value = metrics_value(shown.field, trace, i);
      if (value.is_nil()) continue;
      sample.labels.push_back({arena_.copy(std::string_view(shown.name)),
                               {value.type, store::copy_value(value.value, arena_)}});
    }
    samples.push_back({key, std::move(sample)});
    return true;
  }

  const store::Snapshot& snapshot_;
  const MetricsPlan& plan_;
  QueryContext& context_;
  const MetricsIntervals& intervals_;
  Mutex mutex_;
  Arena& arena_ SPOOR_GUARDED_BY(mutex_);
  std::vector<Shown> shown_;
};

}  // namespace

Status add_samples(const store::Snapshot& snapshot, const MetricsPlan& plan,
                   const MetricsIntervals& intervals, const std::vector<traceql::Field>& fields,
                   size_t count, QueryContext& context, MetricsTable& table, Arena& arena) {
  if (count == 0 || table.groups() == 0) return {};
  Sampling sampling(snapshot, plan, intervals, fields, context, arena);
  const size_t slices = std::min(count, kSlicesMax);
  const uint64_t first = intervals.first().value, last = intervals.last().value;
  const uint64_t length = (last - first) / slices + 1;
  std::vector<std::vector<Found>> found(slices);
  SPOOR_TRY(share_work(slices, context, [&](size_t k) -> Status {
    // Nothing is left for the last of more slices than nanoseconds.
    if (k > (last - first) / length) return {};
    uint64_t begin = first + k * length;
    uint64_t end = last - begin < length ? last : begin + length - 1;
    size_t wanted = count / slices + (k < count % slices ? 1 : 0);
    return sampling.slice({begin}, {end}, wanted, found[k]);
  }));
  for (const std::vector<Found>& of_slice : found) {
    for (const Found& one : of_slice) table.add_sample(one.key, one.sample);
  }
  return {};
}

}  // namespace spoor::query
