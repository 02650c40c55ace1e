#include "api/tempo_parameters.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/cursor.h"
#include "api/go_values.h"
#include "api/jaeger_search.h"
#include "api/tempo_tags.h"

namespace spoor::api {
namespace {

// The positive number of that name; `missing` where it is not given.
Result<size_t> count_parameter(const net::QueryParams& params, std::string_view name,
                               size_t missing) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return missing;
  auto number = parse_go_integer(text, "strconv.Atoi");
  if (!number.ok()) {
    return invalid_argument("invalid " + std::string(name) + ": " + number.status().message());
  }
  if (*number <= 0) {
    return invalid_argument("invalid " + std::string(name) + ": must be a positive number");
  }
  return static_cast<size_t>(*number);
}

Result<int64_t> duration_parameter(const net::QueryParams& params, std::string_view name) {
  std::string_view text = text_parameter(params, name);
  if (text.empty()) return int64_t{0};
  auto nanos = parse_go_duration_nanos(text);
  if (!nanos.ok()) {
    return invalid_argument("invalid " + std::string(name) + ": " + nanos.status().message());
  }
  return nanos;
}

// Of a list, 0 means as many as there are.
Result<size_t> listed_limit(const net::QueryParams& params) {
  if (text_parameter(params, "limit") == "0") return kTempoListedMax;
  SPOOR_ASSIGN(size_t limit, count_parameter(params, "limit", kTempoListedMax));
  return std::min(limit, kTempoListedMax);
}

bool is_tag(std::string_view parameter) {
  static constexpr std::array<std::string_view, 5> kOthers = {"limit", "spss", "minDuration",
                                                              "maxDuration", "cursor"};
  return std::ranges::find(kOthers, parameter) == kOthers.end();
}

// Tags are parameters of their own where nothing says otherwise.
Result<TempoTags> tags_of(const net::QueryParams& params) {
  if (auto text = params.first("tags")) return parse_tempo_tags_text(*text);
  TempoTags tags;
  if (params.first("start") || params.first("end")) return tags;
  for (const auto& [name, value] : params.pairs()) {
    if (is_tag(name)) tags.emplace_back(name, value);
  }
  return tags;
}

Result<traceql::Query> query_of_tags(const net::QueryParams& params) {
  SPOOR_ASSIGN(TempoTags tags, tags_of(params));
  SPOOR_ASSIGN(int64_t duration_min, duration_parameter(params, "minDuration"));
  SPOOR_ASSIGN(int64_t duration_max, duration_parameter(params, "maxDuration"));
  return tempo_tags_query(tags, {duration_min, duration_max});
}

Result<traceql::Query> query_of_text(const net::QueryParams& params, std::string_view text) {
  for (std::string_view name : {"minDuration", "maxDuration"}) {
    SPOOR_ASSIGN(int64_t nanos, duration_parameter(params, name));
    SPOOR_TRY(no_durations_beside_query(name, nanos));
  }
  return tempo_query(text);
}

// Seconds, with decimals or not, or a duration; 0 where it is not given.
Result<uint64_t> step_parameter(const net::QueryParams& params) {
  std::string_view text = text_parameter(params, "step");
  if (text.empty()) return uint64_t{0};
  bool is_seconds = text.find_first_not_of("0123456789.") == std::string_view::npos;
  auto nanos = parse_go_duration_nanos(std::string(text) + (is_seconds ? "s" : ""));
  if (!nanos.ok()) return invalid_argument("invalid step: " + nanos.status().message());
  if (*nanos <= 0) return invalid_argument("invalid step: must be longer than 0");
  return static_cast<uint64_t>(*nanos);
}

// Of Tempo's parameters that count, 0 is as if they were not given.
Result<size_t> count_or_none(const net::QueryParams& params, std::string_view name,
                             size_t missing) {
  if (text_parameter(params, name) == "0") return missing;
  return count_parameter(params, name, missing);
}

Result<TempoMetricsForm> form_parameter(const net::QueryParams& params, TempoMetricsForm form) {
  std::string_view text = text_parameter(params, "instant");
  if (text.empty() || form == TempoMetricsForm::Instant) return form;
  auto is_instant = parse_go_bool(text);
  if (!is_instant.ok()) {
    return invalid_argument("invalid instant: " + is_instant.status().message());
  }
  return *is_instant ? TempoMetricsForm::Instant : TempoMetricsForm::Range;
}

Result<TempoValuesRequest> values_request(const net::QueryParams& params) {
  TempoValuesRequest request;
  request.condition = traceql::FieldExpression::of(true);
  SPOOR_ASSIGN(request.range, parse_tempo_range(params));
  SPOOR_ASSIGN(request.limit, listed_limit(params));
  return request;
}

}  // namespace

