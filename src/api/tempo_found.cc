#include "api/tempo_found.h"

#include "api/tempo_values.h"
#include "traceql/traceql.h"

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

}  // namespace

TempoFound::TempoFound(const query::TraceqlResult& found) {
  for (const traceql::Field& field : found.fields) keys_.push_back(shown_key(field));
  for (const query::TraceqlMatch& match : found.traces) traces_.push_back(trace(match));
}

wire::TempoTrace TempoFound::trace(const query::TraceqlMatch& match) {
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

wire::TempoSpanset TempoFound::spanset(const query::TraceqlSpanset& found) {
  std::span<wire::TempoSpan> spans = allocate<wire::TempoSpan>(found.spans.size());
  for (size_t i = 0; i < spans.size(); ++i) spans[i] = span(found.spans[i]);
  std::span<KeyValue> attributes = allocate<KeyValue>(found.attributes.size());
  for (size_t i = 0; i < attributes.size(); ++i) {
    attributes[i] = {found.attributes[i].key, tempo_value(found.attributes[i].value, arena_)};
  }
  return {spans, static_cast<uint32_t>(found.matched), attributes};
}

wire::TempoSpan TempoFound::span(const query::TraceqlSpan& found) {
  std::span<KeyValue> attributes = allocate<KeyValue>(found.attributes.size());
  size_t count = 0;
  for (const query::TraceqlSpan::Attribute& attribute : found.attributes) {
    std::string_view key = keys_[attribute.field];
    if (!key.empty()) attributes[count++] = {key, tempo_value(attribute.value, arena_)};
  }
  return {found.id, found.name, found.start, found.duration, attributes.first(count)};
}

}  // namespace spoor::api
