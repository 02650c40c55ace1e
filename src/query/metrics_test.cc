#include "query/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <memory>

#include "query/counted_pieces.h"
#include "store/limits.h"
#include "support/arbitrary_query.h"
#include "support/plain_traceql_metrics.h"
#include "support/seeds.h"
#include "support/shop.h"
#include "traceql/check.h"

namespace spoor::query {
namespace {

test::PlainValue plain_of(const TypedValue& value) {
  using traceql::Type;
  constexpr std::string_view kLetters = "onsifbdtk";  // in the order of Type
  test::PlainValue result = test::plain(value.value);
  if (value.type != Type::Any) result.type = kLetters[static_cast<size_t>(value.type)];
  return result;
}

test::PlainLabels plain_of(const std::vector<MetricsLabel>& labels) {
  test::PlainLabels result;
  for (const MetricsLabel& label : labels) {
    bool is_new =
        result.emplace(std::string(label.name), test::described(plain_of(label.value))).second;
    EXPECT_TRUE(is_new) << label.name;
  }
  return result;
}

std::string text_of(const test::PlainLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) text += name + "=" + value + " ";
  return text;
}

bool is_close(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) == std::isnan(b);
  return a == b || std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

// Random traces of a shop and of anything, and the oracle.
class MetricsTest : public testing::Test {
 protected:
  explicit MetricsTest(uint64_t seed = 1) : random_(seed), shop_(seed) {
    for (int i = 0; i < 4; ++i) {
      std::string& id = trace_ids_.emplace_back();
      append_le(id, random_()), append_le(id, random_());
    }
  }

  // A trace, or spans some of which belong to traces that come again and again.
  SpanBatch random_batch() {
    if (is_plain_ || random_() % 3 != 0) return shop_trace();
    test::ArbitraryOptions options;
    options.spans_max = 12;
    options.string_bytes_max = 40;
    options.attributes_max = 6;
    options.times = random_() % 4 == 0 ? test::Times::Any : test::Times::Recent;
    options.now.value = shop_.now();
    SpanBatch batch = test::arbitrary_batch(random_, options);
    for (Span& span : batch.spans) {
      if (random_() % 3 == 0) {
        span.trace_id = batch.arena.copy(trace_ids_[random_() % trace_ids_.size()]);
      }
    }
    return batch;
  }

  // Without what only whole traces tell: rollups do not know numbers of states without a name.
  SpanBatch shop_trace() {
    SpanBatch batch = shop_.trace();
    for (Span& span : batch.spans) {
      if (is_plain_ && span.status.code > kStatusError) span.status.code = kStatusError;
      if (has_lists_ && random_() % 8 == 0) add_many(batch, span);
      if (random_() % 3 == 0) sample(batch, span);
    }
    return batch;
  }

  // Weights are powers of two, so that sums of them are exact.
  void sample(SpanBatch& batch, Span& span) {
    constexpr std::string_view kStates[] = {"ot=th:0", "ot=th:8", "ot=rv:0123456789abcd;th:c",
                                            "vendor=1,ot=th:e", "vendor=1"};
    span.trace_state = kStates[random_() % std::size(kStates)];
    if (random_() % 8 != 0) return;
    span.trace_state = batch.arena.copy("ot=rv:" + std::to_string(random_()) + ";th:8");
  }

  // So many attributes that the store keeps them as one value; now and then a key twice.
  void add_many(SpanBatch& batch, Span& span) {
    std::vector<KeyValue> attributes(span.attributes.begin(), span.attributes.end());
    for (size_t i = 0; i < store::kShapeFieldsMax; ++i) {
      attributes.push_back({batch.arena.copy("key " + std::to_string(i)), Value::of_int(3)});
    }
    if (random_() % 40 == 0) attributes.push_back({"user", Value::of_string("17")});
    span.attributes = batch.arena.copy(std::span<const KeyValue>(attributes));
  }

  void append(SpanBatch batch) {
    batches_.push_back(std::make_unique<SpanBatch>(std::move(batch)));
    const SpanBatch& added = *batches_.back();
    store_.append(added);
    for (const Span& span : added.spans) traces_[std::string(span.trace_id)].add(added, span);
    spans_ += added.spans.size();
  }

