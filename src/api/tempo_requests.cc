#include "api/tempo_requests.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "api/tempo_tags.h"

namespace spoor::api {
namespace {

Result<size_t> at_most(size_t max, std::string_view name, size_t asked) {
  if (asked <= max) return asked;
  return invalid_argument("invalid " + std::string(name) + ": " + std::to_string(asked) +
                          " exceeds the maximum of " + std::to_string(max));
}

// A name that the language would want in quotes is taken as it is.
std::optional<traceql::Field> scoped_attribute(std::string_view text) {
  size_t point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return std::nullopt;
  std::string name(text.substr(point + 1));
  if (point == 0) return traceql::Field::attribute(traceql::AttributeScope::None, std::move(name));
  auto scope = traceql::scope_named(text.substr(0, point));
  if (!scope) return std::nullopt;
  return traceql::Field::attribute(*scope, std::move(name));
}

std::optional<traceql::Field> field_named(std::string_view text) {
  auto parsed = traceql::parse_condition(text);
  bool is_field = parsed.ok() && parsed->kind == traceql::FieldExpression::Kind::Field;
  if (is_field) return parsed->field;
  return scoped_attribute(text);
}

Result<traceql::Query> checked_query(std::string_view text) {
  auto query = traceql::parse_checked(text);
  if (query.ok()) return query;
  return Status(query.status().code(), "invalid TraceQL query: " + query.status().message());
}

}  // namespace

Result<traceql::Query> tempo_query(std::string_view text) {
  if (text.empty()) return tempo_tags_query({}, {});
  SPOOR_ASSIGN(traceql::Query query, checked_query(text));
  if (query.metrics) {
    return invalid_argument(
        "invalid TraceQL query: a metrics query is asked at /api/metrics/query_range");
  }
  return query;
}

Result<traceql::Query> tempo_metrics_query(std::string_view text) {
  SPOOR_ASSIGN(traceql::Query query, checked_query(text));
  if (query.metrics) return query;
  return invalid_argument(
      "invalid TraceQL query: expected a function of metrics behind the filter, as in { } | "
      "rate(); a search is asked at /api/search");
}

Result<query::MetricsIntervals> tempo_intervals(const TempoRange& range, uint64_t step,
                                                TempoMetricsForm form) {
  if (form == TempoMetricsForm::Instant) {
    return query::MetricsIntervals::of_instant(range.from, range.to);
  }
  if (step == 0) step = query::default_metrics_step(range.from, range.to);
  return query::MetricsIntervals::of_range(range.from, range.to, step);
}

Status no_durations_beside_query(std::string_view name, int64_t nanos) {
  if (nanos == 0) return {};
  return invalid_argument("invalid " + std::string(name) +
                          ": goes with tags; a query says it itself: { traceDuration > 1s }");
}

Result<size_t> tempo_trace_limit(size_t asked) {
  return at_most(kTempoTracesMax, "limit", asked);
}

Result<size_t> tempo_span_limit(size_t asked) {
  return at_most(kTempoSpansMax, "spss", asked);
}

Result<TempoScope> tempo_scope(std::string_view text) {
  using Row = std::pair<std::string_view, TempoScope>;
  static constexpr std::array<Row, 8> kScopes = {{{"", TempoScope::All},
                                                  {"none", TempoScope::All},
                                                  {"resource", TempoScope::Resource},
                                                  {"span", TempoScope::Span},
                                                  {"event", TempoScope::Event},
                                                  {"link", TempoScope::Link},
                                                  {"instrumentation", TempoScope::Instrumentation},
                                                  {"intrinsic", TempoScope::Intrinsic}}};
  const auto* row = std::ranges::find(kScopes, text, &Row::first);
  if (row != kScopes.end()) return row->second;
  return invalid_argument("invalid scope: " + std::string(text.substr(0, 64)) +
                          ", expected one of resource, span, event, link, instrumentation, "
                          "intrinsic, none");
}

// The names that clients used before the language had its own.
traceql::Field tempo_field_v1(std::string_view tag) {
  if (tag == "status.code") return traceql::Field::of(traceql::Intrinsic::Status);
  if (tag == "root.name") return traceql::Field::of(traceql::Intrinsic::RootName);
  if (tag == "root.service.name") {
    return traceql::Field::of(traceql::Intrinsic::RootServiceName);
  }
  if (auto intrinsic = traceql::intrinsic_named(tag)) return traceql::Field::of(*intrinsic);
  return traceql::Field::attribute(traceql::AttributeScope::None, std::string(tag));
}

Result<traceql::Field> tempo_field_v2(std::string_view tag) {
  if (auto field = field_named(tag)) return std::move(*field);
  return invalid_argument("tag name is not valid intrinsic or scoped attribute: " +
                          std::string(tag.substr(0, 128)));
}

}  // namespace spoor::api
