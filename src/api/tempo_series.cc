#include "api/tempo_series.h"

#include <cmath>

#include "api/tempo_values.h"
#include "query/query.h"
#include "query/work_sharing.h"
#include "wire/tempo_metrics_proto.h"

namespace spoor::api {
namespace {

// The views that the encoders take, of one result, which outlives them.
class MetricsAnswer {
 public:
  explicit MetricsAnswer(const query::MetricsResult& found) : found_(found) {}

  std::vector<wire::TempoSeries> range() {
    std::vector<wire::TempoSeries> list;
    for (const query::MetricsSeries& series : found_.series) {
      list.push_back({labels(series.labels), samples(series), exemplars(series)});
    }
    return list;
  }

  // REQUIRES: of an instant.
  std::vector<wire::TempoInstantSeries> instant() {
    std::vector<wire::TempoInstantSeries> list;
    for (const query::MetricsSeries& series : found_.series) {
      list.push_back({labels(series.labels), series.values.front()});
    }
    return list;
  }

 private:
  static int64_t millis(UnixNanos time) {
    return static_cast<int64_t>(time.value / kNanosPerMilli);
  }

  Attributes labels(const std::vector<query::MetricsLabel>& labels) {
    auto* attributes = arena_.allocate<KeyValue>(labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      attributes[i] = {labels[i].name, tempo_value(labels[i].value, arena_)};
    }
    return {attributes, labels.size()};
  }

  std::span<const wire::TempoSample> samples(const query::MetricsSeries& series) {
    auto* samples = arena_.allocate<wire::TempoSample>(series.values.size());
    size_t count = 0;
    for (size_t i = 0; i < series.values.size(); ++i) {
      if (std::isnan(series.values[i])) continue;
      samples[count++] = {millis(found_.intervals.end_of(i)), series.values[i]};
    }
    return {samples, count};
  }

  std::span<const wire::TempoExemplar> exemplars(const query::MetricsSeries& series) {
    auto* exemplars = arena_.allocate<wire::TempoExemplar>(series.exemplars.size());
    for (size_t i = 0; i < series.exemplars.size(); ++i) {
      const query::MetricsExemplar& exemplar = series.exemplars[i];
      exemplars[i] = {labels(exemplar.labels), exemplar.value, millis(exemplar.time)};
    }
    return {exemplars, series.exemplars.size()};
  }

  const query::MetricsResult& found_;
  Arena arena_;
};

// Why the answer is partial; empty if it is whole.
std::string shortfall(const query::MetricsResult& found) {
  if (!found.missing.empty()) return "spans may be missing: " + found.missing.front();
  if (found.series_left_out == 0) return {};
  uint64_t total = found.series.size() + found.series_left_out;
  return "of " + std::to_string(total) + " series the first " +
         std::to_string(found.series.size()) +
         " by their labels are given; ask for more with maxSeries, or group by fewer fields";
}

// Slices of series with about as many points each are written by the threads that are free.
Result<std::string> encoded_range(const std::vector<wire::TempoSeries>& series,
                                  const wire::TempoSearchMetrics& metrics,
                                  const wire::TempoTraceOutcome& outcome,
                                  query::QueryContext& context) {
  constexpr size_t kPointsPerSlice = 4'096;
  std::vector<std::span<const wire::TempoSeries>> slices;
  for (size_t first = 0, i = 0, points = 0; i < series.size(); ++i) {
    points += series[i].samples.size() + 1;
    if (points < kPointsPerSlice && i + 1 < series.size()) continue;
    slices.push_back(std::span(series).subspan(first, i + 1 - first));
    first = i + 1;
    points = 0;
  }
  std::vector<std::string> pieces(slices.size());
  SPOOR_TRY(query::share_work(slices.size(), context, [&](size_t i) -> Status {
    pieces[i] = wire::encode_tempo_series(slices[i]);
    return {};
  }));
  return wire::encode_tempo_query_range(pieces, metrics, outcome);
}

Result<std::string> encoded(const query::MetricsResult& found, TempoMetricsForm form,
                            TempoAnswer type, query::QueryContext& context) {
  wire::TempoSearchMetrics metrics;
  metrics.inspected_spans = found.spans_counted;
  metrics.completed_jobs = metrics.total_jobs = 1;
  const std::string message = shortfall(found);
  wire::TempoTraceOutcome outcome;
  if (!message.empty()) outcome = {wire::TempoTraceStatus::Partial, message};
  MetricsAnswer views(found);
  bool is_protobuf = type == TempoAnswer::Protobuf;
  if (form == TempoMetricsForm::Instant) {
    auto* encode =
        is_protobuf ? wire::encode_tempo_query_instant_proto : wire::encode_tempo_query_instant;
    return encode(views.instant(), metrics, outcome);
  }
  const std::vector<wire::TempoSeries> series = views.range();
  if (is_protobuf) return wire::encode_tempo_query_range_proto(series, metrics, outcome);
  return encoded_range(series, metrics, outcome, context);
}

}  // namespace

Result<TempoSeriesAnswer> tempo_series(std::span<const store::Snapshot> snapshots,
                                       const TempoMetrics& asked, TempoMetricsForm form,
                                       TempoAnswer type, query::QueryContext& context) {
  const query::MetricsRequest request{.query = asked.query,
                                      .intervals = asked.intervals,
                                      .exemplars = asked.exemplars,
                                      .series_max = asked.series_max};
  SPOOR_ASSIGN(query::MetricsResult found, query::metrics(snapshots, request, context));
  SPOOR_ASSIGN(std::string body, encoded(found, form, type, context));
  return TempoSeriesAnswer{std::move(body), std::move(found.missing)};
}

}  // namespace spoor::api
