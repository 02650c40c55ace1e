#include "app/demo_shop.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/utf8.h"

namespace spoor::app {
namespace {

constexpr UnixNanos kStart{1'767'225'600 * kNanosPerSecond};

// Many traces in one batch, a second apart.
SpanBatch shop_traces(uint64_t seed, size_t count) {
  DemoShop shop(seed);
  SpanBatch batch;
  for (size_t i = 0; i < count; ++i) {
    shop.append_trace({kStart.value + i * kNanosPerSecond}, batch);
  }
  return batch;
}

std::string text_attribute(Attributes attributes, std::string_view key) {
  const Value* value = find_attribute(attributes, key);
  return value == nullptr ? "" : std::string(value->as_string());
}

TEST(DemoShop, the_same_seed_gives_the_same_spans) {
  SpanBatch a = shop_traces(7, 50), b = shop_traces(7, 50), c = shop_traces(8, 50);
  EXPECT_TRUE(std::ranges::equal(a.spans, b.spans));
  EXPECT_TRUE(std::ranges::equal(a.resources, b.resources));
  EXPECT_TRUE(std::ranges::equal(a.scopes, b.scopes));
  EXPECT_FALSE(std::ranges::equal(a.spans, c.spans));
}

TEST(DemoShop, a_trace_is_whole_and_its_parents_enclose_their_synchronous_children) {
  SpanBatch batch = shop_traces(1, 300);
  std::map<std::string_view, const Span*> by_id;
  for (const Span& span : batch.spans) {
    ASSERT_EQ(span.trace_id.size(), 16u);
    ASSERT_EQ(span.span_id.size(), 8u);
    ASSERT_TRUE(by_id.emplace(span.span_id, &span).second);
    ASSERT_LT(span.resource, batch.resources.size());
    ASSERT_LT(span.scope, batch.scopes.size());
    EXPECT_GT(span.end, span.start);
    EXPECT_FALSE(span.name.empty());
  }
  std::set<std::string_view> roots;
  for (const Span& span : batch.spans) {
    if (!span.has_parent()) {
      EXPECT_TRUE(roots.insert(span.trace_id).second);
      continue;
    }
    ASSERT_TRUE(by_id.contains(span.parent_span_id));
    const Span& parent = *by_id[span.parent_span_id];
    EXPECT_EQ(parent.trace_id, span.trace_id);
    EXPECT_GE(span.start, parent.start);
    if (span.kind != kKindConsumer) {
      EXPECT_LE(span.end, parent.end);
    }
  }
  EXPECT_EQ(roots.size(), 300u);
}

TEST(DemoShop, every_service_speaks_and_says_who_it_is) {
  SpanBatch batch = shop_traces(2, 400);
  std::set<std::string_view> names, versions;
  for (const Resource& resource : batch.resources) {
    EXPECT_TRUE(resource.present);
    names.insert(resource.service_name());
    if (resource.service_name() == "catalog") {
      versions.insert(find_attribute(resource.attributes, "service.version")->as_string());
    }
    EXPECT_NE(text_attribute(resource.attributes, "telemetry.sdk.language"), "");
    EXPECT_NE(text_attribute(resource.attributes, "k8s.pod.name"), "");
  }
  EXPECT_EQ(names.size(), kServices);
  EXPECT_EQ(versions, (std::set<std::string_view>{"2.3.1", "2.4.0"}));
}

TEST(DemoShop, the_slow_release_is_slow) {
  SpanBatch batch = shop_traces(3, 400);
  std::map<std::string, std::pair<uint64_t, uint64_t>> nanos_and_count;
  for (const Span& span : batch.spans) {
    const Resource& resource = batch.resources[span.resource];
    if (resource.service_name() != "catalog" || span.kind != kKindServer) continue;
    auto& [nanos, count] = nanos_and_count[text_attribute(resource.attributes, "service.version")];
    nanos += span.end.value - span.start.value;
    ++count;
  }
  auto [slow_nanos, slow_count] = nanos_and_count["2.4.0"];
  auto [usual_nanos, usual_count] = nanos_and_count["2.3.1"];
  ASSERT_GT(slow_count, 50u);
  EXPECT_GT(slow_nanos / slow_count, 10 * usual_nanos / usual_count);
}

TEST(DemoShop, failures_carry_exceptions_and_reach_the_root) {
  SpanBatch batch = shop_traces(4, 600);
  size_t exceptions = 0, failed_roots = 0, failed = 0;
  for (const Span& span : batch.spans) {
    failed += span.status.code == kStatusError ? 1 : 0;
    failed_roots += span.status.code == kStatusError && !span.has_parent() ? 1 : 0;
    for (const Event& event : span.events) {
      EXPECT_EQ(event.name, "exception");
      EXPECT_NE(text_attribute(event.attributes, "exception.message"), "");
      EXPECT_GE(event.time, span.start);
      EXPECT_LE(event.time, span.end);
      ++exceptions;
    }
  }
  EXPECT_GT(exceptions, 5u);
  EXPECT_GT(failed_roots, 2u);
  EXPECT_LT(failed * 20, batch.spans.size());
}

TEST(DemoShop, consumers_link_to_the_producers_of_their_messages) {
  SpanBatch batch = shop_traces(5, 600);
  std::set<std::pair<std::string_view, std::string_view>> producers;
  for (const Span& span : batch.spans) {
    if (span.kind == kKindProducer) producers.emplace(span.trace_id, span.span_id);
  }
  size_t other_traces = 0, same_trace = 0;
  for (const Span& span : batch.spans) {
    for (const Link& link : span.links) {
      EXPECT_TRUE(producers.contains({link.trace_id, link.span_id}));
      ++(link.trace_id == span.trace_id ? same_trace : other_traces);
    }
  }
  EXPECT_GT(other_traces, 10u);
  EXPECT_GT(same_trace, 10u);
}

TEST(DemoShop, kinds_have_the_attributes_of_their_conventions) {
  SpanBatch batch = shop_traces(6, 300);
  std::set<std::string_view> keys;
  for (const Span& span : batch.spans) {
    for (const KeyValue& attribute : span.attributes) keys.insert(attribute.key);
    EXPECT_TRUE(is_valid_utf8(span.name));
    if (span.kind == kKindClient) {
      EXPECT_NE(text_attribute(span.attributes, "server.address"), "");
    }
  }
  for (std::string_view key :
       {"http.request.method", "http.route", "http.response.status_code", "rpc.service",
        "rpc.grpc.status_code", "db.system.name", "db.query.text", "messaging.destination.name",
        "app.order.amount", "app.order.express", "app.product.ids", "url.query"}) {
    EXPECT_TRUE(keys.contains(key)) << key;
  }
}

TEST(DemoShop, a_cleared_batch_is_filled_anew) {
  DemoShop shop(9);
  SpanBatch batch;
  for (size_t i = 0; i < 20; ++i) {
    batch.clear();
    while (batch.spans.size() < DemoShop::kBatchSpans) shop.append_trace(kStart, batch);
    EXPECT_LT(batch.spans.size(), DemoShop::kBatchSpans + 100);
    for (const Resource& resource : batch.resources) EXPECT_FALSE(resource.service_name().empty());
  }
}

}  // namespace
}  // namespace spoor::app
