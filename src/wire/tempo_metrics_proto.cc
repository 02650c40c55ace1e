#include "wire/tempo_metrics_proto.h"

#include <bit>
#include <ranges>

#include "wire/otlp_attributes.h"
#include "wire/tempo_proto.h"
#include "wire/tempo_search_proto.h"

// The writer fills its buffer from the back: every function here writes its last field first.
namespace spoor::wire {
namespace {

using std::views::reverse;

void write_double_unless_zero(ProtobufWriter& out, uint32_t field, double value) {
  if (value != 0) out.fixed64(field, std::bit_cast<uint64_t>(value));
}

void write_sample(ProtobufWriter& out, const TempoSample& sample) {
  size_t end = out.mark();
  out.varint_unless_zero(2, static_cast<uint64_t>(sample.time_ms));
  write_double_unless_zero(out, 1, sample.value);
  out.message(2, end);
}

void write_exemplar(ProtobufWriter& out, const TempoExemplar& exemplar) {
  size_t end = out.mark();
  out.varint_unless_zero(3, static_cast<uint64_t>(exemplar.time_ms));
  write_double_unless_zero(out, 2, exemplar.value);
  write_attributes(out, 1, exemplar.labels);
  out.message(4, end);
}

void write_series(ProtobufWriter& out, const TempoSeries& series) {
  size_t end = out.mark();
  for (const TempoExemplar& exemplar : reverse(series.exemplars)) write_exemplar(out, exemplar);
  for (const TempoSample& sample : reverse(series.samples)) write_sample(out, sample);
  write_attributes(out, 1, series.labels);
  out.message(kTempoListField, end);
}

void write_instant_series(ProtobufWriter& out, const TempoInstantSeries& series) {
  size_t end = out.mark();
  write_double_unless_zero(out, 2, series.value);
  write_attributes(out, 1, series.labels);
  out.message(kTempoListField, end);
}

template <typename Series, typename Function>
std::string encode(const Series& series, Function write, const TempoSearchMetrics& metrics,
                   const TempoTraceOutcome& outcome) {
  ProtobufWriter out;
  write_outcome(out, outcome);
  write_search_metrics(out, metrics);
  for (const auto& one : reverse(series)) write(out, one);
  return std::string(out.view());
}

}  // namespace

std::string encode_tempo_query_range_proto(std::span<const TempoSeries> series,
                                           const TempoSearchMetrics& metrics,
                                           const TempoTraceOutcome& outcome) {
  return encode(series, write_series, metrics, outcome);
}

std::string encode_tempo_query_instant_proto(std::span<const TempoInstantSeries> series,
                                             const TempoSearchMetrics& metrics,
                                             const TempoTraceOutcome& outcome) {
  return encode(series, write_instant_series, metrics, outcome);
}

}  // namespace spoor::wire