  test::PlainRange random_range() {
    constexpr uint64_t kSteps[] = {kNanosPerSecond,     7 * kNanosPerSecond, kNanosPerMinute,
                                   5 * kNanosPerMinute, kNanosPerHour,       1'234'567'891};
    test::PlainRange range;
    range.step = kSteps[random_() % std::size(kSteps)];
    range.is_instant = random_() % 5 == 0;
    range.end = shop_.now() + kNanosPerMinute - random_() % (5 * kNanosPerMinute);
    range.start = range.end - 1 - random_() % std::min(kNanosPerHour, 40 * range.step);
    return range;
  }

  static MetricsIntervals intervals_of(const test::PlainRange& range) {
    auto intervals = range.is_instant
                         ? MetricsIntervals::of_instant({range.start}, {range.end})
                         : MetricsIntervals::of_range({range.start}, {range.end}, range.step);
    EXPECT_TRUE(intervals.ok()) << intervals.status().to_string();
    return *intervals;
  }

  // What the oracle says; nothing where it cannot tell.
  std::optional<test::PlainSeries> expected(const traceql::Query& query,
                                            const test::PlainRange& range) {
    for (auto& [id, trace] : traces_) trace.sort();
    try {
      return test::PlainMetrics(traces_, range).run(query);
    } catch (const std::runtime_error&) {
      return std::nullopt;
    }
  }

  void compare(const traceql::Query& query, const test::PlainRange& range,
               double tolerance = 1e-9) {
    std::string text = traceql::to_string(query) + " from " + std::to_string(range.start) + " to " +
                       std::to_string(range.end) + " step " + std::to_string(range.step);
    auto wanted = expected(query, range);
    if (!wanted) return;
    ++compared_;
    MetricsRequest request{.query = query, .intervals = intervals_of(range), .exemplars = 4};
    request.series_max = 1'000'000;
    for (MetricsRoad road : {MetricsRoad::Rollups, MetricsRoad::Scan, MetricsRoad::Traces}) {
      request.first_road = road;
      ASSERT_NO_FATAL_FAILURE(compare(request, *wanted, text, tolerance));
      // Once more from what is kept of the first time.
      ASSERT_NO_FATAL_FAILURE(compare(request, *wanted, text, tolerance));
    }
    ASSERT_EQ(range.ends().size(), request.intervals.count()) << text;
  }

  void compare(const MetricsRequest& request, const test::PlainSeries& wanted,
               const std::string& query, double tolerance) {
    std::string text = query + " on road " + std::to_string(static_cast<int>(request.first_road));
    QueryContext context(&helpers_, &budget_, &counted_);
    auto got = metrics(std::array{store_.snapshot()}, request, context);
    ASSERT_TRUE(got.ok()) << text << ": " << got.status().to_string();
    ASSERT_TRUE(got->missing.empty()) << got->missing.front();
    ASSERT_EQ(got->series_left_out, 0u);
    ASSERT_GE(got->road, request.first_road);
    ++answered_[static_cast<size_t>(got->road)];
    test::PlainSeries found;
    for (const MetricsSeries& series : got->series) {
      auto [place, is_new] = found.emplace(plain_of(series.labels), series.values);
      ASSERT_TRUE(is_new) << text << ": " << text_of(place->first);
    }
    for (const auto& [labels, points] : wanted) {
      ASSERT_TRUE(found.contains(labels)) << text << ": lacks " << text_of(labels);
      for (size_t k = 0; k < points.size(); ++k) {
        ASSERT_TRUE(is_close(points[k], found[labels][k], tolerance))
            << text << ": " << text_of(labels) << " at " << k << " is " << found[labels][k]
            << ", expected " << points[k];
        if (points[k] != 0 && !std::isnan(points[k])) ++points_;
      }
    }
    ASSERT_EQ(found.size(), wanted.size()) << text;
    for (const MetricsSeries& series : got->series) {
      for (const MetricsExemplar& exemplar : series.exemplars) {
        ASSERT_NO_FATAL_FAILURE(check_exemplar(exemplar, series, got->intervals)) << text;
      }
    }
  }

  // It is a span of the store, in range, and its labels are its own.
  void check_exemplar(const MetricsExemplar& exemplar, const MetricsSeries& series,
                      const MetricsIntervals& intervals) {
    ASSERT_TRUE(intervals.contains(exemplar.time));
    ASSERT_FALSE(std::isnan(exemplar.value));
    ASSERT_FALSE(std::isnan(series.values[intervals.of(exemplar.time)]));
    ASSERT_GE(exemplar.labels.size(), 2u);
    ASSERT_EQ(exemplar.labels[0].name, "trace:id");
    ASSERT_EQ(exemplar.labels[1].name, "span:id");
    std::string trace_id(exemplar.labels[0].value.value.as_string());
    bool is_known = false;
    for (const auto& [id, trace] : traces_) {
      if (to_hex(std::string_view(id)) != trace_id) continue;
      for (const auto& row : trace.rows) {
        is_known =
            is_known || (row.span->start == exemplar.time &&
                         to_hex(row.span->span_id) == exemplar.labels[1].value.value.as_string());
      }
    }
    ASSERT_TRUE(is_known) << trace_id;
    ++exemplars_;
  }

  std::mt19937_64 random_;
  test::Shop shop_;
  std::vector<std::string> trace_ids_;
  std::map<std::string, test::PlainTrace> traces_;
  std::vector<std::unique_ptr<SpanBatch>> batches_;
  test::ShopStore store_;
  os::MemoryBudget budget_{256 << 20};
  os::Executor helpers_{{.name = "query", .threads = 2}};
  CountedPieces counted_{1 << 20};
  bool is_plain_ = false;   // NOLINT: spans of the shop alone
  bool has_lists_ = false;  // NOLINT: attributes that are one value in sections
  size_t spans_ = 0;
  size_t compared_ = 0;
  size_t points_ = 0;
  size_t exemplars_ = 0;
  std::array<size_t, 3> answered_{};  // by road
};

test::QueryWeights weights() {
  test::QueryWeights weights;
  weights.depth = 1;
  weights.stages_max = 2;
  weights.metrics_percent = 100;
  weights.hints_percent = 0;
  weights.odd_names_percent = 0;
  weights.typed = true;
  weights.names = {"http.request.method", "db.system", "user", "peer.service",
                   "service.name",        "a",         "zone"};
  weights.texts = {"", "get", "cart", "redis", "17", "value-3", "exception"};
  weights.integers = {0, 1, -1, 2, 200, 404, INT64_MAX};
  return weights;
}

class AgainstPlainMetrics : public MetricsTest, public testing::WithParamInterface<uint64_t> {
 protected:
  AgainstPlainMetrics() : MetricsTest(GetParam()) {}
};

TEST_P(AgainstPlainMetrics, random_queries_count_the_same) {
  test::ArbitraryQueries queries(GetParam(), weights());
  is_plain_ = GetParam() % 2 == 0;
  for (int i = 0; i < 12; ++i) {
    append(random_batch());
    if (random_() % 5 == 0) store_.flush();
    if (random_() % 6 == 0) ASSERT_TRUE(store_.merge_all().ok());
    if (i % 4 != 3) continue;
    for (int k = 0; k < 12; ++k) {
      traceql::Query query = queries.query();
      if (random_() % 4 == 0) query.hints.push_back({"extrapolate", true, {}});
      ASSERT_TRUE(traceql::check(query, "").ok()) << traceql::to_string(query);
      ASSERT_NO_FATAL_FAILURE(compare(query, random_range()));
      ASSERT_NO_FATAL_FAILURE(compare(query, random_range()));
    }
  }
  EXPECT_GT(compared_, 10u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstPlainMetrics,
                         testing::Range<uint64_t>(1, 1 + test::seeds(100)));

// What people write.
constexpr std::string_view kQueries[] = {
    "{ } | rate()",
    "{ } | rate() by (resource.service.name)",
    "{ status = error } | rate() by (resource.service.name, name)",
    "{ kind = server } | count_over_time() by (name, status, kind)",
    "{ resource.service.name = \"cart\" } | count_over_time() by (span.user)",
    "{ resource.service.name = \"cart\" && name = \"get\" } | rate() by (resource.zone)",
    "{ span.db.system = \"redis\" } | rate() by (span.db.system, span.user)",
    "{ span.user = \"17\" || span.user = \"18\" } | rate()",
    "{ span.user != \"17\" } | rate() by (span.messaging.system)",
    "{ duration > 1ms && duration < 1h } | count_over_time()",
    "{ name =~ \"g.*\" } | min_over_time(duration) by (name)",
    "{ name != \"get\" } | max_over_time(duration) by (name, kind)",
    "{ } | avg_over_time(duration) by (resource.service.name)",
    "{ } | sum_over_time(duration)",
    "{ } | sum_over_time(span.db.name)",
    "{ } | quantile_over_time(duration, 0, 0.5, 0.9, 0.99, 1) by (resource.service.name)",
    "{ } | quantile_over_time(duration, 0.5, 0.99)",
    "{ } | histogram_over_time(duration) by (kind)",
    "{ } | histogram_over_time(duration) by (resource.service.name, name, kind, status)",
    "{ } | rate() by (kind) | topk(2)",
    "{ } | max_over_time(duration) by (name) | bottomk(1)",
    "{ } | count_over_time() by (name) > 1",
    "({ status = error } | rate() by (name)) / ({ } | rate() by (name))",
    "({ status = error } | rate()) / ({ } | rate())",
    "({ } | count_over_time() by (name)) / ({ } | count_over_time())",
    "({ } | count_over_time()) - ({ } | count_over_time() by (name, kind))",
    "({ } | rate()) * 60",
    "2 - ({ } | rate() by (kind) | topk(1))",
    "{ } >> { kind = client } | rate() by (name)",
    "{ name = \"get\" } > { name = \"put\" } | count_over_time()",
    "{ name = \"get\" } && { name = \"put\" } | rate() by (name)",
    "{ name = \"get\" } || { name = \"put\" } | rate() by (name)",
    "{ nestedSetParent < 0 } | quantile_over_time(duration, 0.9)",
    "{ } | by(resource.service.name) | count() > 2 | rate() by (resource.service.name)",
    "{ rootServiceName = \"cart\" } | rate() by (rootName)",
    "{ rootName = \"get\" } | rate() by (name)",
    "{ nestedSetParent < 0 && rootName != nil } | rate() by (rootName)",
    "{ nestedSetParent >= 0 && kind = client } | rate() by (rootServiceName, kind)",
    "{ !(rootName = \"get\") } | histogram_over_time(traceDuration)",
    "{ traceDuration > 1s || rootServiceName != \"pay\" } | max_over_time(traceDuration) by (kind)",
    "{ !(traceDuration > 1s && rootName = \"get\") } | count_over_time() by (rootName, status)",
    "{ span.a > 0 } | avg_over_time(span.a)",
    "{ } | min_over_time(.a) by (.a)",
    "{ } | rate() by (span.none)",
    "{ } | rate() by (span.none, span.nothing)",
    "{ !(span.user = \"17\") && .zone = \"a\" } | rate() by (.user)",
    "{ .user != nil && span.db.system = nil } | count_over_time() by (.zone, span.user)",
    "{ .user = \"17\" || .user = \"cart\" || .zone =~ \"a|b\" } | avg_over_time(duration)",
    "{ kind = client } | by(name) | rate() by (name)",
    "{ kind = client } || { status = error } | quantile_over_time(duration, 0.5) by (status)",
    "{ duration >= 1s } | histogram_over_time(duration) by (resource.zone)",
    "{ event:name = \"exception\" || event.a != nil } | rate() by (statusMessage)",
    "{ instrumentation:name != \"x\" } | count_over_time() by (instrumentation:name)",
    "{ span.a = error } | count_over_time()",
    "{ } | count_over_time() by (duration)",
    "{ .a = nil } | count_over_time()",
    "{ false } | rate()",
    "{ false } | rate() by (name)",
};

class CommonQueries : public MetricsTest, public testing::WithParamInterface<uint64_t> {
 protected:
  CommonQueries() : MetricsTest(GetParam()) {}
};

TEST_P(CommonQueries, count_the_same) {
  is_plain_ = GetParam() % 3 != 0;
  has_lists_ = GetParam() % 3 == 2;
  for (int i = 0; i < 24; ++i) {
    append(random_batch());
    if (i % 9 == 8) store_.flush();
    if (i % 17 == 16) ASSERT_TRUE(store_.merge_all().ok());
    if (i % 8 != 7) continue;
    if (has_lists_) store_.flush();
    for (std::string_view text : kQueries) {
      auto query = traceql::parse_checked(text);
      ASSERT_TRUE(query.ok()) << text << query.status().to_string();
      if (random_() % 4 == 0) query->hints.push_back({"extrapolate", random_() % 8 != 0, {}});
      ASSERT_NO_FATAL_FAILURE(compare(*query, random_range()));
    }
  }
  EXPECT_GT(points_, 200u);
  EXPECT_GT(exemplars_, 20u);
  EXPECT_GT(answered_[static_cast<size_t>(MetricsRoad::Rollups)], is_plain_ ? 5u : 0u);
  EXPECT_GT(answered_[static_cast<size_t>(MetricsRoad::Scan)], is_plain_ ? 100u : 0u);
  EXPECT_GT(answered_[static_cast<size_t>(MetricsRoad::Traces)], 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CommonQueries, testing::Range<uint64_t>(1, 21));

TEST_F(MetricsTest, precise_quantiles_are_as_near_as_they_say) {
  for (int i = 0; i < 60; ++i) append(random_batch());
  for (double precision : {0.001, 0.01, 0.1, 0.5}) {
    for (std::string_view text : {"{ } | quantile_over_time(duration, 0, 0.1, 0.5, 0.9, 1)",
                                  "{ } | quantile_over_time(.a, 0, 0.5, 0.95) by (kind)"}) {
      traceql::Query query = traceql::parse_checked(text).value();
      query.hints.push_back({"precision", precision, {}});
      for (int k = 0; k < 5; ++k) {
        ASSERT_NO_FATAL_FAILURE(compare(query, random_range(), precision / (1 - precision) + 1e-9));
      }
    }
  }
  EXPECT_GT(points_, 100u);
}

TEST_F(MetricsTest, functions_that_count_alike_share_what_was_counted) {
  for (int i = 0; i < 50; ++i) append(shop_.trace());
  store_.flush();
  auto ask = [&](std::string_view text, uint64_t before_end, MetricsRoad road) {
    traceql::Query query = traceql::parse_checked(text).value();
    const uint64_t end = shop_.now() + kNanosPerHour;
    auto intervals = MetricsIntervals::of_range({end - before_end}, {end}, kNanosPerMinute);
    QueryContext context(nullptr, nullptr, &counted_);
    MetricsRequest request{.query = query, .intervals = *intervals};
    request.first_road = road;
    auto found = metrics(std::array{store_.snapshot()}, request, context);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found->spans_counted, spans_) << text;
    return counted_.size_bytes();
  };
  for (MetricsRoad road : {MetricsRoad::Rollups, MetricsRoad::Scan}) {
    const uint64_t before = counted_.size_bytes();
    const uint64_t kept = ask("{ } | rate()", kNanosPerDay, road);
    EXPECT_GT(kept, before);
    EXPECT_EQ(ask("{ } | count_over_time()", kNanosPerDay / 2, road), kept);
    EXPECT_EQ(ask("{ true } | rate() | topk(1)", kNanosPerDay, road), kept);
    const uint64_t by_name = ask("{ } | rate() by (name)", kNanosPerDay, road);
    EXPECT_GT(by_name, kept);
    EXPECT_GT(ask("{ } | rate() by (kind)", kNanosPerDay, road), by_name);
  }
}

TEST_F(MetricsTest, series_beyond_the_limit_are_left_out_and_told) {
  for (int i = 0; i < 10; ++i) append(shop_.trace());
  traceql::Query query = traceql::parse_checked("{ } | rate() by (span:id)").value();
  UnixNanos end{shop_.now() + kNanosPerHour};
  auto intervals = MetricsIntervals::of_instant({end.value - kNanosPerDay}, end);
  for (size_t limit : {spans_ - 1, spans_, spans_ + 1}) {
    QueryContext context;
    auto found = metrics(std::array{store_.snapshot()},
                         {.query = query, .intervals = *intervals, .series_max = limit}, context);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->series.size(), std::min(limit, spans_));
    EXPECT_EQ(found->series_left_out, spans_ - std::min(limit, spans_));
  }
}

TEST_F(MetricsTest, a_cancelled_query_ends_with_cancelled) {
  for (int i = 0; i < 5; ++i) append(random_batch());
  traceql::Query query = traceql::parse_checked("{ } | rate()").value();
  UnixNanos end{shop_.now() + kNanosPerHour};
  auto intervals = MetricsIntervals::of_instant({end.value - kNanosPerDay}, end);
  QueryContext context;
  context.cancel();
  auto found =
      metrics(std::array{store_.snapshot()}, {.query = query, .intervals = *intervals}, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::Cancelled);
}

TEST_F(MetricsTest, a_query_that_needs_too_much_memory_is_refused) {
  for (int i = 0; i < 5; ++i) append(shop_.trace());
  traceql::Query query = traceql::parse_checked("{ } | rate() by (span:id)").value();
  UnixNanos end{shop_.now() + kNanosPerHour};
  auto intervals = MetricsIntervals::of_range({end.value - kNanosPerDay}, end, kNanosPerMinute);
  os::MemoryBudget tiny(1);
  QueryContext context(nullptr, &tiny);
  auto found =
      metrics(std::array{store_.snapshot()}, {.query = query, .intervals = *intervals}, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::Unavailable);
}

}  // namespace
}  // namespace spoor::query
