#include "wire/otlp_decode.h"

#include <gtest/gtest.h>

#include "support/arbitrary_spans.h"
#include "wire/otlp_encode.h"
#include "wire/protobuf.h"

namespace spoor::wire {
namespace {

using test::arbitrary_batch;
using test::ArbitraryOptions;
using test::same_spans;

// Bytes of hand-made messages, field by field in the order given.
std::string varint_field(uint32_t field, uint64_t value) {
  std::string out;
  append_varint(out, varint_tag(field));
  append_varint(out, value);
  return out;
}
std::string sized_field(uint32_t field, std::string_view value) {
  std::string out;
  append_varint(out, sized_tag(field));
  append_sized(out, value);
  return out;
}
std::string fixed64_field(uint32_t field, uint64_t value) {
  std::string out;
  append_varint(out, fixed64_tag(field));
  append_le(out, value);
  return out;
}
std::string fixed32_field(uint32_t field, uint32_t value) {
  std::string out;
  append_varint(out, fixed32_tag(field));
  append_le(out, value);
  return out;
}
std::string repeat(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out.append(text);
  return out;
}

// A request of one resource and scope with this Span message in it.
std::string request_of_span(std::string_view span) {
  return sized_field(1, sized_field(2, sized_field(2, span)));
}
std::string attribute(std::string_view key, std::string_view value_message) {
  return sized_field(9, sized_field(1, key) + sized_field(2, value_message));
}

// An AnyValue of `levels` arrays around an int.
std::string nested_arrays(size_t levels) {
  std::string value = varint_field(3, 7);
  for (size_t i = 0; i < levels; ++i) value = sized_field(5, sized_field(1, value));
  return value;
}
std::string nested_lists(size_t levels) {
  std::string value = varint_field(3, 7);
  for (size_t i = 0; i < levels; ++i) {
    value = sized_field(6, sized_field(1, sized_field(2, value)));
  }
  return value;
}

class OneSpan {
 public:
  explicit OneSpan(std::string span_message, const DecodeLimits& limits = {})
      : bytes_(request_of_span(span_message)), request_(decode_otlp(bytes_, limits)) {}

  const Span& span() {
    EXPECT_TRUE(request_.ok()) << request_.status().to_string();
    EXPECT_EQ(request_->batch.spans.size(), 1u);
    return request_->batch.spans[0];
  }
  const Value& value() { return span().attributes[0].value; }
  const std::vector<SpanDefect>& defects() { return request_->defects; }
  Status status() { return request_.status(); }

 private:
  std::string bytes_;
  Result<DecodedRequest> request_;
};

TEST(OtlpDecode, an_empty_request_has_no_spans) {
  auto request = decode_otlp("");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->batch.spans.empty());
}

TEST(OtlpDecode, takes_back_what_was_encoded) {
  std::mt19937_64 random(1);
  DecodedRequest reused;
  for (int i = 0; i < 2000; ++i) {
    ArbitraryOptions options;
    options.ids = i % 2 == 0 ? test::IdLengths::Arbitrary : test::IdLengths::Valid;
    options.strings = test::Strings::AnyBytes;
    SpanBatch batch = arbitrary_batch(random, options);
    std::string bytes = encode_otlp(batch);
    ASSERT_TRUE(decode_otlp(bytes, {}, reused).ok());
    ASSERT_TRUE(same_spans(batch, reused.batch)) << "batch " << i;
    ASSERT_TRUE(reused.defects.empty());
  }
}

TEST(OtlpDecode, encoding_groups_by_resource_and_scope) {
  std::mt19937_64 random(2);
  SpanBatch batch;
  batch.resources.resize(2);
  batch.scopes.resize(2);
  for (uint32_t i = 0; i < 8; ++i) {
    Span span;
    span.resource = i & 1;
    span.scope = i >> 1 & 1;
    span.flags = i + 1;
    batch.spans.push_back(span);
  }
  std::string bytes = encode_otlp(batch);
  auto request = decode_otlp(bytes);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->batch.resources.size(), 2u);
  EXPECT_EQ(request->batch.scopes.size(), 4u);
  EXPECT_TRUE(same_spans(batch, request->batch));
}

