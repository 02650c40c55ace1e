#include "wire/tempo_metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace spoor::wire {
namespace {

TEST(TempoMetrics, a_range_is_written_as_jsonpb_writes_it) {
  const KeyValue labels[] = {{"s.name", Value::of_string("cart \"a\"")},
                             {"p", Value::of_double(0.5)},
                             {"span.n", Value::of_int(7)}};
  const TempoSample samples[] = {{1'700'000'000'000, 1.5}, {1'700'000'060'000, 0}};
  const TempoExemplar exemplars[] = {{labels, 0.25, 1'700'000'000'001}, {{}, 0, 0}};
  const TempoSeries series[] = {{labels, samples, exemplars}, {{}, {}, {}}};
  TempoSearchMetrics metrics;
  metrics.inspected_traces = 3;
  metrics.inspected_spans = 12;
  EXPECT_EQ(encode_tempo_query_range(series, metrics, {TempoTraceStatus::Partial, "cut"}),
            R"({"series":[{"labels":[{"key":"s.name","value":{"stringValue":"cart \"a\""}},)"
            R"({"key":"p","value":{"doubleValue":0.5}},{"key":"span.n","value":{"intValue":"7"}}],)"
            R"("samples":[{"timestampMs":"1700000000000","value":1.5},)"
            R"({"timestampMs":"1700000060000"}],)"
            R"("exemplars":[{"labels":[{"key":"s.name","value":{"stringValue":"cart \"a\""}},)"
            R"({"key":"p","value":{"doubleValue":0.5}},{"key":"span.n","value":{"intValue":"7"}}],)"
            R"("value":0.25,"timestampMs":"1700000000001"},{}]},{}],)"
            R"("metrics":{"inspectedTraces":3,"inspectedSpans":"12"},)"
            R"("status":"PARTIAL","message":"cut"})");
}

TEST(TempoMetrics, an_instant_has_one_value_for_each_series) {
  const KeyValue labels[] = {{"__name__", Value::of_string("rate")}};
  const TempoInstantSeries series[] = {
      {labels, 2.5}, {labels, 0}, {{}, std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(
      encode_tempo_query_instant(series, {}, {}),
      R"({"series":[{"labels":[{"key":"__name__","value":{"stringValue":"rate"}}],"value":2.5},)"
      R"({"labels":[{"key":"__name__","value":{"stringValue":"rate"}}]},)"
      R"({"value":"Infinity"}],"metrics":{}})");
}

TEST(TempoMetrics, no_series_are_an_empty_list) {
  EXPECT_EQ(encode_tempo_query_range({}, {}, {}), R"({"series":[],"metrics":{}})");
}

}  // namespace
}  // namespace spoor::wire
