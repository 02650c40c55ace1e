// What Tempo's search, metrics and completion are asked for, whether it came as parameters
// (tempo_parameters.h) or as a message (tempo_messages.h), and what both check. InvalidArgument
// says what is wrong.
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

struct TempoMetrics {
  traceql::Query query;  // passes traceql::check(), and is a metrics query
  query::MetricsIntervals intervals;
  size_t exemplars = 0;
  size_t series_max = query::kMetricsSeriesDefault;
};

enum class TempoMetricsForm : uint8_t { Range, Instant };

enum class TempoScope : uint8_t { All, Resource, Span, Event, Link, Instrumentation, Intrinsic };

struct TempoTagsRequest {
  TempoScope scope = TempoScope::All;
  TempoRange range;
  size_t limit = kTempoListedMax;                                           // of each scope
  traceql::FieldExpression condition = traceql::FieldExpression::of(true);  // known of `q`
};

struct TempoValuesRequest {
  traceql::Field field;
  traceql::FieldExpression condition;  // what is known of `q`; true without
  TempoRange range;
  size_t limit = kTempoListedMax;
};

// The search of a text; all spans if it is empty. Refuses metrics.
Result<traceql::Query> tempo_query(std::string_view text);
// The metrics query of a text; refuses searches.
Result<traceql::Query> tempo_metrics_query(std::string_view text);
// Of a range with a step, or the default for 0.
Result<query::MetricsIntervals> tempo_intervals(const TempoRange& range, uint64_t step,
                                                TempoMetricsForm form);
// With a query of its own the durations of tags have no place.
Status no_durations_beside_query(std::string_view name, int64_t nanos);
// At most what one answer may have.
Result<size_t> tempo_trace_limit(size_t asked);
Result<size_t> tempo_span_limit(size_t asked);

Result<TempoScope> tempo_scope(std::string_view text);

// Of the first version of values a name as senders write it, or an intrinsic; of the second an
// intrinsic or an attribute with its scope.
traceql::Field tempo_field_v1(std::string_view tag);
Result<traceql::Field> tempo_field_v2(std::string_view tag);

}  // namespace spoor::api
