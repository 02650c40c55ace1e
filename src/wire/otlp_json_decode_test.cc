#include "wire/otlp_json_decode.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "support/arbitrary_spans.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"
#include "wire/otlp_json_encode.h"

namespace spoor::wire {
namespace {

using test::arbitrary_batch;
using test::ArbitraryOptions;
using test::same_spans;

std::string request_of_span(std::string_view span) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + std::string(span) + "]}]}]}";
}
std::string span_of_value(std::string_view value) {
  return R"({"attributes":[{"key":"k","value":)" + std::string(value) + "}]}";
}
std::string repeat(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out.append(i == 0 ? "" : ",").append(text);
  return out;
}
std::string nested_arrays(size_t levels) {
  std::string value = R"({"intValue":"7"})";
  for (size_t i = 0; i < levels; ++i) value = R"({"arrayValue":{"values":[)" + value + "]}}";
  return value;
}
std::string nested_lists(size_t levels) {
  std::string value = R"({"intValue":"7"})";
  for (size_t i = 0; i < levels; ++i) {
    value = R"({"kvlistValue":{"values":[{"value":)" + value + "}]}}";
  }
  return value;
}

class OneSpan {
 public:
  explicit OneSpan(std::string_view span, const DecodeLimits& limits = {})
      : request_(decode_otlp_json(request_of_span(span), limits)) {}

  const Span& span() {
    EXPECT_TRUE(request_.ok()) << request_.status().to_string();
    EXPECT_EQ(request_->batch.spans.size(), 1u);
    return request_->batch.spans[0];
  }
  const Value& value() { return span().attributes[0].value; }
  const std::vector<SpanDefect>& defects() { return request_->defects; }
  Status status() { return request_.status(); }

 private:
  Result<DecodedRequest> request_;
};

void expect_value(std::string_view json, const Value& expected) {
  OneSpan it(span_of_value(json));
  ASSERT_TRUE(it.status().ok()) << json << ": " << it.status().to_string();
  EXPECT_EQ(it.value(), expected) << json;
}

TEST(OtlpJsonDecode, takes_back_what_was_encoded) {
  std::mt19937_64 random(1);
  DecodedRequest reused;
  for (int i = 0; i < 1000; ++i) {
    ArbitraryOptions options;
    options.ids = i % 2 == 0 ? test::IdLengths::Arbitrary : test::IdLengths::Valid;
    SpanBatch batch = arbitrary_batch(random, options);
    std::string json = encode_otlp_json(batch);
    Status status = decode_otlp_json(json, {}, reused);
    ASSERT_TRUE(status.ok()) << status.to_string();
    ASSERT_TRUE(same_spans(batch, reused.batch)) << "batch " << i;
    ASSERT_TRUE(reused.defects.empty());
  }
}

TEST(OtlpJsonDecode, agrees_with_protobuf) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    SpanBatch batch = arbitrary_batch(random);
    std::string protobuf = encode_otlp(batch);
    auto from_protobuf = decode_otlp(protobuf);
    auto from_json = decode_otlp_json(encode_otlp_json(batch));
    ASSERT_TRUE(from_protobuf.ok() && from_json.ok());
    ASSERT_TRUE(same_spans(from_protobuf->batch, from_json->batch)) << "batch " << i;
  }
}

TEST(OtlpJsonDecode, an_empty_request_has_no_spans) {
  for (std::string_view json :
       {"{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null})", R"({"other":[1,2]})",
        R"({"resourceSpans":[null,{"scopeSpans":[null,{"spans":[null]}]}]})"}) {
    auto request = decode_otlp_json(json);
    ASSERT_TRUE(request.ok()) << json;
    EXPECT_TRUE(request->batch.spans.empty());
  }
}

