// GET /api/search: the traces that a TraceQL query finds.
#include "api/cursor.h"
#include "api/jaeger_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_parameters.h"
#include "api/tempo_values.h"
#include "query/query.h"
#include "wire/tempo_search.h"

namespace spoor::api {
namespace {

using traceql::Intrinsic;

// Without its scope; empty for what every span or trace of the answer has a place for.
std::string_view shown_key(const traceql::Field& field) {
  if (field.kind == traceql::Field::Kind::Attribute) return field.name;
  switch (field.intrinsic) {
    case Intrinsic::Name:
    case Intrinsic::Duration:
    case Intrinsic::SpanId:
    case Intrinsic::TraceId:
    case Intrinsic::TraceDuration:
    case Intrinsic::RootName:
    case Intrinsic::RootServiceName:
      return {};
    default:
      return traceql::name_of(field.intrinsic).name;
  }
}

// The views that the encoder takes, of one result, which outlives them.
class Answer {
 public:
  explicit Answer(const query::TraceqlResult& found) {
    for (const traceql::Field& field : found.fields) keys_.push_back(shown_key(field));
    for (const query::TraceqlMatch& match : found.traces) traces_.push_back(trace(match));
  }
  std::span<const wire::TempoTrace> traces() const { return traces_; }

 private:
  wire::TempoTrace trace(const query::TraceqlMatch& match) {
    const query::TraceSummary& summary = match.summary;
    std::span<wire::TempoSpanset> spansets = allocate<wire::TempoSpanset>(match.spansets.size());
    for (size_t i = 0; i < spansets.size(); ++i) spansets[i] = spanset(match.spansets[i]);
    std::span<wire::TempoService> services = allocate<wire::TempoService>(summary.services.size());
    for (size_t i = 0; i < services.size(); ++i) {
      const query::TraceSummary::Service& service = summary.services[i];
      services[i] = {service.name, static_cast<uint32_t>(service.span_count),
                     static_cast<uint32_t>(service.error_count)};
    }
    wire::TempoTrace shown;
    shown.id = summary.id;
    shown.has_root = summary.has_root;
    shown.root_service = summary.root_service;
    shown.root_name = summary.root_name;
    shown.start = summary.start;
    bool has_length = summary.end > summary.start;
    shown.duration_nanos = has_length ? summary.end.value - summary.start.value : 0;
    shown.spansets = spansets;
    shown.services = services;
    return shown;
  }

  wire::TempoSpanset spanset(const query::TraceqlSpanset& found) {
    std::span<wire::TempoSpan> spans = allocate<wire::TempoSpan>(found.spans.size());
    for (size_t i = 0; i < spans.size(); ++i) spans[i] = span(found.spans[i]);
    std::span<KeyValue> attributes = allocate<KeyValue>(found.attributes.size());
    for (size_t i = 0; i < attributes.size(); ++i) {
      attributes[i] = {found.attributes[i].key, tempo_value(found.attributes[i].value, arena_)};
    }
    return {spans, static_cast<uint32_t>(found.matched), attributes};
  }

  wire::TempoSpan span(const query::TraceqlSpan& found) {
    std::span<KeyValue> attributes = allocate<KeyValue>(found.attributes.size());
    size_t count = 0;
    for (const query::TraceqlSpan::Attribute& attribute : found.attributes) {
      std::string_view key = keys_[attribute.field];
      if (!key.empty()) attributes[count++] = {key, tempo_value(attribute.value, arena_)};
    }
    return {found.id, found.name, found.start, found.duration, attributes.first(count)};
  }

  template <typename T>
  std::span<T> allocate(size_t count) {
    return {arena_.allocate<T>(count), count};
  }

  Arena arena_;
  std::vector<std::string_view> keys_;  // by field of the result
  std::vector<wire::TempoTrace> traces_;
};

Result<net::Response> search(TempoCall& call) {
  SPOOR_ASSIGN(TempoSearch asked, parse_tempo_search(call.params));
  const query::TraceqlRequest request{.query = asked.query,
                                      .start_min = asked.range.from,
                                      .start_max = asked.range.to,
                                      .limit = asked.limit,
                                      .after = asked.after,
                                      .spans_per_spanset = asked.spans_per_spanset};
  SPOOR_ASSIGN(query::TraceqlResult found, query::search(call.snapshot, request, call.context));
  wire::TempoSearchMetrics metrics;
  metrics.inspected_traces = static_cast<uint32_t>(found.traces_evaluated);
  metrics.inspected_spans = found.spans_evaluated;
  metrics.completed_jobs = metrics.total_jobs = 1;
  std::string body = wire::encode_tempo_search(Answer(found).traces(), metrics);
  if (!call.exchange->charge_memory(body.size())) {
    return unavailable("no memory for an answer of " + std::to_string(body.size()) +
                           " bytes; ask for fewer traces at once",
                       1'000);
  }
  net::Response response = net::json_response(200, std::move(body));
  if (found.more) {
    response.add_header("x-spoor-cursor", cursor_text(found.traces.back().hit()));
  }
  if (found.total) response.add_header("x-spoor-total", std::to_string(*found.total));
  add_partial(response, found.missing);
  return response;
}

}  // namespace

void ServeTempo::add_search_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/search", {search});
}

}  // namespace spoor::api
