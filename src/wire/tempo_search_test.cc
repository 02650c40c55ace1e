// What Tempo's search and completion endpoints answer, as exact text.
#include "wire/tempo_search.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace spoor::wire {
namespace {

TEST(TempoSearch, a_trace_with_everything) {
  std::array<Value, 2> array = {Value::of_string("a"), Value::of_int(-1)};
  std::vector<KeyValue> attributes = {
      {"text", Value::of_string("x \"y\"")}, {"int", Value::of_int(9'007'199'254'740'993)},
      {"double", Value::of_double(0.5)},     {"bool", Value::of_bool(false)},
      {"array", Value::of_array(array)},     {"empty", Value::empty()}};
  std::vector<KeyValue> of_set = {{"by(name)", Value::of_string("GET")},
                                  {"count()", Value::of_int(3)}};
  std::vector<TempoSpan> spans(2);
  spans[0] = {.id = SpanId{{0, 1}},
              .name = "GET",
              .start = UnixNanos{1'700'000'000'000'000'001},
              .duration_nanos = 15,
              .attributes = attributes};
  std::vector<TempoSpanset> sets(2);
  sets[0] = {.spans = spans, .matched = 3, .attributes = of_set};
  sets[1].matched = 1;
  std::vector<TempoService> services = {{"cart \"1\"", 2, 1}, {"shop", 3, 0}, {"", 0, 0}};
  std::vector<TempoTrace> traces(1);
  traces[0] = {.id = TraceId{{0, 0, 3}},
               .has_root = true,
               .root_service = "shop",
               .root_name = "GET /",
               .start = UnixNanos{1'700'000'000'000'000'000},
               .duration_nanos = 1'999'999,
               .spansets = sets,
               .services = services};
  const std::string first_set =
      R"*({"spans":[{"spanID":"0001000000000000","name":"GET",)*"
      R"*("startTimeUnixNano":"1700000000000000001","durationNanos":"15","attributes":[)*"
      R"*({"key":"text","value":{"stringValue":"x \"y\""}},)*"
      R"*({"key":"int","value":{"intValue":"9007199254740993"}},)*"
      R"*({"key":"double","value":{"doubleValue":0.5}},)*"
      R"*({"key":"bool","value":{"boolValue":false}},)*"
      R"*({"key":"array","value":{"arrayValue":{"values":[)*"
      R"*({"stringValue":"a"},{"intValue":"-1"}]}}},)*"
      R"*({"key":"empty","value":{}}]},{"spanID":"0000000000000000"}],"matched":3,)*"
      R"*("attributes":[{"key":"by(name)","value":{"stringValue":"GET"}},)*"
      R"*({"key":"count()","value":{"intValue":"3"}}]})*";
  const std::string expected =
      R"({"traces":[{"traceID":"00000300000000000000000000000000","rootServiceName":"shop",)"
      R"("rootTraceName":"GET /","startTimeUnixNano":"1700000000000000000","durationMs":1,)"
      R"("spanSet":)" +
      first_set + R"(,"spanSets":[)" + first_set +
      R"(,{"matched":1}],"serviceStats":{"cart \"1\"":{"spanCount":2,"errorCount":1},)"
      R"("shop":{"spanCount":3},"":{}}}],"metrics":{}})";
  EXPECT_EQ(encode_tempo_search(traces, {}), expected);
}

TEST(TempoSearch, a_trace_without_anything_and_metrics_with_everything) {
  std::vector<TempoTrace> traces(1);
  traces[0].has_root = false;
  traces[0].duration_nanos = ~uint64_t{0};
  TempoSearchMetrics metrics = {.inspected_traces = 1,
                                .inspected_bytes = ~uint64_t{0},
                                .inspected_spans = 3,
                                .total_blocks = 4,
                                .total_block_bytes = 5,
                                .completed_jobs = 6,
                                .total_jobs = 7};
  EXPECT_EQ(encode_tempo_search(traces, metrics),
            R"({"traces":[{"traceID":"00000000000000000000000000000000",)"
            R"("rootServiceName":"<root span not yet received>","durationMs":4294967295}],)"
            R"("metrics":{"inspectedTraces":1,"inspectedBytes":"18446744073709551615",)"
            R"("totalBlocks":4,"completedJobs":6,"totalJobs":7,"totalBlockBytes":"5",)"
            R"("inspectedSpans":"3"}})");
  EXPECT_EQ(encode_tempo_search({}, {}), R"({"traces":[],"metrics":{}})");
}

TEST(TempoSearch, tag_names) {
  std::vector<std::string> names = {"a", "b \"c\""};
  EXPECT_EQ(encode_tempo_tags_v1(names), R"({"tagNames":["a","b \"c\""],"metrics":{}})");
  EXPECT_EQ(encode_tempo_tags_v1({}), R"({"tagNames":[],"metrics":{}})");
  std::vector<TempoTagScope> scopes = {{"span", names}, {"link", {}}};
  EXPECT_EQ(encode_tempo_tags_v2(scopes),
            R"({"scopes":[{"name":"span","tags":["a","b \"c\""]},{"name":"link","tags":[]}],)"
            R"("metrics":{}})");
  EXPECT_EQ(encode_tempo_tags_v2({}), R"({"scopes":[],"metrics":{}})");
}

TEST(TempoSearch, tag_values) {
  using Type = TempoValueType;
  std::vector<TempoTagValue> values = {{Type::String, "\xff"}, {Type::Int, "-1"},
                                       {Type::Float, "0.5"},   {Type::Bool, "true"},
                                       {Type::Duration, "1s"}, {Type::Keyword, "error"}};
  EXPECT_EQ(encode_tempo_tag_values_v1(values),
            "{\"tagValues\":[\"\xef\xbf\xbd\",\"-1\",\"0.5\",\"true\",\"1s\",\"error\"],"
            "\"metrics\":{}}");
  EXPECT_EQ(encode_tempo_tag_values_v2(values),
            "{\"tagValues\":[{\"type\":\"string\",\"value\":\"\xef\xbf\xbd\"},"
            "{\"type\":\"int\",\"value\":\"-1\"},{\"type\":\"float\",\"value\":\"0.5\"},"
            "{\"type\":\"bool\",\"value\":\"true\"},{\"type\":\"duration\",\"value\":\"1s\"},"
            "{\"type\":\"keyword\",\"value\":\"error\"}],\"metrics\":{}}");
  EXPECT_EQ(encode_tempo_tag_values_v2({}), R"({"tagValues":[],"metrics":{}})");
}

TEST(TempoSearch, build_info_has_the_fields_of_a_program_in_go) {
  EXPECT_EQ(encode_tempo_build_info("3.0.0", "spoor 1"),
            R"({"version":"3.0.0","revision":"spoor 1","branch":"","buildDate":"",)"
            R"("buildUser":"","goVersion":""})");
}

}  // namespace
}  // namespace spoor::wire
