// What Tempo's search, metrics and completion endpoints are asked for. InvalidArgument names the
// parameter.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/tempo_times.h"
#include "query/metrics.h"
#include "query/search.h"
#include "traceql/traceql.h"

namespace spoor::api {

constexpr size_t kTempoTracesDefault = 20;
constexpr size_t kTempoTracesMax = 262'144;
constexpr size_t kTempoSpansDefault = 3;  // of a spanset
constexpr size_t kTempoSpansMax = 100;
// Names or values of one answer: more are of no use to whoever picks one.
constexpr size_t kTempoListedMax = 100'000;
constexpr uint64_t kTempoListedBytesMax = 8 << 20;  // of the texts of values

struct TempoSearch {
  traceql::Query query;  // passes traceql::check(), and is no metrics query
  TempoRange range;
  size_t limit = kTempoTracesDefault;
  size_t spans_per_spanset = kTempoSpansDefault;
  std::optional<query::TraceHit> after;  // the extension `cursor`
};

// `q`, or `tags` with minDuration and maxDuration; or, with none of them nor a range, tags as
// parameters of their own: "?service.name=shop".
Result<TempoSearch> parse_tempo_search(const net::QueryParams& params);

struct TempoMetrics {
  traceql::Query query;  // passes traceql::check(), and is a metrics query
  query::MetricsIntervals intervals;
  size_t exemplars = 0;
  size_t series_max = query::kMetricsSeriesDefault;
};

// Of a range the parameter `instant` may make an instant.
enum class TempoMetricsForm : uint8_t { Range, Instant };

// `q` or `query`, start, end, since, step, exemplars, maxSeries, instant.
Result<TempoMetrics> parse_tempo_metrics(const net::QueryParams& params, TempoMetricsForm form,
                                         UnixNanos now);

enum class TempoScope : uint8_t { All, Resource, Span, Event, Link, Instrumentation, Intrinsic };

struct TempoTagsRequest {
  TempoScope scope = TempoScope::All;
  TempoRange range;
  size_t limit = kTempoListedMax;  // of each scope
};

Result<TempoTagsRequest> parse_tempo_tags(const net::QueryParams& params);

struct TempoValuesRequest {
  traceql::Field field;
  traceql::FieldExpression condition;  // what is known of `q`; true without
  TempoRange range;
  size_t limit = kTempoListedMax;
};

// `tag` is the path's, decoded once. Of the first version it is an intrinsic, or an attribute's
// name as senders write it; `q` is ignored.
Result<TempoValuesRequest> parse_tempo_values_v1(std::string_view tag,
                                                 const net::QueryParams& params);
// Of the second an intrinsic or an attribute with its scope ("span.x", "resource.x", ".x"), its
// name in quotes or not; it may be encoded once more, as Grafana does.
Result<TempoValuesRequest> parse_tempo_values_v2(std::string_view tag,
                                                 const net::QueryParams& params);

}  // namespace spoor::api
