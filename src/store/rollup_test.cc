// Rollups, edges and their guards against plain counts over the same spans.
#include "store/rollup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "codec/block.h"
#include "store/dependencies.h"
#include "store/limits.h"
#include "store/rollup_builder.h"
#include "store/rollup_counter.h"
#include "support/shop.h"

namespace spoor::store {
namespace {

using test::Shop;
using test::ShopStore;

struct Durations {
  std::map<uint32_t, uint64_t> buckets;
  uint64_t sum = 0;

  void add(uint64_t duration) {
    uint32_t bucket = 0;
    while (bucket < 64 && uint64_t{1} << bucket < duration) ++bucket;
    ++buckets[bucket];
    sum = sum + duration < sum ? ~uint64_t{0} : sum + duration;
  }
  void add(const DurationHistogram& histogram) {
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      if (histogram.counts[i] == 0) continue;
      buckets[histogram.first_bucket + static_cast<uint32_t>(i)] += histogram.counts[i];
    }
    sum = sum + histogram.sum < sum ? ~uint64_t{0} : sum + histogram.sum;
  }
  bool operator==(const Durations&) const = default;
};

using OperationKey = std::tuple<uint64_t, std::string, std::string, uint32_t, int>;
using OperationCounts = std::map<OperationKey, Durations>;
using EdgeKey = std::tuple<uint64_t, std::string, std::string, ConnectionType>;
struct EdgeCount {
  uint64_t calls = 0;
  uint64_t failed = 0;
  Durations client, server;
  bool operator==(const EdgeCount&) const = default;
};
using EdgeCounts = std::map<EdgeKey, EdgeCount>;

uint64_t duration_of(const Span& span) {
  return span.end < span.start ? 0 : span.end.value - span.start.value;
}
// Minutes end with their last nanosecond.
uint64_t minute_of(uint64_t time) {
  uint64_t minute = 0;
  if (time > kNanosPerMinute) minute = (time - 1) / kNanosPerMinute;
  return minute;
}
uint64_t minute_of(const Span& span) {
  return minute_of(span.start.value);
}
bool touches(const TimeRange& range, uint64_t minute) {
  return range.from < range.to && minute_of(range.from.value) <= minute &&
         minute_of(range.to.value - 1) >= minute;
}

OperationCounts count_operations(const std::vector<SpanBatch>& fragments, const TimeRange& range) {
  OperationCounts counts;
  for (const SpanBatch& batch : fragments) {
    for (const Span& span : batch.spans) {
      if (!touches(range, minute_of(span))) continue;
      int status = span.status.present && span.status.code <= 2 ? int(span.status.code) : 0;
      counts[{minute_of(span), std::string(batch.resources[span.resource].service_name()),
              std::string(span.name), span.kind, status}]
          .add(duration_of(span));
    }
  }
  return counts;
}

std::string text_attribute(const Span& span, std::string_view key) {
  const Value* value = find_attribute(span.attributes, key);
  if (value == nullptr || value->type() != ValueType::String) return {};
  return std::string(value->as_string());
}
bool has_text(const Span& span, std::string_view key) {
  const Value* value = find_attribute(span.attributes, key);
  return value != nullptr && value->type() == ValueType::String;
}

// The rules of rollup_counter.h, written a second time.
std::pair<std::string, ConnectionType> peer_of(const Span& span) {
  auto first = [&](std::initializer_list<std::string_view> keys) {
    for (std::string_view key : keys) {
      if (std::string text = text_attribute(span, key); !text.empty()) return text;
    }
    return std::string();
  };
  for (auto key : {"db.system", "db.system.name", "db.name", "db.namespace"}) {
    if (!has_text(span, key)) continue;
    return {first({"peer.service", "db.namespace", "db.name", "db.system.name", "db.system"}),
            ConnectionType::Database};
  }
  for (auto key : {"messaging.system", "messaging.destination.name"}) {
    if (!has_text(span, key)) continue;
    return {first({"peer.service", "messaging.destination.name", "messaging.system"}),
            ConnectionType::Messaging};
  }
  return {text_attribute(span, "peer.service"), ConnectionType::Other};
}

// Of one fragment whose span ids are distinct, by looking at all pairs.
void count_edges_of(const SpanBatch& batch, EdgeCounts& counts) {
  auto service = [&](const Span& span) {
    return std::string(batch.resources[span.resource].service_name());
  };
  auto count = [&](const Span& at, const std::string& client, const std::string& server,
                   ConnectionType type, bool failed) -> EdgeCount* {
    if (client == server) return nullptr;
    EdgeCount& edge = counts[{minute_of(at), client, server, type}];
    ++edge.calls;
    edge.failed += failed;
    return &edge;
  };
  for (const Span& span : batch.spans) {
    bool failed = span.status.code == kStatusError && span.status.present;
    bool called = false, calls = false;
    for (const Span& other : batch.spans) {
      bool differs = service(other) != service(span);
      calls |= other.parent_span_id == span.span_id && differs;
      if (span.parent_span_id != other.span_id || !differs) continue;
      called = true;
      bool message = other.kind == kKindProducer || span.kind == kKindConsumer;
      bool other_failed = other.status.code == kStatusError && other.status.present;
      EdgeCount* edge =
          count(span, service(other), service(span),
                message ? ConnectionType::Messaging : ConnectionType::Call, failed || other_failed);
      edge->server.add(duration_of(span));
      if (other.kind == kKindClient || other.kind == kKindProducer) {
        edge->client.add(duration_of(other));
      }
    }
    auto [peer, type] = peer_of(span);
    if (peer.empty()) continue;
    if ((span.kind == kKindClient || span.kind == kKindProducer) && !calls) {
      EdgeCount* edge = count(span, service(span), peer, type, failed);
      if (edge != nullptr) edge->client.add(duration_of(span));
    }
    if (span.kind == kKindConsumer && !called && type == ConnectionType::Messaging) {
      EdgeCount* edge = count(span, peer, service(span), type, failed);
      if (edge != nullptr) edge->server.add(duration_of(span));
    }
  }
}

EdgeCounts count_edges(const std::vector<SpanBatch>& fragments, const TimeRange& range) {
  EdgeCounts all, counts;
  for (const SpanBatch& batch : fragments) count_edges_of(batch, all);
  for (const auto& entry : all) {
    if (touches(range, std::get<0>(entry.first))) counts.insert(entry);
  }
  return counts;
}

OperationCounts rollups_of(const Snapshot& snapshot, const TimeRange& range) {
  OperationCounts counts;
  Missing missing = visit_rollups(snapshot, range, [&](const OperationMinute& cell) {
    EXPECT_FALSE(cell.operation.is_other);
    counts[{cell.minute, std::string(cell.operation.service), std::string(cell.operation.name),
            cell.operation.kind, int(cell.operation.status)}]
        .add(cell.durations);
  });
  EXPECT_TRUE(missing.empty());
  return counts;
}

EdgeCounts edges_of(const Snapshot& snapshot, const TimeRange& range) {
  EdgeCounts counts;
  Missing missing = visit_edges(snapshot, range, [&](const EdgeMinute& cell) {
    EXPECT_FALSE(cell.edge.is_other);
    EdgeCount& edge = counts[{cell.minute, std::string(cell.edge.client),
                              std::string(cell.edge.server), cell.edge.type}];
    edge.calls += cell.calls;
    edge.failed += cell.failed;
    edge.client.add(cell.client);
    edge.server.add(cell.server);
  });
  EXPECT_TRUE(missing.empty());
  return counts;
}

std::vector<Dependency> sum_up(const EdgeCounts& counts) {
  std::map<std::tuple<std::string, std::string, ConnectionType>, std::pair<uint64_t, uint64_t>> sum;
  for (const auto& [key, edge] : counts) {
    auto& [calls, failed] = sum[{std::get<1>(key), std::get<2>(key), std::get<3>(key)}];
    calls += edge.calls;
    failed += edge.failed;
  }
  std::vector<Dependency> result;
  for (const auto& [key, calls] : sum) {
    result.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), calls.first, calls.second});
  }
  return result;
}

