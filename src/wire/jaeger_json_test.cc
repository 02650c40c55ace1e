// Legacy trace JSON and the small bodies of both generations of Jaeger's API, to the byte.
#include <gtest/gtest.h>

#include "support/arbitrary_spans.h"
#include "wire/wire.h"

namespace spoor::wire {
namespace {

SpanBatch batch_of(std::string_view otlp_json) {
  auto decoded = decode_otlp_json(otlp_json);
  EXPECT_TRUE(decoded.ok()) << decoded.status().to_string();
  return decoded.ok() ? std::move(decoded->batch) : SpanBatch{};
}

std::string trace_json(const SpanBatch& batch) {
  std::string out;
  JsonWriter json(out);
  write_jaeger_trace(json, batch);
  return out;
}

// The JSON of the only tag of a span that has this attribute.
std::string tag_json(std::string_view key_value) {
  std::string json = trace_json(batch_of(
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"01","spanId":"02","attributes":[)" +
      std::string(key_value) + "]}]}]}]}"));
  size_t begin = json.find("\"tags\":[") + 8;
  return json.substr(begin, json.find(",\"logs\"") - begin - 1);
}

TEST(JaegerJson, every_field_of_a_trace) {
  SpanBatch batch = batch_of(R"({"resourceSpans":[
    {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
                               {"key":"host.name","value":{"stringValue":"h1"}}]},
     "scopeSpans":[{"scope":{"name":"lib","version":"1.2","attributes":[
                      {"key":"lost","value":{"boolValue":true}}]},
      "spans":[{"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"5157d32a06fe7134",
        "parentSpanId":"0000000000000002","name":"GET /","kind":2,"traceState":"a=1","flags":257,
        "startTimeUnixNano":"1700000000123456789","endTimeUnixNano":"1700000000124456788",
        "attributes":[{"key":"k","value":{"stringValue":"v"}}],
        "events":[{"timeUnixNano":"1700000000123999999","name":"e",
                   "attributes":[{"key":"n","value":{"intValue":"1"}}]}],
        "links":[{"traceId":"0000000000000000321cf37308d69df2","spanId":"0000000000000003"},
                 {"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"0000000000000004",
                  "attributes":[{"key":"opentracing.ref_type",
                                 "value":{"stringValue":"child_of"}}]}],
        "status":{"code":2,"message":"bad"}}]}]}]})");
  EXPECT_EQ(
      trace_json(batch),
      R"({"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spans":[{)"
      R"("traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"5157d32a06fe7134",)"
      R"("operationName":"GET /","references":[)"
      R"({"refType":"CHILD_OF","traceID":"5b8aa5a2d2c872e8321cf37308d69df2",)"
      R"("spanID":"0000000000000002"},)"
      R"({"refType":"FOLLOWS_FROM","traceID":"321cf37308d69df2","spanID":"0000000000000003"},)"
      R"({"refType":"CHILD_OF","traceID":"5b8aa5a2d2c872e8321cf37308d69df2",)"
      R"("spanID":"0000000000000004"}],)"
      R"("startTime":1700000000123456,"duration":999,"tags":[)"
      R"({"key":"otel.scope.name","type":"string","value":"lib"},)"
      R"({"key":"otel.scope.version","type":"string","value":"1.2"},)"
      R"({"key":"k","type":"string","value":"v"},)"
      R"({"key":"span.kind","type":"string","value":"server"},)"
      R"({"key":"otel.status_code","type":"string","value":"ERROR"},)"
      R"({"key":"error","type":"bool","value":true},)"
      R"({"key":"otel.status_description","type":"string","value":"bad"},)"
      R"({"key":"w3c.tracestate","type":"string","value":"a=1"}],)"
      R"("logs":[{"timestamp":1700000000123999,"fields":[)"
      R"({"key":"event","type":"string","value":"e"},{"key":"n","type":"int64","value":1}]}],)"
      R"("processID":"p1","warnings":null}],)"
      R"("processes":{"p1":{"serviceName":"shop","tags":[)"
      R"({"key":"host.name","type":"string","value":"h1"}]}},"warnings":null})");
}