TEST(OtlpJsonDecode, both_spellings_of_every_name) {
  std::string camel = R"({"resourceSpans":[{"resource":{"droppedAttributesCount":1,"entityRefs":[
      {"schemaUrl":"u","type":"t","idKeys":["i"],"descriptionKeys":["d","e"]}]},"schemaUrl":"r",
      "scopeSpans":[{"scope":{"name":"n","version":"v","droppedAttributesCount":2},"schemaUrl":"s",
      "spans":[{"traceId":"00112233445566778899aabbccddeeff","spanId":"0011223344556677",
      "parentSpanId":"8899aabbccddeeff","traceState":"a=b","flags":257,"name":"x","kind":3,
      "startTimeUnixNano":"18446744073709551615","endTimeUnixNano":5,"droppedAttributesCount":3,
      "attributes":[{"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"kvlistValue":{}}},
      {"key":"c","value":{"bytesValue":"/w8="}},{"key":"d","value":{"arrayValue":{}}}],
      "events":[{"timeUnixNano":"7","name":"e","droppedAttributesCount":4}],"droppedEventsCount":5,
      "links":[{"traceId":"aa","spanId":"bb","traceState":"w","flags":1,
      "droppedAttributesCount":6}],"droppedLinksCount":7,"status":{"code":2,"message":"m"}}]}]}]})";
  std::string snake;
  for (char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      snake.push_back('_');
      c = static_cast<char>(c + 32);
    }
    snake.push_back(c);
  }
  auto a = decode_otlp_json(camel);
  auto b = decode_otlp_json(snake);
  ASSERT_TRUE(a.ok()) << a.status().to_string();
  ASSERT_TRUE(b.ok()) << b.status().to_string();
  EXPECT_TRUE(same_spans(a->batch, b->batch));
  const Span& span = a->batch.spans.at(0);
  EXPECT_EQ(to_hex(span.trace_id), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(to_hex(span.parent_span_id), "8899aabbccddeeff");
  EXPECT_EQ(span.start.value, UINT64_MAX);
  EXPECT_EQ(span.end.value, 5u);
  EXPECT_EQ(span.flags, 257u);
  EXPECT_EQ(span.attributes.size(), 4u);
  EXPECT_EQ(span.attributes[2].value, Value::of_bytes("\xff\x0f"));
  EXPECT_EQ(span.events[0].dropped_attributes_count, 4u);
  EXPECT_EQ(span.links[0].flags, 1u);
  EXPECT_EQ(span.status, (SpanStatus{true, 2, "m"}));
  EXPECT_EQ(a->batch.resources.at(0).entity_refs[0].description_keys[1], "e");
  EXPECT_EQ(a->batch.resources.at(0).schema_url, "r");
  EXPECT_EQ(a->batch.scopes.at(0).schema_url, "s");
}

TEST(OtlpJsonDecode, ids_in_hex_and_base64) {
  struct Case {
    std::string_view text;
    std::string_view hex;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"5b8aa5a2d2c872e8321cf37308d69df2", "5b8aa5a2d2c872e8321cf37308d69df2"},
           {"5B8AA5A2D2C872E8321CF37308D69DF2", "5b8aa5a2d2c872e8321cf37308d69df2"},
           {"W4qlotLIcugyHPNzCNad8g==", "5b8aa5a2d2c872e8321cf37308d69df2"},
           {"W4qlotLIcugyHPNzCNad8g", "5b8aa5a2d2c872e8321cf37308d69df2"},
           {"", ""},
           {"aabb", "aabb"},
       }) {
    OneSpan it(R"({"traceId":")" + std::string(c.text) + "\"}");
    EXPECT_EQ(to_hex(it.span().trace_id), c.hex) << c.text;
  }
  OneSpan it(R"({"spanId":"UVfTKgb+cTQ=","parentSpanId":"UVfTKgb-cTQ="})");
  EXPECT_EQ(to_hex(it.span().span_id), "5157d32a06fe7134");
  EXPECT_EQ(to_hex(it.span().parent_span_id), "5157d32a06fe7134");
  for (std::string_view bad : {"xyz", "abc", "W4qlotLIcugyHPNzCNad8gAA", "UVfTKgb+cTQ="}) {
    Status status = OneSpan(R"({"traceId":")" + std::string(bad) + "\"}").status();
    EXPECT_EQ(status.code(), Code::InvalidArgument) << bad;
    EXPECT_NE(status.message().find("resourceSpans[0].scopeSpans[0].spans[0].traceId"),
              std::string::npos)
        << status.message();
  }
}

