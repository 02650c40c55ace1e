// Each adjuster by itself, in the order in which they run, with the texts of their warnings.
#include "wire/jaeger_adjust.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "support/arbitrary_spans.h"
#include "wire/jaeger_json.h"
#include "wire/otlp_json_decode.h"

namespace spoor::wire {
namespace {

// Spans of one trace, each {"spanId":...} without the trace id, below one resource.
SpanBatch trace_of(std::string_view spans, std::string_view resource_attributes = "") {
  std::string json = R"({"resourceSpans":[{"resource":{"attributes":[)" +
                     std::string(resource_attributes) + R"(]},"scopeSpans":[{"spans":[)" +
                     std::string(spans) + "]}]}]}";
  auto decoded = decode_otlp_json(json);
  EXPECT_TRUE(decoded.ok()) << decoded.status().to_string();
  return decoded.ok() ? std::move(decoded->batch) : SpanBatch{};
}

std::vector<std::string> warnings_of(const Span& span) {
  std::vector<std::string> texts;
  const Value* warnings = find_attribute(span.attributes, kJaegerWarningsKey);
  if (warnings == nullptr) return texts;
  for (const Value& text : warnings->as_array()) texts.emplace_back(text.as_string());
  return texts;
}

using Texts = std::vector<std::string>;

std::vector<std::string> keys_of(Attributes attributes) {
  std::vector<std::string> keys;
  for (const KeyValue& attribute : attributes) keys.emplace_back(attribute.key);
  return keys;
}

TEST(JaegerAdjust, a_server_span_that_shares_its_clients_id_gets_its_own) {
  SpanBatch batch = trace_of(R"({"spanId":"0000000000000001","kind":3},
      {"spanId":"0000000000000001","kind":2,"name":"server"},
      {"spanId":"0000000000000002","parentSpanId":"0000000000000001"},
      {"spanId":"0000000000000009","kind":2})");
  adjust_trace(batch);
  EXPECT_EQ(to_hex(batch.spans[0].span_id), "0000000000000001");
  EXPECT_EQ(to_hex(batch.spans[1].span_id), "0000000000000003") << "1 and 2 are taken";
  EXPECT_EQ(to_hex(batch.spans[1].parent_span_id), "0000000000000001");
  EXPECT_EQ(to_hex(batch.spans[2].parent_span_id), "0000000000000003") << "child of the server";
  EXPECT_EQ(to_hex(batch.spans[3].span_id), "0000000000000009") << "no client shares it";
}

TEST(JaegerAdjust, attributes_are_in_order_of_keys_and_events_of_names) {
  SpanBatch batch = trace_of(
      R"({"spanId":"01","attributes":[{"key":"b"},{"key":"a"},{"key":"b","value":{}}],
          "events":[{"name":"z","attributes":[{"key":"2"},{"key":"1"}]},{"name":"a"}],
          "links":[{"traceId":"01","attributes":[{"key":"y"},{"key":"x"}]}]})",
      R"({"key":"r2"},{"key":"r1"})");
  adjust_trace(batch);
  const Span& span = batch.spans[0];
  EXPECT_EQ(keys_of(span.attributes), (Texts{"a", "b", "b"}));
  EXPECT_EQ(span.attributes[1].value.type(), ValueType::Absent) << "equal keys stay in order";
  EXPECT_EQ(span.events[0].name, "a");
  EXPECT_EQ(keys_of(span.events[1].attributes), (Texts{"1", "2"}));
  EXPECT_EQ(keys_of(span.links[0].attributes), (Texts{"x", "y"}));
  EXPECT_EQ(keys_of(batch.resources[0].attributes), (Texts{"r1", "r2"}));
}

TEST(JaegerAdjust, spans_that_are_equal_once_sorted_are_one) {
  SpanBatch batch = trace_of(R"({"spanId":"01","attributes":[{"key":"b"},{"key":"a"}]},
      {"spanId":"01","attributes":[{"key":"a"},{"key":"b"}]},
      {"spanId":"02","name":"other"})");
  adjust_trace(batch);
  ASSERT_EQ(batch.spans.size(), 2u);
  EXPECT_EQ(batch.spans[1].name, "other");
}

// A parent of a second on one host and a child of 100 ms that begins 200 ms before it.
SpanBatch skewed() {
  auto decoded = decode_otlp_json(R"({"resourceSpans":[
    {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"a"}}]},
     "scopeSpans":[{"spans":[{"spanId":"01","startTimeUnixNano":"5000000000",
                              "endTimeUnixNano":"6000000000"}]}]},
    {"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"b"}}]},
     "scopeSpans":[{"spans":[
       {"spanId":"02","parentSpanId":"01","startTimeUnixNano":"4800000000",
        "endTimeUnixNano":"4900000000","events":[{"timeUnixNano":"4850000000"}]},
       {"spanId":"03","parentSpanId":"02","startTimeUnixNano":"4810000000",
        "endTimeUnixNano":"4820000000"}]}]}]})");
  EXPECT_TRUE(decoded.ok()) << decoded.status().to_string();
  return std::move(decoded->batch);
}