TEST(OtlpDecode, reads_every_field_of_a_span) {
  std::string event = fixed64_field(1, 5) + sized_field(2, "e") +
                      sized_field(3, sized_field(1, "k")) + varint_field(4, 6);
  std::string link = sized_field(1, "t") + sized_field(2, "s") + sized_field(3, "w") +
                     sized_field(4, sized_field(1, "l")) + varint_field(5, 7) + fixed32_field(6, 8);
  OneSpan it(sized_field(1, "0123456789abcdef") + sized_field(2, "01234567") +
             sized_field(3, "state") + sized_field(4, "parentid") + sized_field(5, "name") +
             varint_field(6, 2) + fixed64_field(7, 100) + fixed64_field(8, 200) +
             attribute("key", sized_field(1, "text")) + varint_field(10, 1) +
             sized_field(11, event) + varint_field(12, 2) + sized_field(13, link) +
             varint_field(14, 3) + sized_field(15, sized_field(2, "bad") + varint_field(3, 2)) +
             fixed32_field(16, 0x101));
  const Span& span = it.span();
  EXPECT_EQ(span.trace_id, "0123456789abcdef");
  EXPECT_EQ(span.span_id, "01234567");
  EXPECT_EQ(span.trace_state, "state");
  EXPECT_EQ(span.parent_span_id, "parentid");
  EXPECT_EQ(span.name, "name");
  EXPECT_EQ(span.kind, kKindServer);
  EXPECT_EQ(span.start.value, 100u);
  EXPECT_EQ(span.end.value, 200u);
  EXPECT_EQ(span.attributes[0], (KeyValue{"key", Value::of_string("text")}));
  EXPECT_EQ(span.dropped_attributes_count, 1u);
  KeyValue k{"k", Value::absent()};
  EXPECT_EQ(span.events[0], (Event{{5}, "e", {&k, 1}, 6}));
  EXPECT_EQ(span.dropped_events_count, 2u);
  KeyValue l{"l", Value::absent()};
  EXPECT_EQ(span.links[0], (Link{"t", "s", "w", {&l, 1}, 7, 8}));
  EXPECT_EQ(span.dropped_links_count, 3u);
  EXPECT_EQ(span.status, (SpanStatus{true, kStatusError, "bad"}));
  EXPECT_EQ(span.flags, 0x101u);
}

TEST(OtlpDecode, reads_every_type_of_value) {
  uint64_t bits = std::bit_cast<uint64_t>(72.5);
  std::string three =
      sized_field(1, varint_field(3, 1)) + sized_field(1, "") + sized_field(1, sized_field(1, "x"));
  OneSpan it(attribute("s", sized_field(1, "")) + attribute("t", varint_field(2, 7)) +
             attribute("f", varint_field(2, 0)) + attribute("i", varint_field(3, UINT64_MAX)) +
             attribute("d", fixed64_field(4, bits)) + attribute("a", sized_field(5, three)) +
             attribute("l", sized_field(6, sized_field(1, sized_field(1, "k")))) +
             attribute("b", sized_field(7, "\xff")) + attribute("e", "") +
             sized_field(9, sized_field(1, "n")) + sized_field(9, ""));
  Attributes got = it.span().attributes;
  Value array[] = {Value::of_int(1), Value::empty(), Value::of_string("x")};
  KeyValue list[] = {{"k", Value::absent()}};
  KeyValue expected[] = {
      {"s", Value::of_string("")}, {"t", Value::of_bool(true)},    {"f", Value::of_bool(false)},
      {"i", Value::of_int(-1)},    {"d", Value::of_double(72.5)},  {"a", Value::of_array(array)},
      {"l", Value::of_list(list)}, {"b", Value::of_bytes("\xff")}, {"e", Value::empty()},
      {"n", Value::absent()},      {"", Value::absent()}};
  EXPECT_TRUE(equal(got, expected));
}

TEST(OtlpDecode, the_last_of_a_scalar_wins) {
  OneSpan it(sized_field(5, "first") + varint_field(6, 1) + fixed64_field(7, 1) +
             sized_field(5, "last") + varint_field(6, 3) + fixed64_field(7, 2));
  EXPECT_EQ(it.span().name, "last");
  EXPECT_EQ(it.span().kind, 3u);
  EXPECT_EQ(it.span().start.value, 2u);
}