TEST(OtlpJsonDecode, numbers_in_every_form) {
  struct Case {
    std::string_view json;
    uint64_t value;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"0", 0},
           {"\"0\"", 0},
           {"1544712660300000000", 1544712660300000000u},
           {"\"1544712660300000000\"", 1544712660300000000u},
           {"18446744073709551615", UINT64_MAX},
           {"\"18446744073709551615\"", UINT64_MAX},
           {"1e3", 1000},
           {"\"1e3\"", 1000},
           {"1.0", 1},
           {"1.5447126603e18", 1544712660300000000u},
           {"null", 0},
       }) {
    OneSpan it(R"({"startTimeUnixNano":)" + std::string(c.json) + "}");
    EXPECT_EQ(it.span().start.value, c.value) << c.json;
  }
  for (std::string_view bad : {"-1", "\"-1\"", "1.5", "\"x\"", "\"\"", "\" 1\"", "true", "{}", "[]",
                               "18446744073709551616", "\"18446744073709551616\"", "1e20"}) {
    Status status = OneSpan(R"({"startTimeUnixNano":)" + std::string(bad) + "}").status();
    EXPECT_EQ(status.code(), Code::InvalidArgument) << bad;
    EXPECT_NE(status.message().find("startTimeUnixNano"), std::string::npos) << status.message();
  }
  EXPECT_EQ(OneSpan(R"({"flags":4294967295})").span().flags, UINT32_MAX);
  EXPECT_FALSE(OneSpan(R"({"flags":4294967296})").status().ok());
  EXPECT_FALSE(OneSpan(R"({"flags":-1})").status().ok());
}

TEST(OtlpJsonDecode, values_in_every_form) {
  expect_value(R"({"intValue":"-5"})", Value::of_int(-5));
  expect_value(R"({"intValue":-9223372036854775808})", Value::of_int(INT64_MIN));
  expect_value(R"({"intValue":9223372036854775807})", Value::of_int(INT64_MAX));
  expect_value(R"({"intValue":5.0})", Value::of_int(5));
  expect_value(R"({"doubleValue":5})", Value::of_double(5));
  expect_value(R"({"doubleValue":"-2.5e3"})", Value::of_double(-2500));
  expect_value(R"({"doubleValue":-0.0})", Value::of_double(-0.0));
  expect_value(R"({"doubleValue":123456789012345680000})",
               Value::of_double(123456789012345680000.0));
  expect_value(R"({"doubleValue":-999999999999999900000})",
               Value::of_double(-999999999999999900000.0));
  expect_value(R"({"doubleValue":"Infinity"})",
               Value::of_double(std::numeric_limits<double>::infinity()));
  expect_value(R"({"doubleValue":"-Infinity"})",
               Value::of_double(-std::numeric_limits<double>::infinity()));
  expect_value(R"({"doubleValue":"NaN"})",
               Value::of_double(std::numeric_limits<double>::quiet_NaN()));
  expect_value(R"({"boolValue":false})", Value::of_bool(false));
  expect_value(R"({"stringValue":"\u00e4\n\ud83d\ude00"})",
               Value::of_string("\xc3\xa4\n\xf0\x9f\x98\x80"));
  expect_value(R"({"bytesValue":"_-8"})", Value::of_bytes("\xff\xef"));
  expect_value("{}", Value::empty());
  expect_value("null", Value::absent());
  expect_value(R"({"futureValue":1})", Value::empty());
  expect_value(R"({"stringValue":null,"intValue":"1"})", Value::of_int(1));
  Value array[] = {Value::empty(), Value::of_bool(true), Value::empty()};
  expect_value(R"({"arrayValue":{"values":[null,{"boolValue":true},{}]}})", Value::of_array(array));
  KeyValue list[] = {{"a", Value::absent()}, {"", Value::of_int(1)}};
  expect_value(R"({"kvlistValue":{"values":[{"key":"a"},null,{"value":{"intValue":1}}]}})",
               Value::of_list(list));
  expect_value(R"({"arrayValue":{"values":null}})", Value::of_array({}));
}

TEST(OtlpJsonDecode, digits_in_strings_stay_beside_an_integer_that_is_too_wide) {
  constexpr std::string_view kDigits = "\\\"12345678901234567890123:[1234567890123456789012]";
  std::string escaped = R"(\\\"12345678901234567890123:[1234567890123456789012])";
  OneSpan it(R"({"name":")" + escaped + R"(","attributes":[{"key":"12345678901234567890123",)" +
             R"("value":{"doubleValue":-12345678901234567890123}}]})");
  EXPECT_EQ(it.span().name, kDigits);
  EXPECT_EQ(it.span().attributes[0].key, "12345678901234567890123");
  EXPECT_EQ(it.value(), Value::of_double(-12345678901234567890123.0));
}

