#include "query/whole_traces.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "query/metrics.h"
#include "query/traceql_search.h"
#include "support/shop.h"
#include "traceql/traceql.h"

namespace spoor::query {
namespace {

// The spans of a trace in requests that come at different times.
class WholeTracesTest : public testing::Test {
 protected:
  // Each span of the trace goes into one of the pieces.
  void append_some_of(const SpanBatch& trace) {
    SpanBatch piece = test::copy_batch(trace);
    std::erase_if(piece.spans, [&](const Span&) { return random_() % 4 == 0; });
    if (piece.spans.empty()) return;
    store_.append(piece);
  }

  // By section number the first rows of traces that are elsewhere too, looked up one by one.
  std::map<uint64_t, std::set<uint64_t>> expected(const store::Snapshot& snapshot) {
    std::map<TraceId, std::set<uint64_t>> places;  // 0: the head
    for (const auto& section : snapshot.sections) {
      const std::vector<store::TracePlace> traces = section->traces().value();
      for (const store::TracePlace& place : traces) places[place.id].insert(section->number());
    }
    for (const auto& shard : snapshot.shards) {
      for (const auto& [id, sections] : places) {
        if (shard->find_start(id, snapshot.visible)) places[id].insert(~uint64_t{0});
      }
    }
    std::map<uint64_t, std::set<uint64_t>> rows;
    for (const auto& section : snapshot.sections) {
      const std::vector<store::TracePlace> traces = section->traces().value();
      for (const store::TracePlace& place : traces) {
        if (places[place.id].size() > 1) rows[section->number()].insert(place.first_row);
      }
    }
    return rows;
  }

  std::mt19937_64 random_{7};
  test::Shop shop_{7};
  test::ShopStore store_{2};
};

TEST_F(WholeTracesTest, a_trace_is_whole_where_no_other_place_has_it) {
  std::vector<SpanBatch> traces;
  size_t divided = 0, whole = 0;
  for (int round = 0; round < 60; ++round) {
    traces.push_back(shop_.trace());
    append_some_of(traces.back());
    append_some_of(traces[random_() % traces.size()]);
    if (round % 7 == 6) store_.flush();
    if (round % 25 == 24) ASSERT_TRUE(store_.merge_all().ok());
    store::Snapshot snapshot = store_.snapshot();
    auto wanted = expected(snapshot);
    WholeTraces whole_traces(snapshot);
    QueryContext context;
    ASSERT_TRUE(whole_traces.compare(context).ok());
    for (const auto& section : snapshot.sections) {
      const DividedRows& rows = whole_traces.divided(*section);
      std::set<uint64_t> got(rows.begin(), rows.end());
      ASSERT_EQ(got.size(), rows.size());
      ASSERT_TRUE(std::ranges::is_sorted(rows));
      ASSERT_EQ(got, wanted[section->number()]) << "round " << round;
      divided += got.size();
      whole += section->footer().traces - got.size();
    }
    const auto& of_head = whole_traces.of_head();
    for (size_t i = 0; i < of_head.size(); ++i) {
      bool is_elsewhere = std::ranges::any_of(snapshot.sections, [&](const auto& section) {
        return section->locate(of_head[i]).value().has_value();
      });
      ASSERT_EQ(whole_traces.is_divided_of_head()[i], is_elsewhere);
    }
  }
  EXPECT_GT(divided, 100u);
  EXPECT_GT(whole, 100u);
}

TEST_F(WholeTracesTest, sections_that_cannot_be_compared_are_told) {
  for (int part = 0; part < 2; ++part) {
    for (int i = 0; i < 4; ++i) store_.append(shop_.trace());
    store_.flush();
  }
  store::Snapshot snapshot = store_.snapshot();
  ASSERT_GT(snapshot.sections.size(), 1u);
  store::SectionReader& section = *snapshot.sections.back();
  const uint64_t index_page = section.directories().value()->index_pages.front().offset;
  store_.corrupt(section.file().path(), section.section().offset + index_page);
  // On both roads.
  QueryContext context;
  WholeTraces whole_traces(snapshot);
  ASSERT_TRUE(whole_traces.compare(context).ok());
  ASSERT_FALSE(whole_traces.missing().empty());
  for (const std::string& why : whole_traces.missing()) {
    EXPECT_NE(why.find(section.file().path()), std::string::npos) << why;
  }
  auto query = traceql::parse_checked("{ traceDuration > 0ms } | count_over_time()").value();
  MetricsRequest request{query, MetricsIntervals::of_instant({0}, {~uint64_t{0} >> 1}).value()};
  auto counted = metrics({&snapshot, 1}, request, context);
  ASSERT_TRUE(counted.ok()) << counted.status().to_string();
  EXPECT_EQ(counted->road, MetricsRoad::Scan);
  EXPECT_FALSE(counted->missing.empty());
  auto searched = traceql::parse_checked("{ traceDuration > 24h }").value();
  auto found = search(snapshot, {.query = searched, .limit = 200}, context);
  ASSERT_TRUE(found.ok()) << found.status().to_string();
  EXPECT_FALSE(found->missing.empty());
}

TEST_F(WholeTracesTest, the_head_has_traces_that_are_acknowledged) {
  SpanBatch first = shop_.trace(), second = shop_.trace();
  store_.append(first);
  store_.append(first);
  store_.append_unsynced(second);
  store::Snapshot snapshot = store_.snapshot();
  WholeTraces whole_traces(snapshot);
  QueryContext context;
  ASSERT_TRUE(whole_traces.compare(context).ok());
  EXPECT_EQ(whole_traces.of_head(),
            std::vector<TraceId>{TraceId::from_bytes(first.spans.front().trace_id)});
  EXPECT_EQ(whole_traces.is_divided_of_head(), std::vector<uint8_t>{0});
}

}  // namespace
}  // namespace spoor::query