void expect_equal(const std::vector<SpanBatch>& fragments, ShopStore& shop,
                  const TimeRange& range) {
  Snapshot snapshot = shop.snapshot();
  ASSERT_EQ(count_operations(fragments, range), rollups_of(snapshot, range));
  EdgeCounts edges = count_edges(fragments, range);
  ASSERT_EQ(edges, edges_of(snapshot, range));
  for (int again = 0; again < 2; ++again) {  // read, and from memory
    Dependencies found = dependencies(snapshot, range.from, range.to);
    ASSERT_EQ(sum_up(edges), found.edges);
    ASSERT_TRUE(found.missing.empty());
    ASSERT_EQ(found.calls_left_out, 0u);
  }
}

TEST(Rollup, head_and_sections_count_what_a_plain_count_over_the_spans_does) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Shop shop(seed);
    ShopStore store;
    std::vector<SpanBatch> fragments;
    for (int flush = 0; flush < 4; ++flush) {
      for (int i = 0; i < 40; ++i) {
        fragments.push_back(shop.trace());
        store.append(fragments.back());
      }
      uint64_t from = shop.now() - 5 * kNanosPerMinute + 17;
      for (TimeRange range : {TimeRange{}, TimeRange{{from}, {from + 3 * kNanosPerMinute}},
                              TimeRange{{from}, {from}}, TimeRange{{0}, {shop.now() / 2}}}) {
        expect_equal(fragments, store, range);
      }
      if (flush < 3) store.flush();
      expect_equal(fragments, store, {});
    }
    EXPECT_EQ(store.verify(), "");
  }
}