// JavaScript cuts strings between the two halves of a character; the half becomes U+FFFD.
TEST(OtlpJsonDecode, half_a_surrogate_pair_is_replaced) {
  struct Case {
    std::string_view json, expected;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"(\ud83d)", "\xef\xbf\xbd"},
           {R"(a\uD83Db)",
            "a\xef\xbf\xbd"
            "b"},
           {R"(\ude00)", "\xef\xbf\xbd"},
           {R"(\ud83d\ud83d\ude00)", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
           {R"(\ud83d\u00e4)", "\xef\xbf\xbd\xc3\xa4"},
           {R"(\\ud83d\ud83d)", "\\ud83d\xef\xbf\xbd"},
       }) {
    std::string value = R"({"stringValue":")" + std::string(c.json) + "\"}";
    EXPECT_EQ(OneSpan(span_of_value(value)).value(), Value::of_string(c.expected)) << c.json;
  }
  std::string both = R"({"kvlistValue":{"values":[{"value":{"stringValue":"\ud83d"}},
                         {"value":{"doubleValue":123456789012345678901234567890}}]}})";
  EXPECT_EQ(OneSpan(span_of_value(both)).value().as_list()[1].value,
            Value::of_double(123456789012345678901234567890.0));
  EXPECT_FALSE(OneSpan(span_of_value(R"({"stringValue":"\ud83"})")).status().ok());
}

TEST(OtlpJsonDecode, enums_as_numbers_and_names) {
  EXPECT_EQ(OneSpan(R"({"kind":"SPAN_KIND_SERVER"})").span().kind, kKindServer);
  EXPECT_EQ(OneSpan(R"({"kind":2})").span().kind, kKindServer);
  EXPECT_EQ(OneSpan(R"({"kind":"2"})").span().kind, kKindServer);
  EXPECT_EQ(OneSpan(R"({"kind":-1})").span().kind, UINT32_MAX);
  EXPECT_EQ(OneSpan(R"({"kind":99})").span().kind, 99u);
  EXPECT_EQ(OneSpan(R"({"status":{"code":"STATUS_CODE_ERROR"}})").span().status.code, kStatusError);
  EXPECT_EQ(OneSpan(R"({"status":{"code":1}})").span().status.code, kStatusOk);
  EXPECT_FALSE(OneSpan(R"({"kind":"SERVER"})").status().ok());
  EXPECT_FALSE(OneSpan(R"({"kind":4294967296})").status().ok());
}

TEST(OtlpJsonDecode, of_a_key_given_twice_the_last_wins) {
  OneSpan it(R"({"name":"a","attributes":[{"key":"x"}],"name":"b","attributes":[{"key":"y"}],
                 "trace_state":"s","traceState":"t","status":{"code":1},"status":null})");
  EXPECT_EQ(it.span().name, "b");
  ASSERT_EQ(it.span().attributes.size(), 1u);
  EXPECT_EQ(it.span().attributes[0].key, "y");
  EXPECT_EQ(it.span().trace_state, "t");
  EXPECT_FALSE(it.span().status.present);
  auto request = decode_otlp_json(
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{},{}]}],"scopeSpans":[{"spans":[{}]}]}]})");
  EXPECT_EQ(request->batch.spans.size(), 1u);
}

TEST(OtlpJsonDecode, absent_messages_are_told_from_empty_ones) {
  auto request = decode_otlp_json(
      R"({"resourceSpans":[{"scopeSpans":[{"scope":null}]},
                           {"resource":{},"scopeSpans":[{"scope":{}}]}]})");
  ASSERT_TRUE(request.ok());
  EXPECT_FALSE(request->batch.resources[0].present);
  EXPECT_FALSE(request->batch.scopes[0].present);
  EXPECT_TRUE(request->batch.resources[1].present);
  EXPECT_TRUE(request->batch.scopes[1].present);
  EXPECT_TRUE(OneSpan(R"({"status":{}})").span().status.present);
}