Result<TempoSearch> parse_tempo_search(const net::QueryParams& params) {
  TempoSearch search;
  auto text = params.first("q");
  if (text && params.first("tags")) {
    return invalid_argument("invalid request: can't specify tags and q in the same query");
  }
  SPOOR_ASSIGN(search.query, text ? query_of_text(params, *text) : query_of_tags(params));
  SPOOR_ASSIGN(search.range, parse_tempo_range(params));
  SPOOR_ASSIGN(size_t limit, count_parameter(params, "limit", kTempoTracesDefault));
  SPOOR_ASSIGN(search.limit, tempo_trace_limit(limit));
  SPOOR_ASSIGN(size_t spans, count_parameter(params, "spss", kTempoSpansDefault));
  SPOOR_ASSIGN(search.spans_per_spanset, tempo_span_limit(spans));
  if (std::string_view cursor = text_parameter(params, "cursor"); !cursor.empty()) {
    SPOOR_ASSIGN(search.after, parse_cursor(cursor));
  }
  SPOOR_ASSERT(search.limit >= 1 && search.spans_per_spanset >= 1);
  return search;
}

Result<TempoMetrics> parse_tempo_metrics(const net::QueryParams& params, TempoMetricsForm form,
                                         UnixNanos now) {
  TempoMetrics metrics;
  std::string_view text = text_parameter(params, "q");
  if (text.empty()) text = text_parameter(params, "query");
  SPOOR_ASSIGN(metrics.query, tempo_metrics_query(text));
  SPOOR_ASSIGN(TempoRange range, parse_tempo_metrics_range(params, now));
  SPOOR_ASSIGN(uint64_t step, step_parameter(params));
  SPOOR_ASSIGN(form, form_parameter(params, form));
  SPOOR_ASSIGN(metrics.intervals, tempo_intervals(range, step, form));
  SPOOR_ASSIGN(metrics.exemplars, count_or_none(params, "exemplars", 0));
  SPOOR_ASSIGN(metrics.series_max,
               count_or_none(params, "maxSeries", query::kMetricsSeriesDefault));
  return metrics;
}

Result<TempoTagsRequest> parse_tempo_tags(const net::QueryParams& params) {
  TempoTagsRequest request;
  SPOOR_ASSIGN(request.scope, tempo_scope(text_parameter(params, "scope")));
  SPOOR_ASSIGN(request.range, parse_tempo_range(params));
  SPOOR_ASSIGN(request.limit, listed_limit(params));
  SPOOR_ASSIGN(request.condition, traceql::known_condition(text_parameter(params, "q")));
  return request;
}

Result<TempoValuesRequest> parse_tempo_values_v1(std::string_view tag,
                                                 const net::QueryParams& params) {
  SPOOR_ASSIGN(TempoValuesRequest request, values_request(params));
  request.field = tempo_field_v1(tag);
  return request;
}

Result<TempoValuesRequest> parse_tempo_values_v2(std::string_view tag,
                                                 const net::QueryParams& params) {
  SPOOR_ASSIGN(TempoValuesRequest request, values_request(params));
  std::string decoded;
  bool is_encoded = net::append_percent_decoded(decoded, tag);
  SPOOR_ASSIGN(request.field, tempo_field_v2(is_encoded ? std::string_view(decoded) : tag));
  SPOOR_ASSIGN(request.condition, traceql::known_condition(text_parameter(params, "q")));
  return request;
}

}  // namespace spoor::api
