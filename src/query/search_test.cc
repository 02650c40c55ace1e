#include "query/search.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>

#include "os/memory_world.h"
#include "os/thread.h"
#include "query/metrics.h"
#include "query/trace_summary.h"
#include "query/traceql_search.h"
#include "support/arbitrary_expression.h"
#include "support/plain_search.h"
#include "support/seeds.h"
#include "support/store_life.h"
#include "traceql/check.h"

namespace spoor::query {
namespace {

// A store with random spans of shared traces, some in the head, some in parts, and the oracle.
class SearchTest : public testing::Test {
 protected:
  explicit SearchTest(uint64_t seed = 1) : random_(seed), expressions_(seed) {
    store::StoreOptions options;
    options.path = "/s";
    options.background = store::Background::Manual;
    options.decode = [](const store::LogRecord&) -> Result<store::ReplayedBody> {
      return data_loss("nothing is replayed here");
    };
    store_ = std::move(store::Store::open(world_, options).value());
    for (int i = 0; i < 40; ++i) {
      TraceId& id = pool_.emplace_back();
      for (char& byte : id.bytes) byte = static_cast<char>(random_());
    }
  }

  void append(SpanBatch batch) {
    batches_.push_back(std::make_unique<SpanBatch>(std::move(batch)));
    const SpanBatch& added = *batches_.back();
    std::string body = std::to_string(batches_.size());
    auto appended = store_->append({.tenant = tenant_,
                                    .body = body,
                                    .body_hash = hash128(body),
                                    .received = world_.now(),
                                    .batch = added,
                                    .refused = {}});
    ASSERT_TRUE(appended.ok()) << appended.status().to_string();
    ASSERT_TRUE(store_->sync().ok());
    oracle_.add(added);
    expressions_.learn(added);
  }

  void append_random(test::Times times = test::Times::Recent) {
    test::ArbitraryOptions options;
    options.spans_max = 12;
    options.string_bytes_max = 40;
    options.times = times;
    SpanBatch batch = test::arbitrary_batch(random_, options);
    for (Span& span : batch.spans) {
      if (random_() % 3 != 0) span.trace_id = pool_[random_() % pool_.size()].view();
    }
    append(std::move(batch));
  }

  // The very answer of the oracle, page after page.
  void compare(SearchRequest request) {
    store::Snapshot snapshot = store_->snapshot(tenant_);
    for (int page = 0; page < 3; ++page) {
      QueryContext context(&helpers_, &budget_);
      Result<SearchResult> got = search(snapshot, request, context);
      ASSERT_TRUE(got.ok()) << got.status().to_string();
      SearchResult expected = oracle_.search(request);
      ASSERT_EQ(expected.hits, got->hits) << to_string(request.condition);
      ASSERT_EQ(expected.more, got->more) << to_string(request.condition);
      ASSERT_EQ(expected.total, got->total) << to_string(request.condition);
      ASSERT_TRUE(got->missing.empty()) << got->missing.front();
      if (got->hits.empty()) return;
      request.after = got->hits.back();
    }
  }

  SearchRequest random_request() {
    SearchRequest request;
    request.condition = expressions_.make();
    request.limit = random_() % 8 + 1;
    request.count_all = random_() % 3 == 0;
    if (random_() % 2 == 0) {
      UnixNanos now = test::ArbitraryOptions().now;
      request.start_max.value = now.value - random_() % (60 * 60 * kNanosPerSecond);
      request.start_min.value = request.start_max.value - random_() % (60 * 60 * kNanosPerSecond);
    }
    return request;
  }