TEST(JaegerJson, a_bare_span_has_empty_lists_and_a_process_without_a_service) {
  EXPECT_EQ(trace_json(batch_of(R"({"resourceSpans":[{"scopeSpans":[{"spans":[
              {"traceId":"0000000000000000000000000000000a","spanId":"000000000000000b",
               "startTimeUnixNano":"2000","endTimeUnixNano":"1000"}]}]}]})")),
            R"({"traceID":"000000000000000a","spans":[{"traceID":"000000000000000a",)"
            R"("spanID":"000000000000000b","operationName":"","references":[],"startTime":2,)"
            R"("duration":0,"tags":[],"logs":[],"processID":"p1","warnings":null}],)"
            R"("processes":{"p1":{"serviceName":"OTLPResourceNoServiceName","tags":[]}},)"
            R"("warnings":null})");
}

TEST(JaegerJson, values_by_type) {
  auto tag = [](std::string_view value) {
    return tag_json(R"({"key":"k","value":)" + std::string(value) + "}");
  };
  EXPECT_EQ(tag(R"({"stringValue":"a\"b"})"), R"({"key":"k","type":"string","value":"a\"b"})");
  EXPECT_EQ(tag(R"({"boolValue":false})"), R"({"key":"k","type":"bool","value":false})");
  EXPECT_EQ(tag(R"({"intValue":"-5"})"), R"({"key":"k","type":"int64","value":-5})");
  EXPECT_EQ(tag(R"({"doubleValue":72.5})"), R"({"key":"k","type":"float64","value":72.5})");
  EXPECT_EQ(tag(R"({"bytesValue":"/w=="})"), R"({"key":"k","type":"binary","value":"/w=="})");
  EXPECT_EQ(tag(R"({"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"a"},{}]}})"),
            R"({"key":"k","type":"string","value":"[1,\"a\",null]"})");
  EXPECT_EQ(tag(R"({"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}})"),
            R"({"key":"k","type":"string","value":"{\"a\":true}"})");
  EXPECT_EQ(tag("{}"), R"({"key":"k","type":"string","value":""})");
  EXPECT_EQ(tag_json(R"({"key":"k"})"), R"({"key":"k","type":"string","value":""})");
}

TEST(JaegerJson, integers_that_a_browser_cannot_hold_are_strings) {
  auto tag = [](std::string_view number) {
    return tag_json(R"({"key":"k","value":{"intValue":")" + std::string(number) + "\"}}");
  };
  EXPECT_EQ(tag("9007199254740991"), R"({"key":"k","type":"int64","value":9007199254740991})");
  EXPECT_EQ(tag("9007199254740992"), R"({"key":"k","type":"int64","value":"9007199254740992"})");
  EXPECT_EQ(tag("-9007199254740991"), R"({"key":"k","type":"int64","value":-9007199254740991})");
  EXPECT_EQ(tag("-9223372036854775808"),
            R"({"key":"k","type":"int64","value":"-9223372036854775808"})");
}

TEST(JaegerJson, an_attribute_named_event_keeps_the_name_of_the_event_out) {
  std::string json = trace_json(batch_of(R"({"resourceSpans":[{"scopeSpans":[{"spans":[
      {"traceId":"01","spanId":"02","events":[{"name":"n","attributes":[
        {"key":"event","value":{"stringValue":"mine"}}]}]}]}]}]})"));
  EXPECT_NE(json.find(R"("fields":[{"key":"event","type":"string","value":"mine"}]})"),
            std::string::npos)
      << json;
}

TEST(JaegerJson, processes_are_numbered_by_first_appearance_and_equal_ones_are_one) {
  std::string json = trace_json(batch_of(R"({"resourceSpans":[
      {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"b"}}]},
       "scopeSpans":[{"spans":[{"traceId":"01","spanId":"01"}]}]},
      {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},
       "scopeSpans":[{"spans":[{"traceId":"01","spanId":"02"}]}]},
      {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"b"}}]},
       "schemaUrl":"other","scopeSpans":[{"spans":[{"traceId":"01","spanId":"03"}]}]}]})"));
  EXPECT_NE(json.find(R"("processes":{"p1":{"serviceName":"b","tags":[]},)"
                      R"("p2":{"serviceName":"a","tags":[]}})"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("spanID":"03","operationName":"","references":[],"startTime":0,)"
                      R"("duration":0,"tags":[],"logs":[],"processID":"p1")"),
            std::string::npos)
      << json;
}

TEST(JaegerJson, warnings_travel_in_an_attribute_and_come_out_as_warnings) {
  std::string json = trace_json(batch_of(R"({"resourceSpans":[{"scopeSpans":[{"spans":[
      {"traceId":"01","spanId":"02","attributes":[{"key":"@jaeger@warnings","value":
        {"arrayValue":{"values":[{"stringValue":"w1"},{"stringValue":"w2"}]}}}]}]}]}]})"));
  EXPECT_NE(json.find(R"("tags":[],"logs":[],"processID":"p1","warnings":["w1","w2"])"),
            std::string::npos)
      << json;
}