TEST(Rollup, arbitrary_spans_are_counted_with_all_their_oddities) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 30; ++round) {
    ShopStore store;
    std::vector<SpanBatch> fragments;
    test::ArbitraryOptions options;
    options.ids = test::IdLengths::Valid;
    while (fragments.empty() || fragments.back().spans.empty()) {
      fragments.clear();
      fragments.push_back(test::arbitrary_batch(random, options));
    }
    store.append(fragments[0]);
    store.flush();
    fragments = store.stored_spans();  // what equals another was dropped
    ASSERT_EQ(count_operations(fragments, {}), rollups_of(store.snapshot(), {}));
    EXPECT_EQ(store.verify(), "");
  }
}

SpanFacts facts_of(std::string_view name) {
  SpanFacts facts;
  facts.name = name;
  facts.start = 7 * kNanosPerMinute;
  facts.duration = 5;
  return facts;
}

TEST(Rollup, operations_beyond_the_limit_are_counted_together) {
  RollupCounter counter({"a", "b"});
  std::vector<std::string> names;
  for (size_t i = 0; i < kRollupOperationsMax + 10; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) counter.add_operation(facts_of(name));
  EXPECT_EQ(counter.names().operations.size(), kRollupOperationsMax + 1);
  counter.add_operation(facts_of(names[0]));  // known before the limit
  SpanFacts other = facts_of("new");
  other.service = 1;
  counter.add_operation(other);
  other.status = RollupStatus::Error;
  counter.add_operation(other);
  counter.add_operation(other);
  std::vector<Operation> operations = counter.names().resolved_operations();
  ASSERT_EQ(operations.size(), kRollupOperationsMax + 3);
  OperationCells cells = counter.take_operations();
  std::map<std::tuple<std::string, bool, int>, uint64_t> counts;
  uint64_t all = 0;
  for (const OperationCell& cell : cells.cells) {
    const Operation& operation = operations[cell.code];
    uint64_t count = cells.histogram(cell.durations).count();
    all += count;
    counts[{std::string(operation.service), operation.is_other, int(operation.status)}] += count;
  }
  EXPECT_EQ(all, kRollupOperationsMax + 14);
  EXPECT_EQ((counts[{"a", false, 0}]), kRollupOperationsMax + 1);
  EXPECT_EQ((counts[{"a", true, 0}]), 10u);
  EXPECT_EQ((counts[{"b", true, 0}]), 1u);
  EXPECT_EQ((counts[{"b", true, 2}]), 2u);
}

TEST(Rollup, edges_beyond_the_limit_are_counted_together) {
  RollupCounter counter({"a"});
  size_t calls = kRollupEdgesMax + 100;
  for (size_t i = 0; i < calls; ++i) {
    std::string peer = "node-" + std::to_string(i);
    SpanFacts facts = facts_of("call");
    facts.kind = kKindClient;
    facts.peer_kind = PeerKind::Other;
    facts.peer = peer;
    counter.begin_trace();
    counter.add(facts);
    counter.end_trace();
  }
  EXPECT_EQ(counter.names().edges.size(), kRollupEdgesMax + 1);
  std::vector<Edge> edges = counter.names().resolved_edges();
  EdgeCells cells = counter.take_edges();
  uint64_t all = 0, other = 0;
  for (const EdgeCell& cell : cells.cells) {
    all += cell.calls;
    other += edges[cell.code].is_other ? cell.calls : 0;
  }
  EXPECT_EQ(all, calls);
  EXPECT_EQ(other, 100u);
}

