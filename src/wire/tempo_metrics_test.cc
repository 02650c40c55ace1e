#include "wire/tempo_metrics_proto.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "base/bytes.h"

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
  EXPECT_EQ(encode_tempo_query_range(std::array{encode_tempo_series(series)}, metrics,
                                     {TempoTraceStatus::Partial, "cut"}),
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

// As protobuf's own runtime writes them.
TEST(TempoMetrics, protobuf) {
  std::vector<KeyValue> labels = {{"a", Value::of_string("b")}};
  std::vector<KeyValue> ids = {{"trace:id", Value::of_string("01")}};
  std::vector<TempoSample> samples = {{1'000, 1.5}, {2'000, 0}};
  std::vector<TempoExemplar> exemplars = {{ids, -2.0, 7}};
  std::vector<TempoSeries> series = {{labels, samples, exemplars}, {}};
  TempoSearchMetrics metrics;
  metrics.inspected_spans = 3;
  const TempoTraceOutcome partial = {TempoTraceStatus::Partial, "m"};
  EXPECT_EQ(to_hex(encode_tempo_query_range_proto(series, metrics, partial)),
            "0a3c0a080a016112030a0162120c09000000000000f83f10e807120310d00f221d0a100a08747261"
            "63653a696412040a0230311100000000000000c018070a0012023803180122016d");
  std::vector<TempoInstantSeries> instant = {{labels, 0.5}};
  EXPECT_EQ(to_hex(encode_tempo_query_instant_proto(instant, {}, {})),
            "0a130a080a016112030a016211000000000000e03f1200");
}

}  // namespace
}  // namespace spoor::wire