TEST(JaegerJson, whatever_a_sender_says_is_valid_json) {
  std::mt19937_64 random(31);
  for (int i = 0; i < 300; ++i) {
    test::ArbitraryOptions options;
    options.ids = test::IdLengths::Arbitrary;
    options.strings = test::Strings::AnyBytes;
    SpanBatch batch = test::arbitrary_batch(random, options);
    if (batch.spans.empty()) continue;
    std::string compact = trace_json(batch);
    // Anything that is an object without this key decodes as a request without spans.
    auto parsed = decode_otlp_json(compact, {.json_depth = 1'000});
    EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
    auto indented = decode_otlp_json(indented_json(compact), {.json_depth = 1'000});
    EXPECT_TRUE(indented.ok()) << indented.status().to_string();
  }
}

TEST(JaegerJson, envelopes) {
  std::vector<std::string> names = {"a", "b"};
  EXPECT_EQ(encode_jaeger_names(names),
            R"({"data":["a","b"],"total":2,"limit":0,"offset":0,"errors":null})");
  EXPECT_EQ(encode_jaeger_names({}), R"({"data":[],"total":0,"limit":0,"offset":0,"errors":null})");
  EXPECT_EQ(encode_jaeger_error(404, "trace not found"),
            R"({"data":null,"total":0,"limit":0,"offset":0,)"
            R"("errors":[{"code":404,"msg":"trace not found"}]})");
  std::vector<JaegerOperation> operations = {{"op", "server"}, {"op", ""}};
  EXPECT_EQ(encode_jaeger_operations(operations),
            R"({"data":[{"name":"op","spanKind":"server"},{"name":"op","spanKind":""}],)"
            R"("total":2,"limit":0,"offset":0,"errors":null})");
  std::vector<JaegerDependency> dependencies = {{"a", "b", 3}};
  EXPECT_EQ(encode_jaeger_dependencies(dependencies),
            R"({"data":[{"parent":"a","child":"b","callCount":3}],)"
            R"("total":0,"limit":0,"offset":0,"errors":null})");
}

TEST(JaegerV3, lists) {
  EXPECT_EQ(encode_jaeger_v3_services({}), R"({"services":[]})");
  EXPECT_EQ(encode_jaeger_v3_operations({}), R"({"operations":[]})");
  std::vector<JaegerOperation> operations = {{"op", ""}, {"", "client"}};
  EXPECT_EQ(encode_jaeger_v3_operations(operations),
            R"({"operations":[{"name":"op","spanKind":"internal"},{"spanKind":"client"}]})");
  std::vector<JaegerDependency> dependencies = {{"a", "b", 3}};
  EXPECT_EQ(encode_jaeger_v3_dependencies(dependencies),
            R"({"dependencies":[{"parent":"a","child":"b","callCount":"3"}]})");
}

TEST(JaegerV3, summaries) {
  EXPECT_EQ(encode_jaeger_v3_summaries({}), "{}");
  JaegerSummary summary;
  summary.id.bytes[15] = 1;
  summary.root_service = "frontend";
  summary.root_name = "GET /";
  summary.start = {1'000'000'000'000};
  summary.end = {1'001'000'000'000};
  summary.span_count = 2;
  summary.error_count = 1;
  summary.services = {{"frontend", 2, 1}};
  EXPECT_EQ(encode_jaeger_v3_summaries({&summary, 1}),
            R"({"summaries":[{"traceId":"00000000000000000000000000000001",)"
            R"("rootServiceName":"frontend","rootOperationName":"GET /",)"
            R"("minStartTimeUnixNano":"1000000000000","maxEndTimeUnixNano":"1001000000000",)"
            R"("spanCount":2,"errorSpanCount":1,)"
            R"("services":[{"name":"frontend","spanCount":2,"errorSpanCount":1}]}]})");
}

TEST(JaegerJson, indented_by_four_spaces_as_go_does) {
  EXPECT_EQ(indented_json(R"({"a":[1,"x:{,}\"\\"],"b":{},"c":[],"d":{"e":null}})"),
            "{\n    \"a\": [\n        1,\n        \"x:{,}\\\"\\\\\"\n    ],\n    \"b\": {},\n"
            "    \"c\": [],\n    \"d\": {\n        \"e\": null\n    }\n}");
}

}  // namespace
}  // namespace spoor::wire
