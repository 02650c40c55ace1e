#include "query/traceql_search.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "query/spanset_tree.h"
#include "query/traceql_evaluate.h"
#include "query/traceql_lower.h"
#include "store/limits.h"
#include "support/arbitrary_query.h"
#include "support/plain_search.h"
#include "support/plain_traceql.h"
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

// Random spans of few traces, with trees that grow from batch to batch, and the oracles.
class TraceqlSearchTest : public testing::Test {
 protected:
  explicit TraceqlSearchTest(uint64_t seed = 1) : random_(seed) {
    // Few traces with trees, or many that are single spans, so that each span counts.
    for (int i = seed % 2 == 0 ? 200 : 14; i > 0; --i) {
      std::string& id = trace_ids_.emplace_back();
      append_le(id, random_()), append_le(id, random_());
    }
  }

  SpanBatch random_batch() {
    test::ArbitraryOptions options;
    options.spans_max = 16;
    options.string_bytes_max = 40;
    options.attributes_max = 6;
    options.times = random_() % 3 == 0 ? test::Times::Any : test::Times::Recent;
    SpanBatch batch = test::arbitrary_batch(random_, options);
    for (Span& span : batch.spans) {
      const std::string& trace_id = trace_ids_[random_() % trace_ids_.size()];
      std::vector<std::string>& ids = span_ids_[trace_id];
      std::string own;
      append_le(own, random_());
      // A second span of an id now and then, and a parent that comes later or never.
      if (ids.empty() || random_() % 30 != 0) ids.push_back(own);
      span.trace_id = batch.arena.copy(trace_id);
      span.span_id = batch.arena.copy(ids.back());
      uint64_t dice = random_() % 20;
      if (dice < 17) span.parent_span_id = batch.arena.copy(ids[random_() % ids.size()]);
      if (dice == 17) span.parent_span_id = "missing.";
      if (dice > 17 || ids.size() == 1) span.parent_span_id = {};
      if (random_() % 3 == 0) add_list(batch, span);
      if (random_() % 2 == 0) span.name = names_[random_() % names_.size()];
    }
    return batch;
  }

  // An attribute that is a list of one type.
  void add_list(SpanBatch& batch, Span& span) {
    Value* elements = batch.arena.allocate<Value>(2);
    for (size_t i = 0, is_text = random_() % 2; i < 2; ++i) {
      elements[i] = is_text ? Value::of_string(random_() % 2 ? "shop" : "value-3")
                            : Value::of_int(random_() % 2 ? 200 : -1);
    }
    KeyValue* list = batch.arena.allocate<KeyValue>(span.attributes.size() + 1);
    list[0] = {random_() % 2 ? "a" : "error", Value::of_array({elements, random_() % 3})};
    std::ranges::copy(span.attributes, list + 1);
    span.attributes = {list, span.attributes.size() + 1};
  }

  void append(SpanBatch batch) {
    batches_.push_back(std::make_unique<SpanBatch>(std::move(batch)));
    const SpanBatch& added = *batches_.back();
    store_.append(added);
    expressions_.add(added);
    for (const Span& span : added.spans) traces_[std::string(span.trace_id)].add(added, span);
  }

  // What the oracle says of each trace that matches, by its place in the order.
  struct Expected {
    TraceHit hit;
    std::string text;
  };
  // Nothing if the query has an error on one of the traces.
  std::optional<std::vector<Expected>> expected(const traceql::Query& query, size_t spans) {
    std::vector<Expected> all;
    try {
      for (auto& [id, trace] : traces_) {
        trace.sort();
        auto spansets = test::PlainTraceql(trace).run(query);
        if (spansets.empty()) continue;
        all.push_back({{TraceId::from_bytes(id), trace.rows.front().span->start}, {}});
        for (const test::PlainSpanset& spanset : spansets) {
          all.back().text += described(trace, spanset, spans);
        }
      }
    } catch (const std::runtime_error&) {
      return std::nullopt;
    }
    std::ranges::sort(all, [](const Expected& a, const Expected& b) {
      return a.hit.start > b.hit.start || (a.hit.start == b.hit.start && a.hit.id < b.hit.id);
    });
    return all;
  }