TEST(Rollup, names_and_pages_come_back_as_they_were_written) {
  std::mt19937_64 random(3);
  std::vector<std::string_view> services = {"a", "b", "c"};
  std::vector<std::string> names;
  for (int i = 0; i < 400; ++i) names.push_back("operation " + std::to_string(i));
  RollupCounter counter(services);
  for (int i = 0; i < 20'000; ++i) {
    SpanFacts facts = facts_of(names[random() % names.size()]);
    facts.service = static_cast<uint32_t>(random() % 3);
    facts.kind = random() % 50 == 0 ? 77 : static_cast<uint32_t>(random() % 6);
    facts.start = random() % 100 == 0 ? random() : random() % (20 * kNanosPerMinute);
    facts.duration = random() >> random() % 64;
    counter.add_operation(facts);
  }
  std::string bytes;
  encode(counter.names(), bytes);
  Result<RollupNames> decoded = decode_rollup_names(bytes, services);
  ASSERT_TRUE(decoded.ok()) << decoded.status().to_string();
  EXPECT_EQ(decoded->names, counter.names().names);
  EXPECT_EQ(decoded->operations, counter.names().operations);
  OperationCells cells = counter.take_operations();
  ASSERT_GT(cells.cells.size(), 2 * kRollupPageCells);
  for (size_t first = 0; first < cells.cells.size(); first += kRollupPageCells) {
    size_t count = std::min(kRollupPageCells, cells.cells.size() - first);
    RollupPage page{cells.cells[first].minute,
                    cells.cells[first + count - 1].minute,
                    static_cast<uint32_t>(count),
                    {}};
    std::string raw;
    encode(cells, first, page, raw);
    OperationCells got;
    Status status = decode(raw, page, decoded->operations.size(), got);
    ASSERT_TRUE(status.ok()) << status.to_string();
    for (size_t i = 0; i < count; ++i) {
      const OperationCell& a = cells.cells[first + i];
      const OperationCell& b = got.cells[i];
      ASSERT_EQ(std::tie(a.minute, a.code), std::tie(b.minute, b.code));
      DurationHistogram x = cells.histogram(a.durations), y = got.histogram(b.durations);
      ASSERT_EQ(std::tie(x.sum, x.first_bucket), std::tie(y.sum, y.first_bucket));
      ASSERT_TRUE(std::ranges::equal(x.counts, y.counts));
    }
    EXPECT_FALSE(decode(raw.substr(0, raw.size() - 1), page, 1 << 20, got).ok());
    EXPECT_FALSE(decode(raw + "x", page, 1 << 20, got).ok());
    EXPECT_FALSE(decode(raw, page, 1, got).ok());
  }
}

TEST(Rollup, counts_beyond_the_limit_are_written_as_further_pages) {
  std::vector<std::string> blocks;
  RollupBuilder builder({"a"}, [&](std::string_view payload) -> Result<BlockRef> {
    blocks.emplace_back(payload);
    return BlockRef{blocks.size() - 1, payload.size()};
  });
  size_t minutes = kRollupBytesMax / 200, spans = minutes + 5'000;
  for (size_t i = 0; i < spans; ++i) {
    SpanFacts facts = facts_of("x");
    facts.start = (i % minutes + 1) * kNanosPerMinute;
    builder.begin_trace();
    builder.add(facts);
    ASSERT_TRUE(builder.end_trace().ok());
  }
  BlockRef names, pages;
  ASSERT_TRUE(builder.finish(names, pages).ok());
  Result<RollupDirectory> directory = decode_rollup_directory(blocks[pages.offset]);
  ASSERT_TRUE(directory.ok());
  uint64_t counted = 0;
  for (const RollupPage& page : directory->operations) {
    OperationCells cells;
    auto raw = codec::decode_block(blocks[page.block.offset], kRollupPageRawBytesMax);
    ASSERT_TRUE(raw.ok());
    ASSERT_TRUE(decode({raw->data(), raw->size()}, page, 1, cells).ok());
    for (const auto& cell : cells.cells) counted += cells.histogram(cell.durations).count();
  }
  EXPECT_EQ(counted, spans);
  // Minutes that came again after a page of theirs was written.
  EXPECT_EQ(std::ranges::count(directory->operations, 0u, &RollupPage::first_minute), 2);
  EXPECT_TRUE(directory->edges.empty());
}

}  // namespace
}  // namespace spoor::store