TEST(OtlpDecode, the_last_of_a_oneof_wins_and_an_empty_value_merges) {
  EXPECT_EQ(OneSpan(attribute("k", sized_field(1, "a") + varint_field(3, 5))).value(),
            Value::of_int(5));
  std::string twice = sized_field(2, sized_field(1, "a"));
  EXPECT_EQ(OneSpan(sized_field(9, twice + sized_field(2, ""))).value(), Value::of_string("a"));
  EXPECT_EQ(OneSpan(sized_field(9, twice + sized_field(2, varint_field(2, 1)))).value(),
            Value::of_bool(true));
}

TEST(OtlpDecode, embedded_messages_given_twice_merge) {
  std::string a = sized_field(1, sized_field(1, "a"));
  std::string b = sized_field(1, sized_field(1, "b"));
  std::string entity = sized_field(3, sized_field(2, "host"));
  std::string bytes = sized_field(
      1, sized_field(1, a + varint_field(2, 4) + entity) +
             sized_field(2, sized_field(1, sized_field(1, "name")) +
                                sized_field(2, sized_field(15, sized_field(2, "m")) +
                                                   sized_field(15, varint_field(3, 2))) +
                                sized_field(1, sized_field(2, "version"))) +
             sized_field(1, b + entity));
  auto request = decode_otlp(bytes);
  ASSERT_TRUE(request.ok());
  const Resource& resource = request->batch.resources.at(0);
  ASSERT_EQ(resource.attributes.size(), 2u);
  EXPECT_EQ(resource.attributes[0].key, "a");
  EXPECT_EQ(resource.attributes[1].key, "b");
  EXPECT_EQ(resource.dropped_attributes_count, 4u);
  EXPECT_EQ(resource.entity_refs.size(), 2u);
  EXPECT_EQ(resource.message, "");  // neither alone says what it is
  EXPECT_EQ(request->batch.scopes.at(0).name, "name");
  EXPECT_EQ(request->batch.scopes.at(0).version, "version");
  EXPECT_EQ(request->batch.spans.at(0).status, (SpanStatus{true, 2, "m"}));
}

TEST(OtlpDecode, the_message_that_says_all_of_a_resource_but_its_schema_comes_with_it) {
  const std::string message = sized_field(1, sized_field(1, "a")) + varint_field(2, 4);
  const std::string schema = sized_field(3, "schema");
  for (const std::string& resource_spans :
       {sized_field(1, message) + schema, schema + sized_field(1, message)}) {
    const std::string bytes = sized_field(1, resource_spans);
    auto request = decode_otlp(bytes);
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->batch.resources.at(0).message, message);
    EXPECT_EQ(request->batch.resources.at(0).schema_url, "schema");
  }
}

TEST(OtlpDecode, absent_messages_are_told_from_empty_ones) {
  std::string empty = sized_field(1, sized_field(1, "") + sized_field(2, sized_field(1, "")));
  std::string absent = sized_field(1, sized_field(2, ""));
  EXPECT_TRUE(decode_otlp(empty)->batch.resources[0].present);
  EXPECT_TRUE(decode_otlp(empty)->batch.scopes[0].present);
  EXPECT_FALSE(decode_otlp(absent)->batch.resources[0].present);
  EXPECT_FALSE(decode_otlp(absent)->batch.scopes[0].present);
  EXPECT_TRUE(OneSpan(sized_field(15, "")).span().status.present);
  EXPECT_FALSE(OneSpan("").span().status.present);
}

TEST(OtlpDecode, unknown_fields_and_other_wire_types_are_skipped) {
  std::string unknown = varint_field(100, 5) + sized_field(536'870'911, "x") +
                        fixed64_field(99, 1) + fixed32_field(98, 1);
  std::string mismatched = varint_field(5, 1) + sized_field(6, "xx") + varint_field(7, 1) +
                           fixed32_field(9, 1) + varint_field(16, 1);
  OneSpan it(unknown + sized_field(5, "name") + mismatched);
  Span expected;
  expected.name = "name";
  EXPECT_EQ(it.span(), expected);
  auto deprecated = decode_otlp(sized_field(1, sized_field(1000, "anything")));
  ASSERT_TRUE(deprecated.ok());
  EXPECT_TRUE(deprecated->batch.spans.empty());
}

