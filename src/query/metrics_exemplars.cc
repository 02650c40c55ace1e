#include "query/metrics_exemplars.h"

#include <algorithm>

#include "query/metrics_traces.h"
#include "query/search.h"
#include "query/trace_summary.h"
#include "store/value_codec.h"
#include "traceql/print.h"

namespace spoor::query {
namespace {

constexpr size_t kSamplesPerSlice = 2;
// Traces of a slice that are looked at: where few of those that may count do, there is none.
constexpr size_t kTracesPerSlice = 4;

class Sampling {
 public:
  Sampling(const store::Snapshot& snapshot, const MetricsPlan& plan,
           const MetricsIntervals& intervals, const std::vector<traceql::Field>& fields,
           QueryContext& context, Arena& arena)
      : snapshot_(snapshot), plan_(plan), context_(context), arena_(arena), intervals_(intervals) {
    add_field(traceql::Field::of(traceql::Intrinsic::TraceId), "trace:id");
    add_field(traceql::Field::of(traceql::Intrinsic::SpanId), "span:id");
    add_field(traceql::Field::attribute(traceql::AttributeScope::Resource, "service.name"),
              "resource.service.name");
    add_field(traceql::Field::of(traceql::Intrinsic::Name), "name");
    for (const traceql::Field& field : fields) add_field(field, traceql::to_string(field));
  }

  // The samples of spans that start within these, both included.
  Status slice(UnixNanos first, UnixNanos last, size_t wanted, MetricsTable& table) {
    SearchRequest request{.condition = plan_.necessary()};
    request.start_min = first;
    request.start_max = last;
    request.limit = kTracesPerSlice;
    SPOOR_ASSIGN(SearchResult found, search(snapshot_, request, context_));
    size_t taken = 0;
    for (const TraceHit& hit : found.hits) {
      if (taken >= wanted) break;
      store::FoundTrace stored = store::find_trace(snapshot_, hit.id);
      TraceqlTrace trace(stored.batch);
      bool has_one = false;  // of this trace
      SPOOR_TRY(visit_counted(plan_, intervals_, trace,
                              [&](TraceqlTrace& of, SpanIndex i, const MetricsKey& key) {
                                UnixNanos start = of.span(i).start;
                                if (has_one || start < first || start > last) return;
                                has_one = add(of, i, key, table);
                              }));
      taken += has_one;
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

  bool add(TraceqlTrace& trace, SpanIndex i, const MetricsKey& key, MetricsTable& table) {
    MetricsSample sample;
    sample.time = trace.span(i).start;
    if (const auto& field = plan_.aggregate().field) {
      sample.value = metrics_value(*field, trace, i);
    }
    if (!MetricsCells::counts(plan_, sample.value)) return false;
    for (const Shown& shown : shown_) {
      TypedValue value = metrics_value(shown.field, trace, i);
      if (value.is_nil()) continue;
      sample.labels.push_back({arena_.copy(std::string_view(shown.name)),
                               {value.type, store::copy_value(value.value, arena_)}});
    }
    table.add_sample(key, sample);
    return true;
  }

  const store::Snapshot& snapshot_;
  const MetricsPlan& plan_;
  QueryContext& context_;
  Arena& arena_;
  const MetricsIntervals& intervals_;
  std::vector<Shown> shown_;
};

}  // namespace

Status add_samples(const store::Snapshot& snapshot, const MetricsPlan& plan,
                   const MetricsIntervals& intervals, const std::vector<traceql::Field>& fields,
                   size_t count, QueryContext& context, MetricsTable& table, Arena& arena) {
  if (count == 0 || table.groups() == 0) return {};
  Sampling sampling(snapshot, plan, intervals, fields, context, arena);
  size_t slices = (count + kSamplesPerSlice - 1) / kSamplesPerSlice;
  uint64_t first = intervals.first().value, last = intervals.last().value;
  uint64_t length = (last - first) / slices + 1;
  for (size_t k = 0; k < slices && first <= last; ++k) {
    if (context.cancelled()) return cancelled("the query was cancelled");
    uint64_t end = last - first < length ? last : first + length - 1;
    size_t wanted = std::min(kSamplesPerSlice, count - k * kSamplesPerSlice);
    SPOOR_TRY(sampling.slice({first}, {end}, wanted, table));
    if (end == last) break;
    first = end + 1;
  }
  return {};
}

}  // namespace spoor::query