TEST(JaegerAdjust, clock_skew_is_only_told_unless_a_shift_is_allowed) {
  SpanBatch batch = skewed();
  adjust_trace(batch);
  Texts told = {"clock skew adjustment disabled; not applying calculated delta of 650ms"};
  EXPECT_EQ(warnings_of(batch.spans[0]), Texts{});
  EXPECT_EQ(warnings_of(batch.spans[1]), told);
  EXPECT_EQ(warnings_of(batch.spans[2]), told) << "of the same host, below";
  EXPECT_EQ(batch.spans[1].start.value, 4'800'000'000u);
}

TEST(JaegerAdjust, clock_skew_within_the_limit_moves_the_child_and_what_is_below) {
  SpanBatch batch = skewed();
  adjust_trace(batch, {.clock_skew_nanos_max = 1'000'000'000});
  // (1 s - 100 ms) / 2 after the parent's start.
  EXPECT_EQ(batch.spans[1].start.value, 5'450'000'000u);
  EXPECT_EQ(batch.spans[1].end.value, 5'550'000'000u);
  EXPECT_EQ(batch.spans[1].events[0].time.value, 5'500'000'000u);
  EXPECT_EQ(batch.spans[2].start.value, 5'460'000'000u);
  EXPECT_EQ(warnings_of(batch.spans[1]), Texts{"This span's timestamps were adjusted by 650ms"});
}

TEST(JaegerAdjust, clock_skew_beyond_the_limit_is_told) {
  SpanBatch batch = skewed();
  adjust_trace(batch, {.clock_skew_nanos_max = 100'000'000});
  EXPECT_EQ(batch.spans[1].start.value, 4'800'000'000u);
  EXPECT_EQ(warnings_of(batch.spans[1]), Texts{"max clock skew adjustment delta of 100ms exceeded; "
                                               "not applying calculated delta of 650ms"});
}

TEST(JaegerAdjust, a_child_longer_than_its_parent_is_only_kept_from_starting_before_it) {
  SpanBatch batch = trace_of(R"(
      {"spanId":"01","startTimeUnixNano":"5000000000","endTimeUnixNano":"6000000000"},
      {"spanId":"02","parentSpanId":"01","startTimeUnixNano":"4000000000",
       "endTimeUnixNano":"7000000000"},
      {"spanId":"03","parentSpanId":"01","startTimeUnixNano":"5100000000",
       "endTimeUnixNano":"9000000000"})");
  adjust_trace(batch, {.clock_skew_nanos_max = 60'000'000'000});
  EXPECT_EQ(batch.spans[1].start.value, 5'000'000'000u) << "hosts that are unknown may differ";
  EXPECT_EQ(batch.spans[2].start.value, 5'100'000'000u);
}

TEST(JaegerAdjust, spans_of_one_host_are_trusted) {
  for (std::string_view host :
       {R"({"key":"host.name","value":{"stringValue":"a"}})",
        R"({"key":"host.id","value":{"stringValue":"a"}})",
        R"({"key":"host.ip","value":{"arrayValue":{"values":[{"stringValue":"1.2.3.4"}]}}})"}) {
    SpanBatch batch = trace_of(R"(
        {"spanId":"01","startTimeUnixNano":"5000","endTimeUnixNano":"6000"},
        {"spanId":"02","parentSpanId":"01","startTimeUnixNano":"1000","endTimeUnixNano":"1100"})",
                               host);
    adjust_trace(batch);
    EXPECT_EQ(warnings_of(batch.spans[1]), Texts{}) << host;
  }
}

TEST(JaegerAdjust, parents_that_lack_and_ids_that_repeat_are_told) {
  SpanBatch batch = trace_of(R"(
      {"spanId":"0000000000000001","parentSpanId":"00000000000000ff"},
      {"spanId":"0000000000000001","name":"again"})");
  adjust_trace(batch);
  EXPECT_EQ(warnings_of(batch.spans[0]),
            Texts{"parent span ID=00000000000000ff is not in the trace; "
                  "skipping clock skew adjustment"});
  EXPECT_EQ(warnings_of(batch.spans[1]),
            Texts{"duplicate span IDs; skipping clock skew adjustment"});
}

TEST(JaegerAdjust, numeric_addresses_become_dotted) {
  SpanBatch batch = trace_of(
      R"({"spanId":"01","attributes":[{"key":"a","value":{"intValue":"42"}},
          {"key":"ip","value":{"doubleValue":67240708}},
          {"key":"peer.ipv4","value":{"stringValue":"text"}}]})",
      R"({"key":"ip","value":{"intValue":"16909060"}})");
  adjust_trace(batch);
  EXPECT_EQ(batch.resources[0].attributes[0].value.as_string(), "1.2.3.4");
  EXPECT_EQ(batch.spans[0].attributes[0].value.as_int(), 42);
  EXPECT_EQ(batch.spans[0].attributes[1].value.as_string(), "4.2.3.4");
  EXPECT_EQ(batch.spans[0].attributes[2].value.as_string(), "text");
}

TEST(JaegerAdjust, attributes_of_the_library_move_to_the_resource) {
  SpanBatch batch = trace_of(
      R"({"spanId":"01","attributes":[
            {"key":"telemetry.sdk.language","value":{"stringValue":"go"}},
            {"key":"telemetry.sdk.name","value":{"stringValue":"mine"}},
            {"key":"telemetry.distro.name","value":{"stringValue":"d"}},
            {"key":"x"}]})",
      R"({"key":"telemetry.sdk.language","value":{"stringValue":"go"}},
         {"key":"telemetry.sdk.name","value":{"stringValue":"other"}})");
  adjust_trace(batch);
  EXPECT_EQ(keys_of(batch.resources[0].attributes),
            (Texts{"telemetry.sdk.language", "telemetry.sdk.name", "telemetry.distro.name"}));
  EXPECT_EQ(keys_of(batch.spans[0].attributes),
            (Texts{"telemetry.sdk.name", "x", "@jaeger@warnings"}));
  EXPECT_EQ(warnings_of(batch.spans[0]),
            Texts{"conflicting values between Span and Resource for attribute "
                  "telemetry.sdk.name"});
}

TEST(JaegerAdjust, links_without_a_trace_id_are_removed) {
  SpanBatch batch = trace_of(R"({"spanId":"01","links":[{"spanId":"02"},
      {"traceId":"00000000000000000000000000000000"},{"traceId":"0a","spanId":"03"}]})");
  adjust_trace(batch);
  ASSERT_EQ(batch.spans[0].links.size(), 1u);
  EXPECT_EQ(to_hex(batch.spans[0].links[0].span_id), "03");
  EXPECT_EQ(warnings_of(batch.spans[0]),
            (Texts{"Invalid span link removed", "Invalid span link removed"}));
}

TEST(JaegerAdjust, warnings_that_a_span_brings_come_first) {
  SpanBatch batch = trace_of(R"({"spanId":"01","parentSpanId":"0f","attributes":[
      {"key":"@jaeger@warnings","value":{"arrayValue":{"values":[{"stringValue":"old"}]}}}]})");
  adjust_trace(batch);
  EXPECT_EQ(
      warnings_of(batch.spans[0]),
      (Texts{"old", "parent span ID=0f is not in the trace; skipping clock skew adjustment"}));
}

TEST(JaegerAdjust, adjusting_twice_changes_nothing_more_but_warnings) {
  std::mt19937_64 random(41);
  for (int i = 0; i < 200; ++i) {
    test::ArbitraryOptions options;
    options.ids = test::IdLengths::Arbitrary;
    SpanBatch batch = test::arbitrary_batch(random, options);
    adjust_trace(batch, {.clock_skew_nanos_max = 1'000'000'000});
    size_t spans = batch.spans.size();
    adjust_trace(batch);
    EXPECT_LE(batch.spans.size(), spans);
    if (batch.spans.empty()) continue;
    std::string out;
    JsonWriter json(out);
    write_jaeger_trace(json, batch);
    EXPECT_FALSE(out.empty());
  }
}

TEST(OrderSpans, by_start_then_the_longer_one_then_id) {
  SpanBatch batch = trace_of(R"(
      {"spanId":"04","startTimeUnixNano":"2"},
      {"spanId":"03","startTimeUnixNano":"1","endTimeUnixNano":"2"},
      {"spanId":"02","startTimeUnixNano":"1","endTimeUnixNano":"2"},
      {"spanId":"01","startTimeUnixNano":"1","endTimeUnixNano":"9"})");
  order_spans(batch);
  std::string ids;
  for (const Span& span : batch.spans) ids += to_hex(span.span_id) + " ";
  EXPECT_EQ(ids, "01 02 03 04 ");
}

TEST(GoDuration, as_go_prints_it) {
  EXPECT_EQ(go_duration(0), "0s");
  EXPECT_EQ(go_duration(1), "1ns");
  EXPECT_EQ(go_duration(1'100), "1.1\xc2\xb5s");
  EXPECT_EQ(go_duration(-2'000'000), "-2ms");
  EXPECT_EQ(go_duration(1'234'567), "1.234567ms");
  EXPECT_EQ(go_duration(1'500'000'000), "1.5s");
  EXPECT_EQ(go_duration(90'000'000'000), "1m30s");
  EXPECT_EQ(go_duration(3'600'000'000'000), "1h0m0s");
  EXPECT_EQ(go_duration(3'661'000'000'001), "1h1m1.000000001s");
  EXPECT_EQ(go_duration(INT64_MIN), "-2562047h47m16.854775808s");
}

}  // namespace
}  // namespace spoor::wire