TEST(OtlpDecode, wide_numbers_are_cut_as_protobuf_does) {
  OneSpan it(varint_field(6, UINT64_MAX) + varint_field(10, (1ull << 32) + 5));
  EXPECT_EQ(it.span().kind, UINT32_MAX);
  EXPECT_EQ(it.span().dropped_attributes_count, 5u);
  OneSpan overlong(std::string("\x30\x82\x80\x80\x00", 5));  // kind 2 in four bytes
  EXPECT_EQ(overlong.span().kind, 2u);
}

TEST(OtlpDecode, malformed_bytes_are_refused_with_their_place) {
  using namespace std::string_view_literals;
  for (std::string_view bad : {
           "\x0b\x0c"sv,  // a group
           "\x0c"sv,      // its end
           "\x0e"sv,      // wire type 6
           "\x0f"sv,      // wire type 7
           "\x00\x00"sv,  // field 0
           "\x02\x00"sv,  // field 0 sized
           "\x2a"sv,      // no length
           "\x2a\x05"
           "abcd"sv,                                              // length beyond the end
           "\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,      // length of 2^64 - 1
           "\x30"sv,                                              // no varint
           "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,  // eleven bytes
           "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv,      // 65 bits
           "\x39\x01\x02"sv,                                      // fixed64 cut short
           "\xf8\xff\xff\xff\x7f\x01"sv,                          // tag of 35 bits
       }) {
    std::string span = sized_field(5, "name").append(bad);
    Status status = OneSpan(span).status();
    EXPECT_EQ(status.code(), Code::InvalidArgument) << to_hex(bad);
    EXPECT_NE(status.message().find("at byte 12 of"), std::string::npos) << status.message();
  }
}

TEST(OtlpDecode, cut_input_never_crashes) {
  std::mt19937_64 random(3);
  ArbitraryOptions options;
  options.spans_max = 6;
  options.string_bytes_max = 50;
  for (int i = 0; i < 40; ++i) {
    std::string bytes = encode_otlp(arbitrary_batch(random, options));
    for (size_t size = 0; size < bytes.size(); ++size) {
      std::string cut = bytes.substr(0, size);  // an allocation of its own, for the sanitizer
      auto request = decode_otlp(cut);
      ASSERT_TRUE(request.ok() || request.status().code() == Code::InvalidArgument);
    }
  }
}

TEST(OtlpDecode, random_damage_never_crashes) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = encode_otlp(arbitrary_batch(random));
    for (int j = 0; j < 20 && !bytes.empty(); ++j) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
      auto request = decode_otlp(bytes);
      if (!request.ok()) continue;
      std::string again = encode_otlp(request->batch);
      auto second = decode_otlp(again);
      if (!request->defects.empty()) continue;
      ASSERT_TRUE(second.ok());
      ASSERT_TRUE(same_spans(request->batch, second->batch));
    }
  }
}

void expect_defect(OneSpan it, DefectReason reason) {
  ASSERT_TRUE(it.status().ok()) << it.status().to_string();
  EXPECT_EQ(it.span().trace_id, "id");
  ASSERT_EQ(it.defects().size(), 1u);
  EXPECT_EQ(it.defects()[0].span, 0u);
  EXPECT_EQ(it.defects()[0].reason, reason);
}

TEST(OtlpLimits, nesting_of_values) {
  for (auto nest : {nested_arrays, nested_lists}) {
    OneSpan at_limit(attribute("k", nest(16)));
    EXPECT_TRUE(at_limit.defects().empty());
    EXPECT_NE(at_limit.value(), Value::empty());
    std::string beyond = nest(17);
    expect_defect(OneSpan(sized_field(1, "id") + attribute("k", beyond)), DefectReason::ValueDepth);
    std::string event = sized_field(11, sized_field(3, sized_field(2, beyond)));
    expect_defect(OneSpan(sized_field(1, "id") + event), DefectReason::ValueDepth);
    std::string link = sized_field(13, sized_field(4, sized_field(2, beyond)));
    expect_defect(OneSpan(sized_field(1, "id") + link), DefectReason::ValueDepth);
    expect_defect(OneSpan(sized_field(1, "id") + attribute("k", nest(5000))),
                  DefectReason::ValueDepth);
  }
}