TEST(OtlpJsonDecode, a_wrong_type_is_named_by_its_path) {
  struct Case {
    std::string_view json;
    std::string_view message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"[]", "expected the body to be an object, got an array"},
           {"3", "expected the body to be an object, got a number"},
           {R"({"resourceSpans":{}})", "expected resourceSpans to be an array, got an object"},
           {R"({"resourceSpans":[5]})", "expected resourceSpans[0] to be an object, got a number"},
           {R"({"resourceSpans":[{"resource":"x"}]})",
            "expected resourceSpans[0].resource to be an object, got \"x\""},
           {R"({"resourceSpans":[{},{"resource":{"entityRefs":[{"idKeys":["a",1]}]}}]})",
            "expected resourceSpans[1].resource.entityRefs[0].idKeys[1] to be a string, got a "
            "number"},
           {R"({"resourceSpans":[{"scopeSpans":[{"scope":{"version":2}}]}]})",
            "expected resourceSpans[0].scopeSpans[0].scope.version to be a string, got a number"},
       }) {
    Status status = decode_otlp_json(c.json).status();
    EXPECT_EQ(status.code(), Code::InvalidArgument);
    EXPECT_EQ(status.message(), "malformed request: " + std::string(c.message));
  }
  Case of_span[] = {
      {R"({"attributes":[{"key":1}]})", "attributes[0].key to be a string"},
      {R"({"attributes":[{},{"value":1}]})", "attributes[1].value to be an object"},
      {R"({"attributes":[{"value":{"boolValue":"true"}}]})",
       "attributes[0].value.boolValue to be a boolean, got \"true\""},
      {R"({"attributes":[{"value":{"bytesValue":"?"}}]})",
       "attributes[0].value.bytesValue to be bytes in base64"},
      {R"({"attributes":[{"value":{"arrayValue":{"values":[{},{"intValue":"x"}]}}}]})",
       "attributes[0].value.arrayValue.values[1].intValue to be a 64-bit integer"},
      {R"({"attributes":[{"value":{"kvlistValue":{"values":[{"key":[]}]}}}]})",
       "attributes[0].value.kvlistValue.values[0].key to be a string, got an array"},
      {R"({"attributes":[{"value":{"arrayValue":{"values":{}}}}]})",
       "attributes[0].value.arrayValue.values to be an array"},
      {R"({"events":[{"name":true}]})", "events[0].name to be a string, got a boolean"},
      {R"({"links":[{},{"spanId":5}]})", "links[1].spanId to be a string"},
      {R"({"status":{"message":[]}})", "status.message to be a string"},
  };
  for (const Case& c : of_span) {
    Status status = OneSpan(c.json).status();
    std::string expected = "resourceSpans[0].scopeSpans[0].spans[0]." + std::string(c.message);
    EXPECT_NE(status.message().find(expected), std::string::npos) << status.message();
  }
}

