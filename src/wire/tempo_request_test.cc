// Requests as protobuf's own runtime writes them.
#include "wire/tempo_request.h"

#include <gmock/gmock.h>

#include "base/bytes.h"

namespace spoor::wire {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(append_from_hex(bytes, hex));
  return bytes;
}

TEST(TempoRequest, a_search) {
  const std::string bytes = bytes_of(
      "0a0d0a056572726f72120474727565"                // Tags["error"] = "true"
      "0a140a0c736572766963652e6e616d65120473686f70"  // Tags["service.name"] = "shop"
      "1005"                                          // MinDurationMs
      "18e807"                                        // MaxDurationMs
      "2014"                                          // Limit
      "28a8edd6ca06"                                  // start
      "30c88cd7ca06"                                  // end
      "42027b7d"                                      // Query
      "4803"                                          // SpansPerSpanSet
      "520408011002");                                // of Tempo's own parts
  auto message = decode_tempo_search_request(bytes);
  ASSERT_TRUE(message.ok()) << message.status().to_string();
  EXPECT_THAT(message->tags, ElementsAre(Pair("error", "true"), Pair("service.name", "shop")));
  EXPECT_EQ(message->duration_min_ms, 5u);
  EXPECT_EQ(message->duration_max_ms, 1'000u);
  EXPECT_EQ(message->limit, 20u);
  EXPECT_EQ(message->range.start, 1'767'225'000u);
  EXPECT_EQ(message->range.end, 1'767'229'000u);
  EXPECT_EQ(message->query, "{}");
  EXPECT_EQ(message->spans_per_spanset, 3u);
  EXPECT_TRUE(decode_tempo_search_request("").ok());
}

TEST(TempoRequest, completion) {
  const std::string tags_bytes = bytes_of("0a047370616e12027b7d18a8edd6ca0620c88cd7ca062888273007");
  auto tags = decode_tempo_tags_request(tags_bytes);
  ASSERT_TRUE(tags.ok());
  EXPECT_EQ(tags->scope, "span");
  EXPECT_EQ(tags->query, "{}");
  EXPECT_EQ(tags->range.start, 1'767'225'000u);
  EXPECT_EQ(tags->range.end, 1'767'229'000u);
  EXPECT_EQ(tags->limit, 5'000u);
  const std::string values_bytes =
      bytes_of("0a046e616d6512027b7d20a8edd6ca0628c88cd7ca063088273803");
  auto values = decode_tempo_tag_values_request(values_bytes);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(values->tag, "name");
  EXPECT_EQ(values->query, "{}");
  EXPECT_EQ(values->range.start, 1'767'225'000u);
  EXPECT_EQ(values->range.end, 1'767'229'000u);
  EXPECT_EQ(values->limit, 5'000u);
}

TEST(TempoRequest, metrics) {
  const std::string bytes = bytes_of(
      "0a0b7b7d207c207261746528291080a0c2d9e3b89cc3181880a093ee98ad9dc318"  // query, start, end
      "2080acc7f037"                                                        // step
      "800164"                                                              // exemplars
      "880132");                                                            // maxSeries
  auto range = decode_tempo_range_request(bytes);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->query, "{} | rate()");
  EXPECT_EQ(range->start, 1'767'225'000'000'000'000u);
  EXPECT_EQ(range->end, 1'767'229'000'000'000'000u);
  EXPECT_EQ(range->step, 15'000'000'000u);
  EXPECT_EQ(range->exemplars, 100u);
  EXPECT_EQ(range->series_max, 50u);
  auto instant = decode_tempo_instant_request(bytes);
  ASSERT_TRUE(instant.ok());
  EXPECT_EQ(instant->query, range->query);
  EXPECT_EQ(instant->end, range->end);
  EXPECT_EQ(instant->step, 0u);
  EXPECT_EQ(decode_tempo_range_request(bytes.substr(0, 5)).status().message(),
            "malformed QueryRangeRequest: at byte 0 of 5");
}

TEST(TempoRequest, what_is_cut_is_refused_with_its_place) {
  const std::string bytes = bytes_of("201442027b7d");
  EXPECT_EQ(decode_tempo_search_request(bytes.substr(0, 5)).status().message(),
            "malformed SearchRequest: at byte 2 of 5");
  EXPECT_EQ(decode_tempo_search_request(bytes_of("0a020a05")).status().code(),
            Code::InvalidArgument);
  EXPECT_EQ(decode_tempo_tags_request("\x0a\x05x").status().message(),
            "malformed SearchTagsRequest: at byte 0 of 3");
  EXPECT_EQ(decode_tempo_tag_values_request("\x07").status().code(), Code::InvalidArgument);
}

}  // namespace
}  // namespace spoor::wire
