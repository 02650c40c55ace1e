// The filter of one trace against a look at every pair of spans.
#include "query/trace_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "base/bytes.h"
#include "traceql/traceql.h"

namespace spoor::query {
namespace {

using Random = std::mt19937_64;

// A trace of spans called "hit" or "miss"; parents anywhere, also missing ones and circles.
SpanBatch random_trace(Random& random) {
  SpanBatch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  const uint64_t count = 1 + random() % 30;
  for (uint64_t i = 0; i < count; ++i) {
    std::string id, parent;
    append_le(id, i + 1);
    append_le(parent, 1 + random() % (random() % 4 == 0 ? count + 3 : i + 1));
    Span span;
    span.trace_id = "0123456789abcdef";
    span.span_id = batch.arena.copy(id);
    if (i > 0 && random() % 10 != 0) span.parent_span_id = batch.arena.copy(parent);
    span.name = random() % 5 == 0 ? "hit" : "miss";
    span.start = UnixNanos{1'000 + random() % 50};
    span.end = span.start;
    batch.spans.push_back(span);
  }
  return batch;
}

// How many steps up from one span to another; nothing if there is no way.
std::optional<uint64_t> steps_up(const std::map<std::string_view, const Span*>& spans,
                                 const Span& from, const Span& to) {
  const Span* at = &from;
  for (uint64_t steps = 0; steps <= spans.size(); ++steps) {
    if (at == &to) return steps;
    auto parent = spans.find(at->parent_span_id);
    if (parent == spans.end() || parent->second == at) return std::nullopt;
    at = parent->second;
  }
  return std::nullopt;
}

std::set<std::string_view> kept_by_hand(const SpanBatch& batch, uint64_t up, uint64_t down) {
  std::map<std::string_view, const Span*> spans;
  for (const Span& span : batch.spans) spans[span.span_id] = &span;
  std::set<std::string_view> kept;
  for (const Span& hit : batch.spans) {
    if (hit.name != "hit") continue;
    for (const Span& other : batch.spans) {
      auto above = steps_up(spans, hit, other), below = steps_up(spans, other, hit);
      if ((above && *above <= up) || (below && *below <= down)) kept.insert(other.span_id);
    }
  }
  return kept;
}

TEST(TraceFilter, keeps_matches_and_what_is_around_them) {
  traceql::Query query = *traceql::parse_checked("{ name = `hit` }");
  TraceqlPlan plan = *TraceqlPlan::make(query);
  Random random(11);
  constexpr uint64_t kLevels[] = {0, 1, 2, kAllLevels};
  for (int round = 0; round < 400; ++round) {
    SpanBatch batch = random_trace(random);
    TraceFilter filter{plan, kLevels[random() % 4], kLevels[random() % 4]};
    auto expected = kept_by_hand(batch, filter.levels_of_parents, filter.levels_of_children);
    auto hits = static_cast<uint64_t>(
        std::ranges::count(batch.spans, std::string_view("hit"), &Span::name));
    std::vector<std::string_view> order;
    for (const Span& span : batch.spans) order.push_back(span.span_id);
    std::erase_if(order, [&](std::string_view id) { return !expected.contains(id); });

    auto filtered = filter_trace(filter, batch);
    ASSERT_TRUE(filtered.ok()) << filtered.status().to_string();
    EXPECT_EQ(filtered->matched, hits);
    EXPECT_EQ(filtered->kept, expected.size());
    std::vector<std::string_view> left;
    for (const Span& span : batch.spans) left.push_back(span.span_id);
    EXPECT_EQ(left, order);
  }
}

TEST(TraceFilter, an_error_of_the_condition_leaves_the_trace_alone) {
  traceql::Query query = *traceql::parse_checked("{ 1 / (nestedSetLeft - nestedSetLeft) = 1 }");
  TraceqlPlan plan = *TraceqlPlan::make(query);
  Random random(12);
  SpanBatch batch = random_trace(random);
  const size_t before = batch.spans.size();
  EXPECT_EQ(filter_trace({plan}, batch).status().code(), Code::InvalidArgument);
  EXPECT_EQ(batch.spans.size(), before);
}

}  // namespace
}  // namespace spoor::query