TEST(OtlpJsonDecode, what_is_no_json_is_refused) {
  for (std::string_view bad :
       {"", " ", "{", "{]", "nul", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{\"a\":01}",
        "{\"a\":1e999}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{} {}", "{}x", "\"a"}) {
    Status status = decode_otlp_json(bad).status();
    EXPECT_EQ(status.code(), Code::InvalidArgument) << bad;
    EXPECT_NE(status.message().find("malformed json"), std::string::npos) << status.message();
  }
  Status status = decode_otlp_json("{\"a\":\"b\xff\"}").status();
  EXPECT_EQ(status.message(), "malformed json of 10 bytes: not utf-8 at byte 7");
}

TEST(OtlpJsonDecode, cut_input_is_refused_at_every_length) {
  std::mt19937_64 random(3);
  ArbitraryOptions options;
  options.spans_max = 4;
  options.string_bytes_max = 50;
  for (int i = 0; i < 10; ++i) {
    std::string json = encode_otlp_json(arbitrary_batch(random, options));
    for (size_t size = 0; size < json.size(); ++size) {
      std::string cut = json.substr(0, size);
      ASSERT_EQ(decode_otlp_json(cut).status().code(), Code::InvalidArgument) << cut;
    }
  }
}

TEST(OtlpJsonDecode, random_damage_never_crashes) {
  std::mt19937_64 random(4);
  constexpr std::string_view kBytes = "{}[]\",:0129.eE-ntf\\ \xc3";
  for (int i = 0; i < 200; ++i) {
    std::string json = encode_otlp_json(arbitrary_batch(random));
    for (int j = 0; j < 10; ++j) {
      std::string damaged = json;
      damaged[random() % damaged.size()] = kBytes[random() % kBytes.size()];
      auto request = decode_otlp_json(damaged);
      EXPECT_TRUE(request.ok() || request.status().code() == Code::InvalidArgument);
    }
  }
}

void expect_defect(OneSpan it, DefectReason reason) {
  ASSERT_TRUE(it.status().ok()) << it.status().to_string();
  EXPECT_EQ(to_hex(it.span().trace_id), "ab");
  ASSERT_EQ(it.defects().size(), 1u);
  EXPECT_EQ(it.defects()[0].span, 0u);
  EXPECT_EQ(it.defects()[0].reason, reason);
}

TEST(OtlpJsonLimits, nesting_of_values) {
  EXPECT_TRUE(OneSpan(span_of_value(nested_arrays(16))).defects().empty());
  EXPECT_TRUE(OneSpan(span_of_value(nested_lists(16))).defects().empty());
  DecodeLimits limits;
  limits.json_depth = 200;
  for (auto nest : {nested_arrays, nested_lists}) {
    std::string attributes = R"("attributes":[{"value":)" + nest(17) + "}]";
    for (const std::string& fields :
         {attributes, R"("events":[{)" + attributes + "}]", R"("links":[{)" + attributes + "}]"}) {
      expect_defect(OneSpan(R"({"traceId":"ab",)" + fields + "}", limits),
                    DefectReason::ValueDepth);
    }
  }
}

TEST(OtlpJsonLimits, range_of_integers) {
  for (const char* value :
       {"9223372036854775807", R"("9223372036854775807")", R"("-9223372036854775808")"}) {
    EXPECT_TRUE(
        OneSpan(span_of_value(R"({"intValue":)" + std::string(value) + "}")).defects().empty());
  }
  for (const char* value :
       {"9223372036854775808", R"("9223372036854775808")", R"("-9223372036854775809")",
        R"("123456789012345678901234567890")", "123456789012345678901234567890"}) {
    std::string attributes = R"("attributes":[{"value":{"intValue":)" + std::string(value) + "}}]";
    expect_defect(OneSpan(R"({"traceId":"ab",)" + attributes + "}"), DefectReason::IntegerRange);
  }
  EXPECT_EQ(OneSpan(span_of_value(R"({"intValue":"seven"})")).status().code(),
            Code::InvalidArgument);
}

TEST(OtlpJsonLimits, lists_of_a_span) {
  struct Case {
    std::string name;
    DefectReason reason;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"attributes", DefectReason::Attributes},
           {"events", DefectReason::Events},
           {"links", DefectReason::Links},
       }) {
    auto span = [&](size_t count) {
      return R"({"traceId":"ab",")" + c.name + "\":[" + repeat("{}", count) + "]}";
    };
    EXPECT_TRUE(OneSpan(span(16'384)).defects().empty());
    expect_defect(OneSpan(span(16'385)), c.reason);
  }
}

TEST(OtlpJsonLimits, spans_and_memory_of_a_request) {
  DecodeLimits limits;
  limits.spans = 10;
  EXPECT_TRUE(decode_otlp_json(request_of_span(repeat("{}", 10)), limits).ok());
  Status status = decode_otlp_json(request_of_span(repeat("{}", 11)), limits).status();
  EXPECT_EQ(status.code(), Code::ResourceExhausted);
  limits = {};
  limits.memory_bytes = 100'000;
  std::string values = R"({"arrayValue":{"values":[)" + repeat("{}", 10'000) + "]}}";
  std::string text = R"({"stringValue":")" + std::string(100'001, 'x') + "\"}";
  for (const std::string& value : {values, text}) {
    EXPECT_EQ(OneSpan(span_of_value(value), limits).status().code(), Code::ResourceExhausted);
  }
}

TEST(OtlpJsonLimits, depth_of_the_json) {
  auto nested = [](size_t levels) {
    return "{\"unknown\":" + std::string(levels - 1, '[') + "1" + std::string(levels - 1, ']') +
           "}";
  };
  EXPECT_TRUE(decode_otlp_json(nested(80)).ok());
  Status status = decode_otlp_json(nested(81)).status();
  EXPECT_EQ(status.code(), Code::InvalidArgument);
  EXPECT_NE(status.message().find("nested deeper than 80 levels"), std::string::npos)
      << status.message();
  EXPECT_FALSE(decode_otlp_json(nested(100'000)).ok());
  std::string wide = R"({"x":123456789012345678901234567890,"y":)" + nested(80) + "}";
  EXPECT_FALSE(decode_otlp_json(wide).ok());
}

}  // namespace
}  // namespace spoor::wire
