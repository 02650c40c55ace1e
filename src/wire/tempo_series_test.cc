#include "wire/tempo_series.h"

#include <gtest/gtest.h>

#include <array>

#include "wire/tempo_metrics.h"

namespace spoor::wire {
namespace {

TEST(TempoSeries, what_the_encoder_writes_is_read) {
  const KeyValue labels[] = {{"name", Value::of_string("GET \"/\"")},
                             {"p", Value::of_double(0.5)},
                             {"n", Value::of_int(7)},
                             {"b", Value::of_bool(true)}};
  const TempoSample samples[] = {{1'700'000'000'000, 1.5}, {1'700'000'060'000, 0}};
  const TempoSeries series[] = {{labels, samples, {}}, {{}, {}, {}}};
  auto read = decode_tempo_query_range(encode_tempo_query_range(
      std::array{encode_tempo_series(series)}, {}, {TempoTraceStatus::Partial, "cut"}));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->message, "cut");
  ASSERT_EQ(read->series.size(), 2u);
  const ListedSeries& first = read->series[0];
  std::vector<std::pair<std::string, std::string>> expected = {
      {"name", "GET \"/\""}, {"p", "0.5"}, {"n", "7"}, {"b", "true"}};
  EXPECT_EQ(first.labels, expected);
  ASSERT_EQ(first.points.size(), 2u);
  EXPECT_EQ(first.points[0].time_ms, 1'700'000'000'000);
  EXPECT_EQ(first.points[0].value, 1.5);
  EXPECT_EQ(first.points[1].value, 0);
  EXPECT_TRUE(read->series[1].points.empty());
}

TEST(TempoSeries, what_is_something_else_is_refused_with_its_place) {
  auto read = decode_tempo_query_range(R"({"series":[{"samples":[{"value":[]}]}]})");
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().message().find("series[0].samples[0].value"), std::string::npos)
      << read.status().message();
  EXPECT_FALSE(decode_tempo_query_range("[").ok());
}

}  // namespace
}  // namespace spoor::wire