TEST(OtlpLimits, lists_of_a_span) {
  struct Case {
    std::string entry;
    DefectReason reason;
  };
  for (const Case& c : std::initializer_list<Case>{
           {sized_field(9, ""), DefectReason::Attributes},
           {sized_field(11, ""), DefectReason::Events},
           {sized_field(13, ""), DefectReason::Links},
       }) {
    std::string id = sized_field(1, "id");
    EXPECT_TRUE(OneSpan(repeat(c.entry, 16'384) + id).defects().empty());
    expect_defect(OneSpan(repeat(c.entry, 16'385) + id), c.reason);
  }
  std::string attributes = repeat(sized_field(3, ""), 16'385);
  expect_defect(OneSpan(sized_field(1, "id") + sized_field(11, attributes)),
                DefectReason::Attributes);
}

TEST(OtlpLimits, what_a_resource_or_scope_passes_its_spans_pass) {
  std::string many = repeat(sized_field(1, ""), 16'385);
  std::string many_of_scope = repeat(sized_field(3, ""), 16'385);
  std::string good = sized_field(2, sized_field(2, ""));
  std::string bad_scope =
      sized_field(2, sized_field(2, "") + sized_field(2, "") + sized_field(1, many_of_scope));
  std::string bytes = sized_field(1, good + bad_scope) + sized_field(1, good) +
                      sized_field(1, good + bad_scope + sized_field(1, many));
  auto request = decode_otlp(bytes);
  ASSERT_TRUE(request.ok());
  std::vector<uint32_t> refused;
  for (const SpanDefect& defect : request->defects) refused.push_back(defect.span);
  EXPECT_EQ(refused, (std::vector<uint32_t>{1, 2, 4, 5, 6}));
}

TEST(OtlpLimits, spans_of_a_request) {
  DecodeLimits limits;
  limits.spans = 100;
  auto request_of = [](size_t spans) {
    return sized_field(1, sized_field(2, repeat(sized_field(2, ""), spans / 2))) +
           sized_field(1, sized_field(2, repeat(sized_field(2, ""), spans - spans / 2)));
  };
  std::string at_limit = request_of(100);
  EXPECT_EQ(decode_otlp(at_limit, limits)->batch.spans.size(), 100u);
  std::string beyond = request_of(101);
  DecodedRequest request;
  Status status = decode_otlp(beyond, limits, request);
  EXPECT_EQ(status.code(), Code::ResourceExhausted);
  EXPECT_EQ(status.message(), "request has more than 100 spans");
  EXPECT_TRUE(request.batch.spans.empty());
  std::string million = request_of(1'000'000);
  EXPECT_TRUE(decode_otlp(million).ok());
  EXPECT_EQ(decode_otlp(request_of(1'000'001)).status().code(), Code::ResourceExhausted);
}

TEST(OtlpLimits, memory_of_the_decoded_form) {
  DecodeLimits limits;
  limits.memory_bytes = 1 << 20;
  constexpr size_t kMany = 60'000;
  std::string values = attribute("k", sized_field(5, repeat(sized_field(1, ""), kMany + 10'000)));
  std::string entries = attribute("k", sized_field(6, repeat(sized_field(1, ""), kMany)));
  std::string refs = sized_field(1, sized_field(1, repeat(sized_field(3, ""), kMany)));
  std::string keys =
      sized_field(1, sized_field(1, sized_field(3, repeat(sized_field(3, ""), 70'000))));
  std::string merged = sized_field(1, repeat(sized_field(1, sized_field(1, "")), kMany));
  for (const std::string& bytes :
       {request_of_span(values), request_of_span(entries), refs, keys, merged,
        repeat(sized_field(1, ""), kMany), sized_field(1, repeat(sized_field(2, ""), kMany))}) {
    EXPECT_EQ(decode_otlp(bytes, limits).status().code(), Code::ResourceExhausted);
  }
}

}  // namespace
}  // namespace spoor::wire
