// Tests of test/support/arbitrary_spans.h, which every folder's property tests stand on.
#include "support/arbitrary_spans.h"

#include <gtest/gtest.h>

#include <set>

namespace spoor::test {
namespace {

TEST(ArbitrarySpans, a_seed_gives_the_same_batch_again) {
  std::mt19937_64 first(7);
  std::mt19937_64 second(7);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(same_spans(arbitrary_batch(first), arbitrary_batch(second)));
  }
}

TEST(ArbitrarySpans, valid_ids_and_recent_times_on_demand) {
  std::mt19937_64 random(8);
  ArbitraryOptions options;
  options.link_ids = IdLengths::Valid;
  options.times = Times::Recent;
  for (int i = 0; i < 300; ++i) {
    SpanBatch batch = arbitrary_batch(random, options);
    for (const Span& span : batch.spans) {
      ASSERT_EQ(span.trace_id.size(), TraceId::kSize);
      ASSERT_EQ(span.span_id.size(), SpanId::kSize);
      ASSERT_FALSE(TraceId::from_bytes(span.trace_id).is_zero());
      ASSERT_FALSE(SpanId::from_bytes(span.span_id).is_zero());
      size_t parent = span.parent_span_id.size();
      ASSERT_TRUE(parent == 0 || parent == SpanId::kSize);
      ASSERT_LE(span.start, options.now);
      ASSERT_LE(span.start, span.end);
      for (const Link& link : span.links) ASSERT_EQ(link.trace_id.size(), TraceId::kSize);
    }
  }
}

TEST(ArbitrarySpans, every_oddity_occurs) {
  std::mt19937_64 random(9);
  ArbitraryOptions options;
  options.ids = IdLengths::Arbitrary;
  std::set<ValueType> types;
  std::set<std::string> seen;
  for (int i = 0; i < 300; ++i) {
    SpanBatch batch = arbitrary_batch(random, options);
    for (const Resource& it : batch.resources) {
      seen.insert(it.present ? "resource" : "no resource");
      if (!it.entity_refs.empty()) seen.insert("entity");
    }
    for (const Span& span : batch.spans) {
      for (const KeyValue& it : span.attributes) types.insert(it.value.type());
      if (span.trace_id.size() != TraceId::kSize) seen.insert("odd id");
      if (span.end < span.start) seen.insert("end before start");
      if (span.kind > kKindConsumer) seen.insert("unknown kind");
      if (span.parent_span_id == span.span_id) seen.insert("own parent");
      if (!span.events.empty()) seen.insert("event");
      if (!span.links.empty()) seen.insert("link");
    }
  }
  EXPECT_EQ(types.size(), 9u);
  EXPECT_EQ(seen.size(), 9u);
}

TEST(ArbitrarySpans, a_copy_is_the_same_and_a_change_is_seen) {
  std::mt19937_64 random(10);
  for (int i = 0; i < 100; ++i) {
    SpanBatch batch = arbitrary_batch(random);
    SpanBatch copy = copy_batch(batch);
    ASSERT_TRUE(same_spans(batch, copy));
    if (copy.spans.empty()) continue;
    copy.spans.back().flags ^= 1;
    auto changed = same_spans(batch, copy);
    ASSERT_FALSE(changed);
    EXPECT_NE(std::string(changed.message()).find("missing (1 times)"), std::string::npos);
    copy.spans.pop_back();
    ASSERT_FALSE(same_spans(batch, copy));
  }
}

}  // namespace
}  // namespace spoor::test
