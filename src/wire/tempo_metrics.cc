#include "wire/tempo_metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "wire/json_members.h"
#include "wire/span_json.h"
#include "wire/tempo_json.h"

namespace spoor::wire {
namespace {

void write_value_unless_zero(JsonWriter& json, double value) {
  if (value == 0) return;
  json.key("value");
  json.number(value);
}

void write_time_unless_zero(JsonWriter& json, int64_t time_ms) {
  if (time_ms == 0) return;
  json.key("timestampMs");
  json.decimal_string(time_ms);
}

void write_labels_unless_empty(JsonWriter& json, Attributes labels) {
  if (labels.empty()) return;
  json.key("labels");
  write_attributes(json, labels);
}

// An answer has many of them: each is put together in place and written at once.
void write_sample(JsonWriter& json, const TempoSample& sample) {
  if (sample.time_ms == 0 || sample.value == 0 || !std::isfinite(sample.value)) {
    json.begin_object();
    write_time_unless_zero(json, sample.time_ms);
    write_value_unless_zero(json, sample.value);
    json.end_object();
    return;
  }
  constexpr std::string_view kTime = R"({"timestampMs":")", kValue = R"(","value":)";
  constexpr size_t kNumberBytesMax = 32;
  std::array<char, kTime.size() + kValue.size() + 2 * kNumberBytesMax + 1> text;
  char* at = std::ranges::copy(kTime, text.data()).out;
  at = std::to_chars(at, at + kNumberBytesMax, sample.time_ms).ptr;
  at = std::ranges::copy(kValue, at).out;
  at = std::to_chars(at, at + kNumberBytesMax, sample.value).ptr;
  *at++ = '}';
  json.raw({text.data(), static_cast<size_t>(at - text.data())});
}

void write_exemplar(JsonWriter& json, const TempoExemplar& exemplar) {
  json.begin_object();
  write_labels_unless_empty(json, exemplar.labels);
  write_value_unless_zero(json, exemplar.value);
  write_time_unless_zero(json, exemplar.time_ms);
  json.end_object();
}

void write_series(JsonWriter& json, const TempoSeries& series) {
  json.begin_object();
  write_labels_unless_empty(json, series.labels);
  if (!series.samples.empty()) write_list(json, "samples", series.samples, write_sample);
  if (!series.exemplars.empty()) write_list(json, "exemplars", series.exemplars, write_exemplar);
  json.end_object();
}

void write_instant_series(JsonWriter& json, const TempoInstantSeries& series) {
  json.begin_object();
  write_labels_unless_empty(json, series.labels);
  write_value_unless_zero(json, series.value);
  json.end_object();
}

template <typename List, typename Function>
std::string encode(const List& series, Function write, const TempoSearchMetrics& metrics,
                   const TempoTraceOutcome& outcome) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_list(json, "series", series, write);
  write_search_metrics(json, metrics);
  write_outcome(json, outcome);
  json.end_object();
  return out;
}

}  // namespace

std::string encode_tempo_series(std::span<const TempoSeries> series) {
  std::string out;
  JsonWriter json(out);
  for (const TempoSeries& one : series) write_series(json, one);
  return out;
}

std::string encode_tempo_query_range(std::span<const std::string> pieces,
                                     const TempoSearchMetrics& metrics,
                                     const TempoTraceOutcome& outcome) {
  auto write_piece = [](JsonWriter& json, const std::string& piece) { json.raw(piece); };
  return encode(pieces, write_piece, metrics, outcome);
}

std::string encode_tempo_query_instant(std::span<const TempoInstantSeries> series,
                                       const TempoSearchMetrics& metrics,
                                       const TempoTraceOutcome& outcome) {
  return encode(series, write_instant_series, metrics, outcome);
}

}  // namespace spoor::wire
