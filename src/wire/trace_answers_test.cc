// The exact bodies of Jaeger's and Tempo's trace answers, and of OTLP JSON, for one trace that
// has every field.
#include <gtest/gtest.h>

#include "support/arbitrary_spans.h"
#include "wire/protobuf.h"
#include "wire/wire.h"

namespace spoor::wire {
namespace {

constexpr std::string_view kTraceId(
    "\x5b\x8a\xa5\xa2\xd2\xc8\x72\xe8\x32\x1c\xf3\x73\x08\xd6\x9d\xf2", 16);
constexpr std::string_view kSpanId("\x51\x57\xd3\x2a\x06\xfe\x71\x34", 8);
constexpr std::string_view kChildId("\x00\x00\x00\x00\x00\x00\x00\x02", 8);

Span full_span(Arena& arena) {
  Value inner[] = {Value::of_int(-5), Value::empty()};
  KeyValue entries[] = {{"k", Value::absent()}};
  KeyValue attributes[] = {
      {"s", Value::of_string("a\"b")},
      {"b", Value::of_bool(false)},
      {"d", Value::of_double(-0.0)},
      {"y", Value::of_bytes("\xff")},
      {"a", Value::of_array(arena.copy(std::span<const Value>(inner)))},
      {"l", Value::of_list(arena.copy(std::span<const KeyValue>(entries)))},
  };
  Event events[] = {{{7}, "e", {}, 1}};
  Link links[] = {{kTraceId, kSpanId, "w", {}, 2, 1}};
  Span span;
  span.trace_id = kTraceId;
  span.span_id = kSpanId;
  span.parent_span_id = kChildId;
  span.trace_state = "t=1";
  span.flags = 257;
  span.name = "op";
  span.kind = kKindServer;
  span.start = {1'000'000'000'000'000'000};
  span.end = {1'000'000'000'000'000'001};
  span.attributes = arena.copy(std::span<const KeyValue>(attributes));
  span.dropped_attributes_count = 3;
  span.events = arena.copy(std::span<const Event>(events));
  span.dropped_events_count = 4;
  span.links = arena.copy(std::span<const Link>(links));
  span.dropped_links_count = 5;
  span.status = {true, kStatusError, "m"};
  return span;
}

SpanBatch sample() {
  SpanBatch batch;
  KeyValue service[] = {{"service.name", Value::of_string("shop")}};
  std::string_view keys[] = {"service.name"};
  EntityRef entity[] = {
      {"u", "service", batch.arena.copy(std::span<const std::string_view>(keys)), {}}};
  Resource resource;
  resource.present = true;
  resource.attributes = batch.arena.copy(std::span<const KeyValue>(service));
  resource.entity_refs = batch.arena.copy(std::span<const EntityRef>(entity));
  resource.schema_url = "r";
  batch.resources = {resource, Resource{}};
  Scope scope;
  scope.present = true;
  scope.name = "lib";
  scope.version = "1";
  batch.scopes = {scope, Scope{}};
  batch.spans.push_back(full_span(batch.arena));
  Span bare;
  bare.resource = 1;
  bare.scope = 1;
  bare.span_id = kChildId;
  bare.kind = 99;
  bare.status.present = true;
  batch.spans.push_back(bare);
  return batch;
}

constexpr std::string_view kResourceHead =
    R"({"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}],)"
    R"("entityRefs":[{"schemaUrl":"u","type":"service","idKeys":["service.name"]}]},)"
    R"("scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[{)";
constexpr std::string_view kMiddle =
    R"("startTimeUnixNano":"1000000000000000000","endTimeUnixNano":"1000000000000000001",)"
    R"("attributes":[{"key":"s","value":{"stringValue":"a\"b"}},)"
    R"({"key":"b","value":{"boolValue":false}},)"
    R"({"key":"d","value":{"doubleValue":-0.0}},{"key":"y","value":{"bytesValue":"/w=="}},)"
    R"({"key":"a","value":{"arrayValue":{"values":[{"intValue":"-5"},{}]}}},)"
    R"({"key":"l","value":{"kvlistValue":{"values":[{"key":"k"}]}}}],"droppedAttributesCount":3,)"
    R"("events":[{"timeUnixNano":"7","name":"e","droppedAttributesCount":1}],)"
    R"("droppedEventsCount":4,)";