  static std::string described(const test::PlainTrace& trace, const test::PlainSpanset& spanset,
                               size_t spans) {
    std::string text = "[" + std::to_string(spanset.spans.size());
    for (size_t k = 0; k < spanset.spans.size() && (spans == 0 || k < spans); ++k) {
      const Span& span = *trace.rows[spanset.spans[k]].span;
      text += " " + to_hex(SpanId::from_bytes(span.span_id)) + "@" +
              std::to_string(span.start.value) + std::string(span.name);
    }
    for (const auto& [key, value] : spanset.attributes) {
      text += " " + key + "=" + test::described(value);
    }
    return text + "]";
  }

  static std::string described(const TraceqlMatch& match) {
    std::string text;
    for (const TraceqlSpanset& spanset : match.spansets) {
      text += "[" + std::to_string(spanset.matched);
      for (const TraceqlSpan& span : spanset.spans) {
        text +=
            " " + to_hex(span.id) + "@" + std::to_string(span.start.value) + std::string(span.name);
      }
      std::map<std::string_view, TypedValue> attributes;
      for (const auto& attribute : spanset.attributes) attributes[attribute.key] = attribute.value;
      for (const auto& [key, value] : attributes) {
        text += " " + std::string(key) + "=" + test::described(plain_of(value));
      }
      text += "]";
    }
    return text;
  }

