#include "api/tempo_messages.h"

#include <algorithm>

#include "api/tempo_tags.h"

namespace spoor::api {
namespace {

Result<TempoRange> range_of(const wire::TempoSecondsRange& range) {
  return tempo_range_of_seconds(range.start, range.end);
}

size_t listed_limit(uint32_t asked) {
  return asked == 0 ? kTempoListedMax : std::min<size_t>(asked, kTempoListedMax);
}

Result<traceql::Query> query_of(const wire::TempoSearchMessage& message) {
  const auto duration_min = static_cast<int64_t>(message.duration_min_ms * kNanosPerMilli);
  const auto duration_max = static_cast<int64_t>(message.duration_max_ms * kNanosPerMilli);
  if (message.query.empty()) {
    TempoTags tags(message.tags.begin(), message.tags.end());
    return tempo_tags_query(tags, {duration_min, duration_max});
  }
  if (!message.tags.empty()) {
    return invalid_argument("invalid request: can't specify tags and a query in the same search");
  }
  SPOOR_TRY(no_durations_beside_query("MinDurationMs", duration_min));
  SPOOR_TRY(no_durations_beside_query("MaxDurationMs", duration_max));
  return tempo_query(message.query);
}

Result<TempoValuesRequest> values_of(const wire::TempoTagValuesMessage& message) {
  TempoValuesRequest request;
  request.condition = traceql::FieldExpression::of(true);
  SPOOR_ASSIGN(request.range, range_of(message.range));
  request.limit = listed_limit(message.limit);
  return request;
}

}  // namespace

Result<TempoSearch> tempo_search_of(const wire::TempoSearchMessage& message) {
  TempoSearch search;
  SPOOR_ASSIGN(search.query, query_of(message));
  SPOOR_ASSIGN(search.range, range_of(message.range));
  size_t limit = message.limit == 0 ? kTempoTracesDefault : message.limit;
  SPOOR_ASSIGN(search.limit, tempo_trace_limit(limit));
  size_t spans = message.spans_per_spanset == 0 ? kTempoSpansDefault : message.spans_per_spanset;
  SPOOR_ASSIGN(search.spans_per_spanset, tempo_span_limit(spans));
  return search;
}

Result<TempoMetrics> tempo_metrics_of(const wire::TempoMetricsMessage& message,
                                      TempoMetricsForm form, UnixNanos now) {
  TempoMetrics metrics;
  SPOOR_ASSIGN(metrics.query, tempo_metrics_query(message.query));
  SPOOR_ASSIGN(TempoRange range, tempo_metrics_range(message.start, message.end, now));
  SPOOR_ASSIGN(metrics.intervals, tempo_intervals(range, message.step, form));
  metrics.exemplars = message.exemplars;
  if (message.series_max != 0) metrics.series_max = message.series_max;
  return metrics;
}

Result<TempoTagsRequest> tempo_tags_of(const wire::TempoTagsMessage& message) {
  TempoTagsRequest request;
  SPOOR_ASSIGN(request.scope, tempo_scope(message.scope));
  SPOOR_ASSIGN(request.range, range_of(message.range));
  request.limit = listed_limit(message.limit);
  SPOOR_ASSIGN(request.condition, traceql::known_condition(message.query));
  return request;
}

Result<TempoValuesRequest> tempo_values_v1_of(const wire::TempoTagValuesMessage& message) {
  SPOOR_ASSIGN(TempoValuesRequest request, values_of(message));
  request.field = tempo_field_v1(message.tag);
  return request;
}

Result<TempoValuesRequest> tempo_values_v2_of(const wire::TempoTagValuesMessage& message) {
  SPOOR_ASSIGN(TempoValuesRequest request, values_of(message));
  SPOOR_ASSIGN(request.field, tempo_field_v2(message.tag));
  SPOOR_ASSIGN(request.condition, traceql::known_condition(message.query));
  return request;
}

}  // namespace spoor::api
