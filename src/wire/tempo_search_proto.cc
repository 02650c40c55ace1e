#include "wire/tempo_search_proto.h"

#include <ranges>

#include "base/bytes.h"
#include "wire/otlp_attributes.h"
#include "wire/tempo_proto.h"

// The writer fills its buffer from the back: every function here writes its last field first.
namespace spoor::wire {
namespace {

using std::views::reverse;

void write_span(ProtobufWriter& out, const TempoSpan& span) {
  enum { kSpanId = 1, kName = 2, kStart = 3, kDuration = 4, kAttributes = 5 };
  size_t end = out.mark();
  write_attributes(out, kAttributes, span.attributes);
  out.varint_unless_zero(kDuration, span.duration_nanos);
  out.varint_unless_zero(kStart, span.start.value);
  out.bytes_unless_empty(kName, span.name);
  out.bytes(kSpanId, to_hex(span.id));
  out.message(1, end);
}

void write_spanset(ProtobufWriter& out, uint32_t field, const TempoSpanset& spanset) {
  enum { kMatched = 2, kAttributes = 3 };
  size_t end = out.mark();
  write_attributes(out, kAttributes, spanset.attributes);
  out.varint_unless_zero(kMatched, spanset.matched);
  for (const TempoSpan& span : reverse(spanset.spans)) write_span(out, span);
  out.message(field, end);
}

// An entry of a map: key and value.
void write_service(ProtobufWriter& out, uint32_t field, const TempoService& service) {
  enum { kSpanCount = 1, kErrorCount = 2 };
  size_t end = out.mark();
  size_t value_end = out.mark();
  out.varint_unless_zero(kErrorCount, service.error_count);
  out.varint_unless_zero(kSpanCount, service.span_count);
  out.message(2, value_end);
  out.bytes(1, service.name);
  out.message(field, end);
}

void write_trace(ProtobufWriter& out, const TempoTrace& trace) {
  enum { kTraceId = 1, kRootService, kRootName, kStart, kMillis, kSpanSet, kSpanSets, kServices };
  size_t end = out.mark();
  for (const TempoService& service : reverse(trace.services)) {
    write_service(out, kServices, service);
  }
  for (const TempoSpanset& spanset : reverse(trace.spansets)) {
    write_spanset(out, kSpanSets, spanset);
  }
  if (!trace.spansets.empty()) write_spanset(out, kSpanSet, trace.spansets.front());
  out.varint_unless_zero(kMillis, trace.duration_millis());
  out.varint_unless_zero(kStart, trace.start.value);
  out.bytes_unless_empty(kRootName, trace.root_name);
  out.bytes_unless_empty(kRootService, trace.shown_root_service());
  out.bytes(kTraceId, to_hex(trace.id));
  out.message(kTempoListField, end);
}

void write_metrics(ProtobufWriter& out, const TempoSearchMetrics& metrics) {
  write_search_metrics(out, metrics);
}

void write_metrics(ProtobufWriter& out, const TempoListMetrics& metrics) {
  enum { kTotalJobs = 2, kCompletedJobs = 3 };
  size_t end = out.mark();
  out.varint_unless_zero(kCompletedJobs, metrics.completed_jobs);
  out.varint_unless_zero(kTotalJobs, metrics.total_jobs);
  out.message(kTempoMetricsField, end);
}

// A response: its list, whose items `write` writes, and its metrics.
template <typename Items, typename Metrics, typename Function>
std::string encode_response(const Items& items, const Metrics& metrics, Function write) {
  ProtobufWriter out;
  write_metrics(out, metrics);
  for (const auto& item : reverse(items)) write(out, item);
  return std::string(out.view());
}

}  // namespace

std::string encode_tempo_search_proto(std::span<const TempoTrace> traces,
                                      const TempoSearchMetrics& metrics) {
  return encode_response(traces, metrics, write_trace);
}

std::string encode_tempo_tags_v1_proto(std::span<const std::string> names,
                                       const TempoListMetrics& metrics) {
  return encode_response(names, metrics, [](ProtobufWriter& out, const std::string& name) {
    out.bytes(kTempoListField, name);
  });
}

std::string encode_tempo_tags_v2_proto(std::span<const TempoTagScope> scopes,
                                       const TempoListMetrics& metrics) {
  return encode_response(scopes, metrics, [](ProtobufWriter& out, const TempoTagScope& scope) {
    size_t end = out.mark();
    for (const std::string& tag : reverse(scope.tags)) out.bytes(2, tag);
    out.bytes(1, scope.name);
    out.message(kTempoListField, end);
  });
}

std::string encode_tempo_tag_values_v1_proto(std::span<const TempoTagValue> values,
                                             const TempoListMetrics& metrics) {
  return encode_response(values, metrics, [](ProtobufWriter& out, const TempoTagValue& value) {
    out.bytes(kTempoListField, value.text);
  });
}

std::string encode_tempo_tag_values_v2_proto(std::span<const TempoTagValue> values,
                                             const TempoListMetrics& metrics) {
  return encode_response(values, metrics, [](ProtobufWriter& out, const TempoTagValue& value) {
    size_t end = out.mark();
    out.bytes_unless_empty(2, value.text);
    out.bytes(1, name_of(value.type));
    out.message(kTempoListField, end);
  });
}

std::vector<std::string> split_tempo_message(std::string_view encoded, size_t bytes_max) {
  std::string others;  // what each part has
  for (ProtobufReader in(encoded); in.next();) {
    in.skip();
    if (in.tag() != sized_tag(kTempoListField)) others.append(in.field());
  }
  std::vector<std::string> parts(1);
  for (ProtobufReader in(encoded); in.next();) {
    in.skip();
    if (in.tag() != sized_tag(kTempoListField)) continue;
    bool fits = parts.back().size() + in.field().size() + others.size() <= bytes_max;
    if (!fits && !parts.back().empty()) parts.emplace_back();
    parts.back().append(in.field());
  }
  for (std::string& part : parts) part.append(others);
  return parts;
}

}  // namespace spoor::wire