  // Page by page what the oracle says, and nothing beside it.
  void compare(const traceql::Query& query) {
    std::string text = traceql::to_string(query);
    TraceqlRequest request{.query = query};
    request.limit = random_() % 4 == 0 ? 200 : random_() % 6 + 1;
    request.spans_per_spanset = random_() % 4;
    if (random_() % 3 == 0) {
      UnixNanos now = test::ArbitraryOptions().now;
      request.start_max.value = now.value - random_() % kNanosPerHour;
      request.start_min.value = request.start_max.value - random_() % kNanosPerHour;
    }
    auto all = expected(query, request.spans_per_spanset);
    if (!all) return;
    keep_in_range(request, *all);
    matched_ += all->size();
    for (size_t first = 0;;) {
      QueryContext context(&helpers_, &budget_);
      auto got = search(store_.snapshot(), request, context);
      ASSERT_TRUE(got.ok()) << text << ": " << got.status().to_string();
      ASSERT_TRUE(got->missing.empty()) << got->missing.front();
      size_t count = std::min(request.limit, all->size() - first);
      ASSERT_EQ(got->traces.size(), count) << text;
      ASSERT_EQ(got->more, first + count < all->size()) << text;
      if (got->total) ASSERT_EQ(*got->total, all->size()) << text;
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(got->traces[i].hit(), (*all)[first + i].hit) << text;
        ASSERT_EQ(described(got->traces[i]), (*all)[first + i].text) << text;
        ASSERT_NO_FATAL_FAILURE(compare_attributes(*got, got->traces[i])) << text;
      }
      if (!got->more) return;
      request.after = got->traces.back().hit();
      first += count;
    }
  }

  // Those with a span in the range for which the candidates' condition holds.
  void keep_in_range(const TraceqlRequest& request, std::vector<Expected>& all) {
    bool is_everything = request.start_min.value == 0 && request.start_max.value == ~uint64_t{0};
    if (is_everything) return;
    SearchRequest candidates{.condition = TraceCandidates::of(request.query).condition};
    candidates.start_min = request.start_min;
    candidates.start_max = request.start_max;
    candidates.limit = 1'000;
    auto hits = expressions_.search(candidates).hits;
    std::erase_if(
        all, [&](const Expected& one) { return std::ranges::find(hits, one.hit) == hits.end(); });
  }

  void compare_attributes(const TraceqlResult& result, const TraceqlMatch& match) {
    const test::PlainTrace& trace = traces_[std::string(match.summary.id.view())];
    for (const TraceqlSpanset& spanset : match.spansets) {
      for (const TraceqlSpan& span : spanset.spans) {
        size_t row = 0;
        auto is_it = [&](const test::PlainTrace::Row& one) {
          return one.span->span_id == span.id.view() && one.span->start == span.start;
        };
        while (!is_it(trace.rows[row])) ++row;
        std::vector<std::string> expected_texts, texts;
        for (size_t field = 0; field < result.fields.size(); ++field) {
          auto values = trace.values(result.fields[field], row);
          if (values.empty()) continue;
          expected_texts.push_back(result.field_names[field] + test::described(values.front()));
        }
        for (const auto& attribute : span.attributes) {
          texts.push_back(result.field_names[attribute.field] +
                          test::described(plain_of(attribute.value)));
        }
        ASSERT_EQ(texts, expected_texts);
      }
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> names_{"get", "put", "shop", "x"};
  std::vector<std::string> trace_ids_;
  std::map<std::string, std::vector<std::string>> span_ids_;
  std::map<std::string, test::PlainTrace> traces_;
  std::vector<std::unique_ptr<SpanBatch>> batches_;
  test::PlainSearch expressions_;
  test::ShopStore store_;
  os::MemoryBudget budget_{64 << 20};
  os::Executor helpers_{{.name = "query", .threads = 2}};
  size_t matched_ = 0;
};

test::QueryWeights weights() {
  test::QueryWeights weights;
  weights.depth = 2;
  weights.metrics_percent = 0;
  weights.typed = true;
  weights.names = {"http.request.method", "db.system", "error", "a", "service.name", ""};
  weights.texts = {"", "x", "get", "shop", "shop-1", "value-3", "GET /item/4", "exception"};
  weights.integers = {0, 1, -1, 2, 200, 404, INT64_MAX, INT64_MIN};
  return weights;
}

class AgainstPlainTraceql : public TraceqlSearchTest, public testing::WithParamInterface<uint64_t> {
 protected:
  AgainstPlainTraceql() : TraceqlSearchTest(GetParam()) {}
};

TEST_P(AgainstPlainTraceql, random_queries_find_the_same_spansets_in_the_same_order) {
  test::ArbitraryQueries queries(GetParam(), weights());
  for (int i = 0; i < 12; ++i) {
    append(random_batch());
    if (random_() % 5 == 0) store_.flush();
    if (random_() % 6 == 0) ASSERT_TRUE(store_.merge_all().ok());
    if (i % 4 != 3) continue;
    for (int k = 0; k < 25; ++k) {
      traceql::Query query = queries.query();
      ASSERT_TRUE(traceql::check(query, "").ok()) << traceql::to_string(query);
      ASSERT_NO_FATAL_FAILURE(compare(query));
    }
    for (std::string_view text :
         {"{ span.a = \"shop\" }", "{ span.a != \"shop\" }", "{ .error =~ \"sh.*\" }",
          "{ span.error !~ \"v.*\" }", "{ 100 < span.a && span.a < 0 }", "{ .a != 200 }"}) {
      traceql::Query query = traceql::parse_checked(text).value();
      ASSERT_NO_FATAL_FAILURE(compare(query));
    }
  }
  EXPECT_GT(matched_, 20u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstPlainTraceql,
                         testing::Range<uint64_t>(1, 1 + test::seeds(90)));

// What people write, so that much of it matches.
TEST_F(TraceqlSearchTest, common_queries_find_the_same) {
  constexpr std::string_view kQueries[] = {
      "{ name = \"get\" } >> { name = \"put\" }",
      "{ name = \"get\" } > { status = error }",
      "{ name = \"get\" } &>> { kind = client }",
      "{ name = \"shop\" } !>> { name = \"put\" }",
      "{ name = \"get\" } ~ { name = \"get\" }",
      "{ nestedSetParent < 0 } && { name =~ \"g.t\" } | count() > 2",
      "{ resource.service.name = \"shop-1\" && name != \"get\" } | by(name)",
      "{ resource.service.name =~ \"shop-[12]\" } | by(resource.service.name) | avg(duration) > "
      "1ms",
      "{ rootName = \"get\" && duration > 1ms } | select(status, kind, event:name)",
      "{ rootServiceName = \"shop-1\" }",
      "{ nestedSetParent < 0 && status = error }",
      "{ kind = client } | avg(duration) > 100ms",
      "{ } | min(.a) <= 0 | { name = \"get\" }",
      "{ } | by(name) | max(duration) < 1s",
      "{ nestedSetParent != -1 } && { traceDuration > 1s }",
      "{ traceDuration > 500ms && name = \"get\" } >> { rootName != \"get\" }",
      "{ traceDuration < 1ms || rootName =~ \"p.t\" } | count() > 1",
      "{ event:name = \"exception\" } | by(kind) | coalesce() | max(duration) > 1s",
      "{ span:childCount > 1 && .error != nil }",
      "{ status = error } || { kind = server } >> { name = \"x\" }",
      "{ .a > 0 || .a = \"value-3\" || event.a = true }",
  };
  for (int i = 0; i < 40; ++i) {
    append(random_batch());
    if (i % 9 == 8) store_.flush();
    if (i % 10 != 9) continue;
    for (std::string_view text : kQueries) {
      auto query = traceql::parse_checked(text);
      ASSERT_TRUE(query.ok()) << text << query.status().to_string();
      for (int k = 0; k < 3; ++k) ASSERT_NO_FATAL_FAILURE(compare(*query));
    }
  }
  EXPECT_GT(matched_, 500u);
}

// More candidates than one search or one reading brings, few of which match.
TEST_F(TraceqlSearchTest, matches_are_found_behind_many_candidates) {
  for (uint64_t first = 0; first < 3'000; first += 500) {
    SpanBatch batch;
    batch.resources.resize(1);
    batch.scopes.resize(1);
    for (uint64_t i = first; i < first + 500; ++i) {
      std::string id;
      append_le(id, random_()), append_le(id, i), append_le(id, i + 1);
      std::string_view bytes = batch.arena.copy(id);
      Span& span = batch.spans.emplace_back();
      span.trace_id = bytes.substr(0, 16);
      span.span_id = bytes.substr(16);
      span.name = i % 3 == 0 ? "get" : "put";
      span.start.value = 1'000 * kNanosPerSecond + i * 7919 % 3'000;
      span.end.value = span.start.value + (i % 70 == 0 ? 20 : 1);
    }
    append(std::move(batch));
    if (first == 1'500) store_.flush();
  }
  for (std::string_view text :
       {"{ traceDuration > 10ns }", "{ name = \"get\" && traceDuration > 10ns }",
        "{ traceDuration > 30ns }", "{ } | count() > 1"}) {
    traceql::Query query = traceql::parse_checked(text).value();
    for (int k = 0; k < 2; ++k) ASSERT_NO_FATAL_FAILURE(compare(query));
  }
  EXPECT_GT(matched_, 43u);
  traceql::Query query = traceql::parse_checked("{ } | count() = 1").value();
  QueryContext context;
  auto found = search(store_.snapshot(), {.query = query}, context);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->traces.size(), 20u);
  EXPECT_TRUE(found->more);
  EXPECT_LE(found->traces_evaluated, 64u);
}

// Trees of many rows, some larger than a vector and one larger than a row group, with spans that
// came later: rare names are listed, and rows around them read where they lie.
class TraceqlForestTest : public TraceqlSearchTest {
 protected:
  // Every span hangs below one of those before it, mostly a recent one, so that trees are deep.
  void add_trace(size_t spans) {
    std::string id;
    append_le(id, random_()), append_le(id, random_());
    std::string_view trace_id = spans_.arena.copy(id);
    trace_ids_.push_back(id);
    std::vector<std::string_view> ids;
    for (size_t i = 0; i < spans; ++i) {
      std::string own;
      append_le(own, random_());
      Span& span = spans_.spans.emplace_back();
      span.trace_id = trace_id;
      span.span_id = spans_.arena.copy(own);
      if (i > 0) span.parent_span_id = ids[i - 1 - random_() % std::min<size_t>(i, 20)];
      if (random_() % 2'000 == 0) span.parent_span_id = "missing.";
      ids.push_back(span.span_id);
      span.name = i == 0 ? "top" : name();
      span.status.present = random_() % 300 == 0;
      span.status.code = span.status.present ? 2 : 0;
      span.start.value = 1'000 * kNanosPerSecond + spans_.spans.size() * 1'000;
      span.end.value = span.start.value + (random_() >> (24 + random_() % 30));
    }
  }

  std::string_view name() {
    uint64_t dice = random_() % 10'000;
    if (dice < 4) return "rarest";
    if (dice < 40) return "rare";
    return dice < 5'000 ? "get" : "put";
  }

  // In two flushes, the second with a few spans of many traces.
  void store_all() {
    for (bool is_late : {false, true}) {
      SpanBatch part;
      part.resources.resize(1);
      part.scopes.resize(1);
      for (size_t i = 0; i < spans_.spans.size(); ++i) {
        if ((i % 397 == 0) == is_late) part.spans.push_back(spans_.spans[i]);
      }
      store_.append(part);
      store_.flush();
    }
  }

  // What is found is what the whole traces say, read one by one.
  void compare_all() {
    for (std::string_view text : {
             R"({ name = "rare" } >> { name = "rarest" })",
             R"({ name = "top" } >> { name = "rarest" })",
             R"({ name = "rarest" } > { name = "get" && duration > 1ms })",
             R"({ status = error } << { name = "rare" && duration > 100us })",
             R"({ name = "rare" } &>> { status = error && duration > 10ms })",
             R"({ name = "rare" } !>> { name = "rarest" })",
             R"({ name = "rare" } ~ { name = "rarest" })",
             R"({ name = "rarest" } >> { status = error } >> { name = "rare" })",
             R"({ name = "rarest" } || { status = error && duration > 1s })",
             R"({ name = "rare" } >> { name = "get" } | { status = error })",
             R"({ name = "nobody" } >> { name = "get" })",
             R"({ status = error && duration > 3ms })",
         }) {
      traceql::Query query = traceql::parse_checked(text).value();
      auto plan = TraceqlPlan::make(query);
      ASSERT_TRUE(plan.ok());
      const store::Snapshot snapshot = store_.snapshot();
      std::set<TraceId> expected, got;
      for (const std::string& id : trace_ids_) {
        auto found = store::find_trace(snapshot, TraceId::from_bytes(id));
        TraceqlTrace trace(found.batch);
        auto spansets = evaluate(*plan, trace);
        ASSERT_TRUE(spansets.ok());
        if (!spansets->empty()) expected.insert(TraceId::from_bytes(id));
      }
      QueryContext context(&helpers_, &budget_);
      auto found = search(store_.snapshot(), {.query = query, .limit = 1'000}, context);
      ASSERT_TRUE(found.ok()) << found.status().to_string();
      for (const TraceqlMatch& match : found->traces) got.insert(match.summary.id);
      EXPECT_EQ(got, expected) << text;
      matched_ += got.size();
    }
  }

  SpanBatch spans_;
};

TEST_F(TraceqlForestTest, relations_are_found_in_trees_of_any_size) {
  trace_ids_.clear();
  add_trace(5'000);
  // So large that a rare row and what is above it often lie in two vectors.
  for (int i = 0; i < 40; ++i) add_trace(500 + random_() % 700);
  for (int i = 0; i < 200; ++i) add_trace(1 + random_() % 60);
  store_all();
  ASSERT_NO_FATAL_FAILURE(compare_all());
  ASSERT_TRUE(store_.merge_all().ok());
  ASSERT_NO_FATAL_FAILURE(compare_all());
  EXPECT_GT(matched_, 40u);
}

TEST_F(TraceqlForestTest, relations_are_found_in_a_tree_larger_than_a_row_group) {
  trace_ids_.clear();
  for (size_t spans : {size_t{300}, store::kRowGroupRows + 3'000, size_t{40}}) add_trace(spans);
  store_all();
  ASSERT_TRUE(store_.merge_all().ok());
  ASSERT_NO_FATAL_FAILURE(compare_all());
}

TEST_F(TraceqlSearchTest, a_cancelled_query_ends_with_cancelled) {
  for (int i = 0; i < 5; ++i) append(random_batch());
  traceql::Query query = traceql::parse_checked("{ }").value();
  QueryContext context;
  context.cancel();
  auto found = search(store_.snapshot(), {.query = query}, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::Cancelled);
}

TEST_F(TraceqlSearchTest, a_query_that_needs_too_much_memory_is_refused) {
  for (int i = 0; i < 5; ++i) append(random_batch());
  traceql::Query query = traceql::parse_checked("{ }").value();
  os::MemoryBudget tiny(1);
  QueryContext context(nullptr, &tiny);
  auto found = search(store_.snapshot(), {.query = query}, context);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), Code::Unavailable);
}

TEST_F(TraceqlSearchTest, a_root_that_is_not_there_is_told) {
  SpanBatch batch;
  batch.resources.resize(1);
  batch.scopes.resize(1);
  Span& span = batch.spans.emplace_back();
  span.trace_id = "sixteen bytes id";
  span.span_id = "eight by";
  span.parent_span_id = "not here";
  span.start.value = 5;
  span.end.value = 8;
  append(std::move(batch));
  traceql::Query query = traceql::parse_checked("{ duration = 3 }").value();
  QueryContext context;
  auto found = search(store_.snapshot(), {.query = query}, context);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->traces.size(), 1u);
  EXPECT_EQ(found->traces[0].summary.root_service, kRootNotReceived);
  EXPECT_EQ(found->traces[0].summary.root_name, "");
  EXPECT_EQ(found->total, 1u);
  EXPECT_FALSE(found->more);
}

TEST(TraceqlLower, what_is_asked_of_spans) {
  struct Case {
    std::string_view query, necessary;
    Fit fit = Fit::Loose;
  };
  constexpr Case kCases[] = {
      {"{ }", "true", Fit::Exact},
      {"{ name = \"a\" && duration > 1us }", "(name = \"a\" && duration > 1000)", Fit::Exact},
      {"{ 1us < duration || status = error }", "(duration > 1000 || status = 2)", Fit::Exact},
      {"{ kind = server }", "kind = 2", Fit::Exact},
      {"{ span.a != 1 }", "span.a != 1 of elements", Fit::Plain},
      {"{ .a =~ \"x\" }", "any.a =~ \"x\" of elements", Fit::Plain},
      {"{ span.a != nil } | select(span.b)", "span.a exists", Fit::Plain},
      {"{ span.a = error }", "span.a = 2 of elements"},
      {"{ span.a != nil && span.b = nil }", "(span.a exists && true)"},
      {"{ span.a }", "span.a = true of elements"},
      {"{ !span.a }", "true"},
      {"{ span.a + span.b > duration }", "(span.a exists && span.b exists)"},
      {"{ traceDuration > 1s }", "true"},
      {"{ rootName = \"a\" && rootServiceName = \"b\" }", "(true && true)"},
      {"{ nestedSetParent < 0 }", "names_parent = 0", Fit::Exact},
      {"{ 0 <= nestedSetParent }", "names_parent = 1", Fit::Exact},
      {"{ nestedSetParent != -1.0 }", "names_parent = 1", Fit::Exact},
      {"{ nestedSetParent >= -1 }", "true", Fit::Exact},
      {"{ nestedSetParent < -1 || nestedSetParent = -2 }", "(() || ())", Fit::Exact},
      {"{ nestedSetParent < 4 }", "true"},
      {"{ nestedSetParent = 4 }", "names_parent = 1"},
      {"{ rootName != nil && statusMessage != nil }", "(true && true)", Fit::Exact},
      {"{ name = \"a\" } && { name = \"b\" && kind = server }", "(name = \"b\" && kind = 2)"},
      {"{ name = \"a\" } || { name = \"b\" }", "(name = \"a\" || name = \"b\")", Fit::Exact},
      {"{ name = \"a\" } >> { name = \"b\" }", "name = \"b\""},
      {"{ name = \"a\" } >> { }", "name = \"a\""},
      {"{ name = \"a\" } !>> { kind = server }", "kind = 2"},
      {"{ name = \"a\" } | { kind = server } | count() > 1", "(name = \"a\" && kind = 2)"},
      {"({ name = \"a\" } | count() > 1) && { }", "name = \"a\""},
  };
  for (const Case& one : kCases) {
    auto query = traceql::parse_checked(one.query);
    ASSERT_TRUE(query.ok()) << one.query << query.status().to_string();
    LoweredQuery lowered = lower(*query);
    EXPECT_EQ(to_string(lowered.necessary), one.necessary) << one.query;
    EXPECT_EQ(lowered.fit, one.fit) << one.query;
  }
}

}  // namespace
}  // namespace spoor::query