std::string otlp_resource_spans() {
  return "[" + std::string(kResourceHead) +
         R"("traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"5157d32a06fe7134",)"
         R"("traceState":"t=1","parentSpanId":"0000000000000002","flags":257,)"
         R"("name":"op","kind":2,)" +
         std::string(kMiddle) +
         R"("links":[{"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"5157d32a06fe7134",)"
         R"("traceState":"w","droppedAttributesCount":2,"flags":1}],"droppedLinksCount":5,)"
         R"("status":{"message":"m","code":2}}]}],"schemaUrl":"r"},)"
         R"({"scopeSpans":[{"spans":[{"spanId":"0000000000000002","kind":99,)"
         R"("status":{}}]}]}])";
}

std::string tempo_resource_spans() {
  return "[" + std::string(kResourceHead) +
         R"("traceId":"W4qlotLIcugyHPNzCNad8g==","spanId":"UVfTKgb+cTQ=",)"
         R"("traceState":"t=1","parentSpanId":"AAAAAAAAAAI=","flags":257,"name":"op",)"
         R"("kind":"SPAN_KIND_SERVER",)" +
         std::string(kMiddle) +
         R"("links":[{"traceId":"W4qlotLIcugyHPNzCNad8g==","spanId":"UVfTKgb+cTQ=",)"
         R"("traceState":"w","droppedAttributesCount":2,"flags":1}],"droppedLinksCount":5,)"
         R"("status":{"message":"m","code":"STATUS_CODE_ERROR"}}]}],"schemaUrl":"r"},)"
         R"({"scopeSpans":[{"spans":[{"spanId":"AAAAAAAAAAI=","kind":99,"status":{}}]}]}])";
}

TEST(OtlpJson, body) {
  EXPECT_EQ(encode_otlp_json(sample()), "{\"resourceSpans\":" + otlp_resource_spans() + "}");
  EXPECT_EQ(encode_otlp_json({}), R"({"resourceSpans":[]})");
}

TEST(JaegerV3, bodies) {
  EXPECT_EQ(encode_jaeger_v3_traces(sample()),
            "{\"result\":{\"resourceSpans\":" + otlp_resource_spans() + "}}");
  EXPECT_EQ(encode_jaeger_v3_not_found(),
            R"({"error":{"httpCode":404,"message":"No traces found"}})");
  EXPECT_EQ(encode_jaeger_v3_error(400, "malformed \"x\""),
            R"({"error":{"httpCode":400,"message":"malformed \"x\""}})");
}

TEST(Tempo, json_bodies) {
  EXPECT_EQ(encode_tempo_trace_v1_json(sample()), "{\"batches\":" + tempo_resource_spans() + "}");
  EXPECT_EQ(encode_tempo_trace_v2_json(sample(), {}),
            "{\"trace\":{\"resourceSpans\":" + tempo_resource_spans() + "},\"metrics\":{}}");
  EXPECT_EQ(encode_tempo_trace_v2_json({}, {}), R"({"trace":{},"metrics":{}})");
  EXPECT_EQ(encode_tempo_trace_v2_json({}, {TempoTraceStatus::Partial, "too large"}),
            R"({"trace":{},"metrics":{},"status":"PARTIAL","message":"too large"})");
}

TEST(Tempo, protobuf_bodies) {
  SpanBatch batch = sample();
  std::string trace = encode_tempo_trace_v1(batch);
  auto decoded = decode_otlp(trace);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(test::same_spans(batch, decoded->batch));

  std::string answer = encode_tempo_trace_v2(batch, {TempoTraceStatus::Partial, "cut"});
  ProtobufReader in(answer);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.tag(), sized_tag(1));
  EXPECT_EQ(in.sized(), trace);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.tag(), sized_tag(2));
  EXPECT_EQ(in.sized(), "");
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.tag(), varint_tag(3));
  EXPECT_EQ(in.varint(), 1u);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.tag(), sized_tag(4));
  EXPECT_EQ(in.sized(), "cut");
  EXPECT_FALSE(in.next() || in.failed());
}

TEST(Tempo, json_ids_are_taken_back_by_the_decoder) {
  std::string v2 = encode_tempo_trace_v2_json(sample(), {});
  constexpr std::string_view kHead = "{\"trace\":";
  std::string trace = v2.substr(kHead.size(), v2.find(",\"metrics\"") - kHead.size());
  auto decoded = decode_otlp_json(trace);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  EXPECT_TRUE(test::same_spans(sample(), decoded->batch));
}

}  // namespace
}  // namespace spoor::wire