  TenantId tenant_ = TenantId::default_tenant();
  os::MemoryWorld world_;
  std::mt19937_64 random_;
  test::ArbitraryExpressions expressions_;
  test::PlainSearch oracle_;
  std::vector<TraceId> pool_;
  std::vector<std::unique_ptr<SpanBatch>> batches_;
  std::unique_ptr<store::Store> store_;
  os::MemoryBudget budget_{64 << 20};
  os::Executor helpers_{{.name = "query", .threads = 2}};
};

class AgainstOracle : public SearchTest, public testing::WithParamInterface<uint64_t> {
 protected:
  AgainstOracle() : SearchTest(GetParam()) {}
};

TEST_P(AgainstOracle, random_trees_find_the_same_traces_in_the_same_order) {
  for (int i = 0; i < 30; ++i) {
    append_random(GetParam() % 3 == 0 ? test::Times::Any : test::Times::Recent);
    if (random_() % 8 == 0) ASSERT_TRUE(store_->flush().ok());
    if (random_() % 12 == 0) ASSERT_TRUE(store_->merge_all().ok());
    if (i % 5 != 4) continue;
    for (int k = 0; k < 60; ++k) ASSERT_NO_FATAL_FAILURE(compare(random_request()));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstOracle, testing::Range<uint64_t>(1, 1 + test::seeds(24)));

// Spans of many traces, several row groups in one section, all with equal shape.
class LargeSectionTest : public SearchTest {
 protected:
  static constexpr uint64_t kTraces = 15'000;
  static constexpr uint64_t kSpansPerTrace = 10;

  void append_traces() {
    for (uint64_t first = 0; first < kTraces; first += 500) {
      SpanBatch batch;
      batch.resources.emplace_back().present = true;
      batch.scopes.emplace_back();
      KeyValue* service = batch.arena.allocate<KeyValue>(1);
      service[0] = {"service.name", Value::of_string("shop")};
      batch.resources[0].attributes = {service, 1};
      for (uint64_t trace = first; trace < first + 500; ++trace) {
        for (uint64_t i = 0; i < kSpansPerTrace; ++i) add_span(batch, trace, i);
      }
      append(std::move(batch));
    }
  }

  static void add_span(SpanBatch& batch, uint64_t trace, uint64_t i) {
    std::string id;
    append_le(id, trace * 0x9e3779b97f4a7c15u + 1);
    append_le(id, trace);
    append_le(id, i + 1);
    std::string_view bytes = batch.arena.copy(id);
    Span& span = batch.spans.emplace_back();
    span.trace_id = bytes.substr(0, 16);
    span.span_id = bytes.substr(16);
    if (i > 0) span.parent_span_id = batch.spans[batch.spans.size() - 2].span_id;
    span.start.value = 1'000'000'000'000 + trace * 1'000'000 + i * 400'000;
    span.end.value = span.start.value + (trace * 31 + i * 7) % 1000;
    span.name = i == 0 ? "root" : "child";
    KeyValue* attributes = batch.arena.allocate<KeyValue>(3);
    attributes[0] = {"number", Value::of_int(static_cast<int64_t>(trace % 700 * 10 + i))};
    attributes[1] = {"code", Value::of_string(trace % 3 == 0 ? "a" : "b")};
    attributes[2] = {"order.id", Value::of_string(batch.arena.copy(order_of(trace)))};
    // The order is one span's.
    span.attributes = {attributes, i == 3 ? size_t{3} : size_t{2}};
  }
  static std::string order_of(uint64_t trace) {
    Hash128 hash = hash128(std::to_string(trace));
    return to_hex({reinterpret_cast<const char*>(&hash), sizeof hash});
  }
};

TEST_F(LargeSectionTest, row_groups_and_their_borders_change_nothing) {
  append_traces();
  ASSERT_TRUE(store_->flush().ok());
  ASSERT_GE(store_->snapshot(tenant_).sections.front()->footer().row_groups.size(), 2u);
  auto number_is = [](int64_t number) {
    return Expression::compare(Field::attribute(Place::Span, "number"), Comparison::Equal, number);
  };
  for (uint64_t i = 0; i < 25; ++i) {
    SearchRequest request;
    request.limit = random_() % 30 + 1;
    request.count_all = i % 2 == 0;
    request.condition = number_is(static_cast<int64_t>(random_() % 7'100));
    if (i % 5 == 0)
      request.condition =
          Expression::compare(Field::of(Intrinsic::Duration), Comparison::GreaterOrEqual,
                              int64_t{900 + int64_t(random_() % 110)});
    if (i % 3 == 0) {
      request.start_min.value = 1'000'000'000'000 + random_() % (kTraces * 1'000'000);
      request.start_max.value = request.start_min.value + random_() % 3'000'000'000;
    }
    ASSERT_NO_FATAL_FAILURE(compare(request));
  }
}

TEST_F(LargeSectionTest, a_text_of_its_own_for_every_trace_is_found_by_filters) {
  append_traces();
  ASSERT_TRUE(store_->flush().ok());
  auto order_is = [](const std::string& order) {
    return Expression::compare(Field::attribute(Place::Span, "order.id"), Comparison::Equal, order);
  };
  SearchRequest request;
  for (uint64_t i = 0; i < 10; ++i) {
    request.condition = order_is(order_of(random_() % kTraces));
    if (i % 3 == 0) request.condition = Expression::negation(request.condition);
    if (i % 3 == 1) {
      request.condition = Expression::any_of({request.condition, order_is("order of nobody")});
    }
    ASSERT_NO_FATAL_FAILURE(compare(request));
  }
  // Of 60 row groups asked for an order that none has, few are read.
  uint64_t groups_read = 0;
  for (int i = 0; i < 20; ++i) {
    QueryContext context;
    request.condition = order_is("nobody's " + std::to_string(i));
    auto found = search(store_->snapshot(tenant_), request, context);
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(found->hits.empty());
    groups_read += (found->rows_scanned + store::kRowGroupRows - 1) / store::kRowGroupRows;
  }
  EXPECT_LT(groups_read, 12u);
  // Nor where the order is one side of a relation.
  groups_read = 0;
  for (int i = 0; i < 20; ++i) {
    std::string text = "{ name = \"root\" } >> { span.order.id = \"" + std::to_string(i) + "\" }";
    traceql::Query query = traceql::parse_checked(text).value();
    QueryContext context;
    auto found = search(store_->snapshot(tenant_), {.query = query}, context);
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(found->traces.empty());
    groups_read += (found->rows_scanned + store::kRowGroupRows - 1) / store::kRowGroupRows;
  }
  EXPECT_LT(groups_read, 12u);
}

TEST_F(LargeSectionTest, metrics_count_a_text_that_filters_find) {
  append_traces();
  ASSERT_TRUE(store_->flush().ok());
  constexpr uint64_t kStart = 1'000 * kNanosPerSecond;
  MetricsIntervals intervals =
      MetricsIntervals::of_range({kStart}, {kStart + 20 * kNanosPerSecond}, kNanosPerSecond)
          .value();
  for (int i = 0; i < 20; ++i) {
    std::string order = i % 4 == 0 ? "nobody's" : order_of(random_() % kTraces);
    std::string text = "{ span.order.id = \"" + order + "\" } | rate()";
    traceql::Query query = traceql::parse_checked(text).value();
    QueryContext context;
    auto counted = metrics(std::array{store_->snapshot(tenant_)},
                           {.query = query, .intervals = intervals}, context);
    ASSERT_TRUE(counted.ok()) << counted.status().to_string();
    EXPECT_EQ(counted->road, MetricsRoad::Scan);
    EXPECT_EQ(counted->spans_counted, i % 4 == 0 ? 0u : 1u) << text;
  }
}

TEST_F(LargeSectionTest, pages_that_are_searched_for_parts_of_texts_change_nothing) {
  append_traces();
  ASSERT_TRUE(store_->flush().ok());
  auto order_matches = [](const std::string& regex) {
    return Expression::compare(Field::attribute(Place::Span, "order.id"), Comparison::Matches,
                               regex);
  };
  auto number_is = [](int64_t number) {
    return Expression::compare(Field::attribute(Place::Span, "number"), Comparison::Equal, number);
  };
  for (uint64_t i = 0; i < 16; ++i) {
    const std::string order = order_of(random_() % kTraces);
    const std::string pieces[] = {".*" + order.substr(random_() % 26, 6) + ".*",
                                  order.substr(0, 4) + ".*", ".+" + order.substr(26) + "?",
                                  ".*no-such-part.*"};
    SearchRequest request;
    request.limit = random_() % 30 + 1;
    Expression part = order_matches(pieces[i % 4]);
    request.condition = part;
    if (i / 4 == 1) request.condition = Expression::any_of({part, number_is(i * 33)});
    if (i / 4 == 2) request.condition = Expression::all_of({number_is(i * 10 + 3), part});
    if (i / 4 == 3) {
      request.condition = Expression::any_of({part, order_matches(order.substr(0, 5) + ".*")});
    }
    ASSERT_NO_FATAL_FAILURE(compare(request));
  }
}

TEST_F(LargeSectionTest, the_newest_are_found_without_looking_at_the_rest) {
  append_traces();
  ASSERT_TRUE(store_->flush().ok());
  QueryContext context;
  SearchRequest request;
  request.condition = Expression::compare(Field::of(Intrinsic::Service), Comparison::Equal, "shop");
  auto found = search(store_->snapshot(tenant_), request, context);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->hits.size(), 20u);
  EXPECT_TRUE(found->more);
  EXPECT_LE(found->rows_scanned, 2 * 1024u);
  request.condition = Expression::compare(Field::of(Intrinsic::Service), Comparison::Equal, "none");
  found = search(store_->snapshot(tenant_), request, context);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->rows_scanned, 0u);
}

TEST_F(SearchTest, a_summary_is_the_same_from_columns_and_from_spans) {
  for (int i = 0; i < 40; ++i) {
    append_random(i % 4 == 0 ? test::Times::Any : test::Times::Recent);
    if (i % 6 == 5) ASSERT_TRUE(store_->flush().ok());
  }
  store::Snapshot snapshot = store_->snapshot(tenant_);
  QueryContext context;
  SearchRequest all;
  all.limit = 10'000;
  auto hits = search(snapshot, all, context);
  ASSERT_TRUE(hits.ok());
  ASSERT_GT(hits->hits.size(), 60u);
  auto summaries = summarize(snapshot, hits->hits, context);
  ASSERT_TRUE(summaries.ok());
  ASSERT_EQ(summaries->traces.size(), hits->hits.size());
  for (size_t i = 0; i < hits->hits.size(); ++i) {
    TraceSummary expected =
        summarize(hits->hits[i].id, store::find_trace(snapshot, hits->hits[i].id).batch);
    EXPECT_EQ(summaries->traces[i], expected);
    EXPECT_EQ(summaries->traces[i].start, hits->hits[i].start);
  }
}

// Each request is a trace of its own, acknowledged one by one while parts are written and merged
// and days are looked at for retention.
TEST_F(SearchTest, what_was_acknowledged_before_is_found_while_everything_else_goes_on) {
  constexpr uint64_t kRequests = 150;
  std::atomic<uint64_t> sent{0}, acknowledged{0};
  os::Thread appender("appender", [&] {
    for (uint64_t i = 1; i <= kRequests; ++i) {
      SpanBatch batch;
      batch.resources.emplace_back();
      batch.scopes.emplace_back();
      std::string id;
      append_le(id, i), append_le(id, i), append_le(id, i);
      Span& span = batch.spans.emplace_back();
      span.trace_id = std::string_view(id).substr(0, 16);
      span.span_id = std::string_view(id).substr(16);
      span.name = "one";
      span.start.value = world_.now().value + i;
      span.end = span.start;
      ++sent;
      EXPECT_TRUE(store_
                      ->append({.tenant = tenant_,
                                .body = id,
                                .body_hash = hash128(id),
                                .received = world_.now(),
                                .batch = batch,
                                .refused = {}})
                      .ok());
      EXPECT_TRUE(store_->sync().ok());
      ++acknowledged;
    }
  });
  os::Thread keeper("keeper", [&] {
    for (int i = 0; acknowledged < kRequests; ++i) {
      EXPECT_TRUE(store_->flush().ok());
      if (i % 3 == 0) EXPECT_TRUE(store_->merge_all().ok());
      if (i % 5 == 0) EXPECT_TRUE(store_->retain().ok());
    }
  });
  SearchRequest request;
  request.condition = Expression::compare(Field::of(Intrinsic::Name), Comparison::Equal, "one");
  request.count_all = true;
  for (bool done = false; !done;) {
    done = acknowledged == kRequests;
    uint64_t before = acknowledged;
    QueryContext context(&helpers_, &budget_);
    auto found = search(store_->snapshot(tenant_), request, context);
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    EXPECT_GE(*found->total, before);
    EXPECT_LE(*found->total, sent);
    EXPECT_TRUE(found->missing.empty());
  }
  appender.join();
  keeper.join();
}

TEST_F(SearchTest, tenants_do_not_see_each_other) {
  append_random();
  append_random();
  SearchRequest all;
  QueryContext context;
  auto other = search(store_->snapshot(TenantId::parse("other").value()), all, context);
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(other->hits.empty());
}

TEST_F(SearchTest, a_cancelled_query_ends_with_cancelled) {
  append_random();
  append_random();
  QueryContext context;
  context.cancel();
  SearchRequest all;
  auto found = search(store_->snapshot(tenant_), all, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::Cancelled);
}

TEST_F(SearchTest, what_cannot_be_read_is_told_and_the_rest_is_found) {
  for (int i = 0; i < 6; ++i) append_random();
  ASSERT_TRUE(store_->flush().ok());
  for (int i = 0; i < 6; ++i) append_random();
  SearchRequest all;
  all.limit = 1'000;
  QueryContext context;
  store::Snapshot before = store_->snapshot(tenant_);
  size_t whole = search(before, all, context)->hits.size();
  ASSERT_TRUE(store_->flush().ok());
  // One that nobody has read: what was decoded may be used on.
  store::Snapshot snapshot = store_->snapshot(tenant_);
  auto unread = std::ranges::find_if(snapshot.sections, [&](const auto& section) {
    return std::ranges::find(before.sections, section) == before.sections.end();
  });
  ASSERT_NE(unread, snapshot.sections.end());
  auto& section = **unread;
  ASSERT_TRUE(
      world_
          .corrupt(section.file().path(),
                   section.section().offset + section.footer().row_groups[0].directory.offset, 1)
          .ok());
  auto found = search(store_->snapshot(tenant_), all, context);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->missing.size(), 1u);
  EXPECT_NE(found->missing.front().find(section.file().path()), std::string::npos);
  EXPECT_GT(found->hits.size(), 0u);
  EXPECT_LT(found->hits.size(), whole);
}

TEST_F(SearchTest, a_bad_regex_is_an_invalid_argument) {
  SearchRequest request;
  request.condition = Expression::compare(Field::of(Intrinsic::Name), Comparison::Matches, "a(b");
  QueryContext context;
  auto found = search(store_->snapshot(tenant_), request, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::InvalidArgument);
  EXPECT_NE(found.status().message().find("a(b"), std::string::npos);
}

}  // namespace
}  // namespace spoor::query
