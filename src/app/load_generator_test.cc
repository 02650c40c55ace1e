// What `spoor load` makes, as a receiver reads it.
#include "app/load_generator.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/load_source.h"
#include "base/bytes.h"
#include "os/memory_world.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"

namespace spoor::app {
namespace {

constexpr UnixNanos kStart{1'795'000'000'000'000'000};
constexpr size_t kSpansPerRequest = 512;

// Requests and what they decode to, which points into them.
class Made {
 public:
  Made(uint64_t seed, size_t requests) {
    LoadGenerator generator(seed);
    for (size_t i = 0; i < requests; ++i) {
      auto& request = bodies_.emplace_back(std::make_unique<std::string>());
      generator.next(kSpansPerRequest, UnixNanos{kStart.value + i * kNanosPerMilli}, *request);
      auto decoded = wire::decode_otlp(*request);
      EXPECT_TRUE(decoded.ok()) << decoded.status().to_string();
      EXPECT_TRUE(decoded->defects.empty());
      decoded_.push_back(std::move(*decoded));
    }
  }

  template <typename Visit>
  void each(Visit visit) const {
    for (const wire::DecodedRequest& request : decoded_) {
      for (const Span& span : request.batch.spans) visit(request.batch, span);
    }
  }
  std::string bytes() const {
    std::string all;
    for (const auto& body : bodies_) all.append(*body);
    return all;
  }
  const std::vector<wire::DecodedRequest>& decoded() const { return decoded_; }

 private:
  std::vector<std::unique_ptr<std::string>> bodies_;
  std::vector<wire::DecodedRequest> decoded_;
};

TEST(LoadGenerator, requests_have_the_spans_asked_for) {
  Made made(1, 20);
  for (const wire::DecodedRequest& request : made.decoded()) {
    EXPECT_EQ(request.batch.spans.size(), kSpansPerRequest);
    EXPECT_LE(request.batch.resources.size(), 96u);
  }
}

TEST(LoadGenerator, every_span_is_valid) {
  Made made(2, 100);
  std::set<std::string> ids;
  size_t attributes = 0, spans = 0, failed = 0;
  made.each([&](const SpanBatch& batch, const Span& span) {
    ASSERT_EQ(span.trace_id.size(), 16u);
    ASSERT_EQ(span.span_id.size(), 8u);
    ASSERT_TRUE(span.parent_span_id.empty() || span.parent_span_id.size() == 8);
    EXPECT_TRUE(ids.insert(std::string(span.trace_id) + std::string(span.span_id)).second);
    EXPECT_LT(span.start.value, span.end.value);
    EXPECT_GE(span.start.value, kStart.value);
    EXPECT_LT(span.end.value - span.start.value, 2 * kNanosPerSecond);
    EXPECT_FALSE(span.name.empty());
    EXPECT_FALSE(batch.resources[span.resource].service_name().empty());
    EXPECT_FALSE(batch.scopes[span.scope].name.empty());
    for (const KeyValue& each : span.attributes) {
      if (each.value.type() != ValueType::String) continue;
      std::string_view text = each.value.as_string();  // no place left as it was in the template
      EXPECT_EQ(text.find_first_of("{}"), text.npos) << each.key << "=" << text;
      EXPECT_EQ(text.find("***"), text.npos) << each.key << "=" << text;
    }
    for (const Event& event : span.events) EXPECT_EQ(event.time, span.end);
    for (const Link& link : span.links) EXPECT_NE(link.trace_id, span.trace_id);
    attributes += span.attributes.size();
    ++spans;
    failed += span.status.code == kStatusError ? 1 : 0;
  });
  EXPECT_NEAR(static_cast<double>(attributes) / static_cast<double>(spans), 7.5, 1.5);
  EXPECT_GT(failed, spans / 200);
  EXPECT_LT(failed, spans / 20);
}

TEST(LoadGenerator, traces_are_trees_with_children_within_their_servers) {
  Made made(3, 100);
  std::map<std::string_view, std::map<std::string_view, const Span*>> traces;
  made.each(
      [&](const SpanBatch&, const Span& span) { traces[span.trace_id][span.span_id] = &span; });
  size_t whole = 0, spans = 0;
  for (const auto& [id, trace] : traces) {
    auto is_root = [](const auto& entry) { return !entry.second->has_parent(); };
    auto roots = std::ranges::count_if(trace, is_root);
    ASSERT_LE(roots, 1);
    if (roots == 0) continue;
    ++whole;
    spans += trace.size();
    EXPECT_GE(trace.size(), 6u);
    for (const auto& [span_id, span] : trace) {
      if (!span->has_parent()) continue;
      auto parent = trace.find(span->parent_span_id);
      ASSERT_NE(parent, trace.end());
      EXPECT_GE(span->start.value, parent->second->start.value);
    }
  }
  EXPECT_GE(whole + 1, traces.size());
  double spans_per_trace = static_cast<double>(spans) / static_cast<double>(whole);
  EXPECT_GT(spans_per_trace, 8);
  EXPECT_LT(spans_per_trace, 20);
}

TEST(LoadGenerator, services_and_operations_are_those_of_a_shop) {
  Made made(4, 200);
  std::map<std::string, std::set<std::string>> operations;
  std::set<std::string> pods;
  made.each([&](const SpanBatch& batch, const Span& span) {
    const Resource& resource = batch.resources[span.resource];
    operations[std::string(resource.service_name())].insert(std::string(span.name));
    for (const KeyValue& each : resource.attributes) {
      if (each.key == "k8s.pod.name") pods.insert(std::string(each.value.as_string()));
    }
    EXPECT_EQ(resource.attributes.size(), 17u);
  });
  EXPECT_EQ(operations.size(), 16u);
  EXPECT_GE(pods.size(), 48u);
  EXPECT_THAT(operations["cart"], testing::UnorderedElementsAre("EXPIRE", "HGET", "HMSET",
                                                                "oteldemo.CartService/GetCart",
                                                                "oteldemo.CartService/AddItem"));
  EXPECT_THAT(operations["load-generator"],
              testing::UnorderedElementsAre("GET", "POST", "user_get", "user_post"));
  EXPECT_TRUE(operations["frontend"].contains("POST /api/checkout"));
  EXPECT_TRUE(operations["fraud-detection"].contains("orders receive"));
}

TEST(LoadGenerator, the_same_seed_makes_the_same_bytes) {
  EXPECT_EQ(Made(5, 10).bytes(), Made(5, 10).bytes());
  EXPECT_NE(Made(5, 10).bytes(), Made(6, 10).bytes());
}

TEST(LoadGenerator, its_bytes_are_those_of_the_encoder) {
  Made made(7, 5);
  for (const wire::DecodedRequest& request : made.decoded()) {
    std::string encoded = wire::encode_otlp(request.batch);
    auto again = wire::decode_otlp(encoded);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(std::ranges::equal(again->batch.spans, request.batch.spans));
  }
}

class LoadSourceTest : public testing::Test {
 protected:
  LoadSourceTest() { world_.set_now(kStart); }

