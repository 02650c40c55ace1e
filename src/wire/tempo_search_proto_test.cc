// Tempo's answers as protobuf: exact bytes, and messages that are cut. test/clients decodes them
// with protobuf's own runtime.
#include "wire/tempo_search_proto.h"

#include <gtest/gtest.h>

#include <random>

#include "base/bytes.h"
#include "wire/protobuf.h"
#include "wire/tempo_listed.h"

namespace spoor::wire {
namespace {

TEST(TempoSearchProto, a_trace_with_everything) {
  std::vector<KeyValue> attributes = {{"a", Value::of_string("b")}};
  std::vector<TempoSpan> spans(1);
  spans[0] = {.id = SpanId{{1}},
              .name = "GET",
              .start = UnixNanos{3},
              .duration_nanos = 15,
              .attributes = attributes};
  std::vector<TempoSpanset> sets(2);
  sets[0] = {.spans = spans, .matched = 300, .attributes = attributes};
  sets[1].matched = 1;
  std::vector<TempoService> services = {{"shop", 3, 1}, {"", 0, 0}};
  std::vector<TempoTrace> traces(2);
  traces[0] = {.id = TraceId{{2}},
               .root_service = "shop",
               .root_name = "GET /",
               .start = UnixNanos{2},
               .duration_nanos = 1'999'999,
               .spansets = sets,
               .services = services};
  traces[1].has_root = false;
  const std::string attribute = std::string("\x0a\x01") + "a" + "\x12\x03\x0a\x01" + "b";
  const std::string span =
      "\x0a\x10" + to_hex(spans[0].id) + "\x12\x03GET\x18\x03\x20\x0f\x2a\x08" + attribute;
  const std::string set = "\x0a\x25" + span + "\x10\xac\x02\x1a\x08" + attribute;
  const std::string trace =
      "\x0a\x20" + to_hex(traces[0].id) + "\x12\x04shop\x1a\x05GET /\x20\x02" + "\x28\x01\x32\x34" +
      set + "\x3a\x34" + set + "\x3a\x02\x10\x01" + "\x42\x0c\x0a\x04shop\x12\x04\x08\x03\x10\x01" +
      std::string("\x42\x04\x0a\x00\x12\x00", 6);
  std::string expected = "\x0a";
  append_varint(expected, trace.size());
  expected += trace;
  const std::string second =
      "\x0a\x20" + to_hex(traces[1].id) + "\x12\x1c<root span not yet received>";
  expected += "\x0a\x40" + second + "\x12\x0c\x08\x01\x10\x02\x18\x03\x20\x04\x28\x05\x38\x07";
  TempoSearchMetrics metrics = {.inspected_traces = 1,
                                .inspected_bytes = 2,
                                .inspected_spans = 7,
                                .total_blocks = 3,
                                .completed_jobs = 4,
                                .total_jobs = 5};
  EXPECT_EQ(to_hex(encode_tempo_search_proto(traces, metrics)), to_hex(expected));
  EXPECT_EQ(to_hex(encode_tempo_search_proto({}, {})), "1200");

  auto listed = decode_tempo_search_proto(expected);
  ASSERT_TRUE(listed.ok()) << listed.status().to_string();
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ(listed->at(0).id, traces[0].id);
  EXPECT_EQ(listed->at(0).root_service, "shop");
  EXPECT_EQ(listed->at(0).root_name, "GET /");
  EXPECT_EQ(listed->at(0).start, UnixNanos{2});
  EXPECT_EQ(listed->at(0).end, UnixNanos{1'000'002});
  EXPECT_EQ(listed->at(0).span_count, 3u);
  EXPECT_EQ(listed->at(0).error_count, 1u);
  EXPECT_EQ(listed->at(0).service_count, 2u);
  EXPECT_EQ(listed->at(1).root_service, "<root span not yet received>");
  for (size_t size = 0; size < expected.size(); ++size) {
    auto cut = decode_tempo_search_proto(expected.substr(0, size));
    EXPECT_TRUE(!cut.ok() || cut->size() <= 2);
  }
}

TEST(TempoSearchProto, lists) {
  std::vector<std::string> names = {"a", "bc"};
  EXPECT_EQ(encode_tempo_tags_v1_proto(names, {1, 2}),
            std::string("\x0a\x01") + "a" + "\x0a\x02" + "bc" + "\x12\x04\x10\x02\x18\x01");
  std::vector<TempoTagScope> scopes = {{"span", names}};
  EXPECT_EQ(encode_tempo_tags_v2_proto(scopes), std::string("\x0a\x0d\x0a\x04span\x12\x01") + "a" +
                                                    "\x12\x02" + "bc" + std::string("\x12\x00", 2));
  std::vector<TempoTagValue> values = {{TempoValueType::Int, "7"}, {TempoValueType::String, ""}};
  EXPECT_EQ(encode_tempo_tag_values_v1_proto(values),
            std::string("\x0a\x01") + "7" + std::string("\x0a\x00\x12\x00", 4));
  EXPECT_EQ(encode_tempo_tag_values_v2_proto(values), std::string("\x0a\x08\x0a\x03int\x12\x01") +
                                                          "7" + "\x0a\x08\x0a\x06string" +
                                                          std::string("\x12\x00", 2));
}

// Nothing is lost, nothing comes twice, no part could have held more.
TEST(TempoSearchProto, long_answers_are_cut_between_items) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> names;
    for (size_t i = random() % 40; i > 0; --i) names.push_back(std::string(random() % 60, 'x'));
    const size_t bytes_max = 20 + random() % 100;
    const std::string whole = encode_tempo_tags_v1_proto(names, {3, 4});
    const std::string metrics = whole.substr(whole.size() - 6);
    std::string items;
    size_t free_bytes = 0;
    for (const std::string& part : split_tempo_message(whole, bytes_max)) {
      ASSERT_TRUE(part.ends_with(metrics));
      std::string_view list = std::string_view(part).substr(0, part.size() - metrics.size());
      ProtobufReader in(list);
      size_t count = 0, first_bytes = 0;
      for (; in.next(); ++count) {
        ASSERT_EQ(in.tag(), sized_tag(kTempoListField));
        in.skip();
        if (count == 0) first_bytes = in.field().size();
      }
      ASSERT_FALSE(in.failed());
      EXPECT_TRUE(part.size() <= bytes_max || count == 1) << part.size();
      EXPECT_GT(first_bytes + 1, free_bytes) << "it had room in the part before";
      free_bytes = bytes_max - std::min(bytes_max, part.size());
      items += list;
    }
    EXPECT_EQ(items + metrics, whole);
  }
}

}  // namespace
}  // namespace spoor::wire
