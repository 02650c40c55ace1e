#include "wire/jaeger_summaries.h"

#include <gtest/gtest.h>

#include "wire/jaeger_v3.h"

namespace spoor::wire {
namespace {

TEST(JaegerSummaries, what_was_written_is_read_back) {
  JaegerSummary summary;
  summary.id = TraceId{{1, 2, 3}};
  summary.root_service = "shop";
  summary.root_name = "GET \"/\"";
  summary.start = UnixNanos{1'795'000'000'000'000'001};
  summary.end = UnixNanos{1'795'000'000'000'000'009};
  summary.span_count = 5;
  summary.error_count = 1;
  summary.services = {{"cart", 2, 0}, {"shop", 3, 1}};
  JaegerSummary bare;
  bare.id = TraceId{{9}};
  std::vector<JaegerSummary> written = {summary, bare};
  auto read = decode_jaeger_v3_summaries(encode_jaeger_v3_summaries(written));
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].id, summary.id);
  EXPECT_EQ((*read)[0].root_service, summary.root_service);
  EXPECT_EQ((*read)[0].root_name, summary.root_name);
  EXPECT_EQ((*read)[0].start, summary.start);
  EXPECT_EQ((*read)[0].end, summary.end);
  EXPECT_EQ((*read)[0].span_count, 5u);
  EXPECT_EQ((*read)[0].error_count, 1u);
  EXPECT_EQ((*read)[0].service_count, 2u);
  EXPECT_EQ((*read)[1].span_count, 0u);
  EXPECT_TRUE(decode_jaeger_v3_summaries(encode_jaeger_v3_summaries({}))->empty());
}

TEST(JaegerSummaries, an_answer_of_another_kind_is_refused_with_the_place) {
  auto read = decode_jaeger_v3_summaries(R"({"summaries":[{"traceId":"zz"}]})");
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().message().find("traceId"), std::string::npos);
  EXPECT_FALSE(decode_jaeger_v3_summaries("<html>").ok());
  EXPECT_FALSE(decode_jaeger_v3_summaries(R"({"summaries":7})").ok());
}

}  // namespace
}  // namespace spoor::wire