  void write_corpus(const std::string& bytes) {
    auto file = world_.open("corpus", os::OpenMode::CreateNew);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->write_at(0, bytes).ok());
  }
  static std::string framed(const std::string& body) {
    std::string bytes;
    append_le(bytes, static_cast<uint32_t>(body.size()));
    return bytes + body;
  }

  os::MemoryWorld world_;
};

TEST_F(LoadSourceTest, generates_so_many_spans_over_the_history) {
  LoadSource source = generated_load(world_, {1, 1'300, 512, kNanosPerHour});
  std::string request;
  std::vector<uint64_t> sizes, starts;
  while (true) {
    auto spans = source(request);
    ASSERT_TRUE(spans.ok());
    if (*spans == 0) break;
    auto decoded = wire::decode_otlp(request);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(decoded->batch.spans.size(), *spans);
    sizes.push_back(*spans);
    uint64_t newest = 0;
    for (const Span& span : decoded->batch.spans) newest = std::max(newest, span.start.value);
    starts.push_back(newest);
  }
  EXPECT_THAT(sizes, testing::ElementsAre(512, 512, 276));
  EXPECT_LT(starts[0], kStart.value - 59 * kNanosPerMinute);
  EXPECT_GT(starts[2], kStart.value - 25 * kNanosPerMinute);
  EXPECT_LT(starts[2], kStart.value);
}

TEST_F(LoadSourceTest, a_corpus_is_shifted_so_that_its_last_span_ends_now) {
  LoadGenerator generator(8);
  std::string bodies[2], bytes;
  for (std::string& body : bodies) {
    generator.next(300, UnixNanos{kStart.value - kNanosPerDay}, body);
    bytes += framed(body);
  }
  write_corpus(bytes);
  auto source = corpus_load(world_, "corpus", 400);
  ASSERT_TRUE(source.ok()) << source.status().to_string();
  uint64_t last_end = 0;
  std::vector<uint64_t> sizes;
  std::string request;
  for (size_t i = 0;; ++i) {
    auto spans = (*source)(request);
    ASSERT_TRUE(spans.ok());
    if (*spans == 0) break;
    sizes.push_back(*spans);
    auto original = wire::decode_otlp(bodies[i]);
    auto moved = wire::decode_otlp(request);
    ASSERT_TRUE(original.ok() && moved.ok());
    for (size_t at = 0; at < moved->batch.spans.size(); ++at) {
      const Span& before = original->batch.spans[at];
      const Span& after = moved->batch.spans[at];
      EXPECT_EQ(after.span_id, before.span_id);
      EXPECT_EQ(after.attributes.size(), before.attributes.size());
      EXPECT_EQ(after.end.value - after.start.value, before.end.value - before.start.value);
      for (const Event& event : after.events) EXPECT_EQ(event.time, after.end);
      last_end = std::max(last_end, after.end.value);
    }
  }
  EXPECT_THAT(sizes, testing::ElementsAre(300, 100));
  EXPECT_LE(last_end, kStart.value);
  EXPECT_GT(last_end, kStart.value - kNanosPerSecond);
}

TEST_F(LoadSourceTest, a_damaged_corpus_is_named_with_its_place) {
  write_corpus(framed("") + "ab");
  EXPECT_THAT(corpus_load(world_, "corpus", 9).status().message(),
              testing::HasSubstr("corpus at byte 4"));
  EXPECT_THAT(corpus_load(world_, "none", 9).status().message(), testing::HasSubstr("none"));
}

}  // namespace
}  // namespace spoor::app
