// Several tenants at once against each of them by itself.
#include "query/federated_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "support/shop.h"
#include "traceql/traceql.h"

namespace spoor::query {
namespace {

const std::vector<std::string> kTenants = {"a", "b", "c"};

class FederatedSearch : public testing::Test {
 protected:
  FederatedSearch() {
    for (int i = 0; i < 150; ++i) {
      SpanBatch batch = shop_.trace();
      std::string id(batch.spans[0].trace_id);
      ids_.push_back(id);
      // Most traces are of one tenant; some of several, whole or a part of it.
      for (const std::string& tenant : kTenants) {
        uint64_t dice = random_() % 6;
        if (dice == 0 && batch.spans.size() > 1) {
          SpanBatch part = test::copy_batch(batch);
          part.spans.erase(part.spans.begin());
          append(tenant, part);
        } else if (dice <= 2) {
          append(tenant, batch);
        }
      }
      if (i == 80) store_.flush();
    }
    for (const std::string& tenant : kTenants) snapshots_.push_back(store_.snapshot(tenant));
  }

  void append(const std::string& tenant, const SpanBatch& batch) {
    store_.append(batch, tenant);
    for (const Span& span : batch.spans) {
      spans_[{tenant, std::string(span.trace_id)}].insert(std::string(span.span_id));
    }
  }

  // What each finds by itself, in one order; equal hits are one.
  std::vector<std::pair<TraceHit, uint64_t>> expected(const traceql::Query& query) {
    std::vector<std::pair<TraceHit, uint64_t>> all;
    for (const store::Snapshot& snapshot : snapshots_) {
      QueryContext context;
      auto found = search(snapshot, {.query = query, .limit = 10'000}, context);
      EXPECT_TRUE(found.ok());
      for (const TraceqlMatch& match : found->traces) all.emplace_back(match.hit(), matched(match));
    }
    std::ranges::sort(all,
                      [](const auto& a, const auto& b) { return comes_before(a.first, b.first); });
    std::vector<std::pair<TraceHit, uint64_t>> united;
    for (const auto& one : all) {
      if (united.empty() || united.back().first != one.first) {
        united.push_back(one);
      } else {
        united.back().second += one.second;
      }
    }
    return united;
  }

  static uint64_t matched(const TraceqlMatch& match) {
    uint64_t sum = 0;
    for (const TraceqlSpanset& spanset : match.spansets) sum += spanset.matched;
    return sum;
  }

  std::mt19937_64 random_{5};
  test::Shop shop_{17};
  test::ShopStore store_;
  std::vector<std::string> ids_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> spans_;
  std::vector<store::Snapshot> snapshots_;
};

TEST_F(FederatedSearch, pages_are_those_of_one_order) {
  size_t equal_hits = 0;
  for (const char* text :
       {"{}", "{ name = `get` }", "{ status = error }", "{} >> { kind = client }",
        "{} | by(name) | count() > 1", "{ name = `nothing` }"}) {
    traceql::Query query = *traceql::parse_checked(text);
    auto all = expected(query);
    for (size_t limit : {1u, 3u, 7u, 40u, 1'000u}) {
      TraceqlRequest request{.query = query, .limit = limit};
      for (size_t first = 0;;) {
        QueryContext context;
        auto got = search(snapshots_, request, context);
        ASSERT_TRUE(got.ok()) << got.status().to_string();
        const TraceqlResult& found = got->found;
        size_t count = std::min(limit, all.size() - first);
        ASSERT_EQ(found.traces.size(), count) << text;
        ASSERT_EQ(found.more, first + count < all.size()) << text;
        if (found.total) ASSERT_EQ(*found.total, all.size()) << text;
        ASSERT_EQ(found.total.has_value() || request.after || found.more, true) << text;
        for (size_t i = 0; i < count; ++i) {
          ASSERT_EQ(found.traces[i].hit(), all[first + i].first) << text;
          ASSERT_EQ(matched(found.traces[i]), all[first + i].second) << text;
        }
        if (!found.more) break;
        request.after = found.traces.back().hit();
        first += count;
      }
    }
    for (const auto& [hit, spans] : all) {
      size_t holders = 0;
      for (const std::string& tenant : kTenants) {
        holders += spans_.contains({tenant, std::string(hit.id.view())}) ? 1 : 0;
      }
      equal_hits += holders > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(equal_hits, 20u) << "too few traces of several tenants";
}

TEST_F(FederatedSearch, a_trace_has_the_spans_of_all_once_and_nothing_of_others) {
  traceql::Query query = *traceql::parse_checked("{ name = `get` }");
  TraceqlPlan plan = *TraceqlPlan::make(query);
  const TraceFilter filter{plan};
  for (const std::string& id : ids_) {
    for (size_t asked = 1; asked <= kTenants.size(); ++asked) {
      std::set<std::string> expected;
      for (size_t i = 0; i < asked; ++i) {
        const auto& of_tenant = spans_[{kTenants[i], id}];
        expected.insert(of_tenant.begin(), of_tenant.end());
      }
      const std::span<const store::Snapshot> snapshots(snapshots_.data(), asked);
      auto got = find_trace(snapshots, TraceId::from_bytes(id), nullptr);
      ASSERT_TRUE(got.ok());
      const SpanBatch& batch = got->found.batch;
      std::multiset<std::string> spans;
      for (const Span& span : batch.spans) {
        ASSERT_LT(span.resource, batch.resources.size());
        ASSERT_LT(span.scope, batch.scopes.size());
        spans.insert(std::string(span.span_id));
      }
      EXPECT_TRUE(std::ranges::equal(spans, expected)) << spans.size() << " " << expected.size();

      auto filtered = find_trace(snapshots, TraceId::from_bytes(id), &filter);
      ASSERT_TRUE(filtered.ok());
      auto hits = static_cast<size_t>(
          std::ranges::count(batch.spans, std::string_view("get"), &Span::name));
      EXPECT_EQ(filtered->found.batch.spans.size(), hits);
      EXPECT_GE(filtered->filtered.kept, hits);
    }
  }
}

}  // namespace
}  // namespace spoor::query
