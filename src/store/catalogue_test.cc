// Services, operations and attributes against a plain look at all spans that were appended.
#include "store/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "store/limits.h"
#include "store/row.h"
#include "support/shop.h"

namespace spoor::store {
namespace {

using test::Shop;
using test::ShopStore;

constexpr AttributeScope kScopes[] = {AttributeScope::Span, AttributeScope::Resource,
                                      AttributeScope::Instrumentation, AttributeScope::Event,
                                      AttributeScope::Link};

std::string encoded(const Value& value) {
  std::string bytes(1, static_cast<char>(value.type()));
  append_row_value(bytes, value);
  return bytes;
}

// What the spans of some batches consist of.
struct Known {
  std::map<std::string, std::set<std::pair<std::string, uint32_t>>> operations;
  std::map<AttributeScope, std::map<std::string, std::set<std::string>>> values;  // encoded

  void add(AttributeScope scope, Attributes attributes) {
    for (const KeyValue& entry : attributes) {
      auto& of_key = values[scope][std::string(entry.key)];
      bool is_told =
          entry.value.type() != ValueType::Absent && entry.value.type() != ValueType::Empty;
      if (is_told) of_key.insert(encoded(entry.value));
    }
  }
  void add(const SpanBatch& batch) {
    for (const Span& span : batch.spans) {
      const Resource& resource = batch.resources[span.resource];
      operations[std::string(resource.service_name())].emplace(span.name, span.kind);
      add(AttributeScope::Span, span.attributes);
      add(AttributeScope::Resource, resource.attributes);
      add(AttributeScope::Instrumentation, batch.scopes[span.scope].attributes);
      for (const Event& event : span.events) add(AttributeScope::Event, event.attributes);
      for (const Link& link : span.links) add(AttributeScope::Link, link.attributes);
    }
  }
};

void expect_operations(const Known& known, const Snapshot& snapshot) {
  ServiceList found = services(snapshot);
  EXPECT_TRUE(found.missing.empty());
  EXPECT_FALSE(found.is_incomplete);
  std::vector<std::string> names;
  for (const auto& [service, operations_of_it] : known.operations) {
    names.push_back(service);
    OperationList list = operations(snapshot, service);
    std::vector<OperationName> expected;
    for (const auto& [name, kind] : operations_of_it) expected.push_back({name, kind});
    ASSERT_EQ(list.operations, expected) << service;
    EXPECT_FALSE(list.is_incomplete);
  }
  ASSERT_EQ(found.names, names);
  EXPECT_TRUE(operations(snapshot, "no such service").operations.empty());
}

void expect_values(const std::set<std::string>& expected, const AttributeValues& found) {
  std::set<std::string> got;
  for (const Value& value : found.values) ASSERT_TRUE(got.insert(encoded(value)).second);
  ASSERT_TRUE(std::includes(expected.begin(), expected.end(), got.begin(), got.end()));
  if (!found.is_incomplete && !found.is_cut) ASSERT_EQ(expected.size(), got.size());
  for (size_t i = 1; i < found.values.size(); ++i) {
    ASSERT_LE(found.values[i - 1].type(), found.values[i].type());
  }
}

// How many of the answers about values were whole.
size_t expect_attributes(const Known& known, const Snapshot& snapshot) {
  size_t whole = 0;
  for (AttributeScope scope : kScopes) {
    AttributeKeys found = attribute_keys(snapshot, scope);
    EXPECT_TRUE(found.missing.empty());
    EXPECT_FALSE(found.is_incomplete);
    std::vector<std::string> keys;
    auto of_scope = known.values.find(scope);
    if (of_scope == known.values.end()) {
      EXPECT_TRUE(found.keys.empty());
      continue;
    }
    for (const auto& [key, values] : of_scope->second) {
      keys.push_back(key);
      AttributeValues all = attribute_values(snapshot, scope, key, 1'000'000);
      expect_values(values, all);
      EXPECT_FALSE(all.is_cut);
      whole += !all.is_incomplete;
      AttributeValues some = attribute_values(snapshot, scope, key, 2);
      expect_values(values, some);
      EXPECT_LE(some.values.size(), 2u);
      if (!all.is_incomplete) {
        EXPECT_EQ(some.is_cut, values.size() > 2);
      }
    }
    EXPECT_EQ(found.keys, keys);
  }
  return whole;
}

TEST(Catalogue, a_shop_in_head_and_sections_is_listed_as_its_spans_say) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Shop shop(seed);
    ShopStore store(seed % 3 == 0 ? 2 : 1);
    Known known;
    for (int flush = 0; flush < 3; ++flush) {
      for (int i = 0; i < 25; ++i) {
        SpanBatch batch = shop.trace();
        store.append(batch);
        known.add(batch);
        if (i % 8 == 0) expect_operations(known, store.snapshot());
      }
      size_t whole = expect_attributes(known, store.snapshot());
      EXPECT_GT(whole, 0u);
      store.flush();
      expect_operations(known, store.snapshot());
      expect_attributes(known, store.snapshot());
    }
  }
}

TEST(Catalogue, arbitrary_spans_are_listed_and_what_is_not_acknowledged_is_not) {
  std::mt19937_64 random(7);
  test::ArbitraryOptions options;
  options.spans_max = 10;
  options.attributes_max = 4;
  for (int round = 0; round < 25; ++round) {
    ShopStore store;
    Known known;
    for (int i = 0; i < 4; ++i) {
      SpanBatch batch = test::arbitrary_batch(random, options);
      if (batch.spans.empty()) continue;
      SpanBatch twice = test::copy_batch(batch);
      store.append_unsynced(batch);
      expect_operations(known, store.snapshot());
      expect_attributes(known, store.snapshot());
      known.add(batch);
      store.append(twice);
      expect_operations(known, store.snapshot());
      expect_attributes(known, store.snapshot());
      if (i % 2 == 1) store.flush();
      expect_operations(known, store.snapshot());
      expect_attributes(known, store.snapshot());
    }
  }
}

// One span per name, each its own trace.
SpanBatch spans_of_names(size_t first, size_t count, std::string_view service) {
  SpanBatch batch;
  Resource& resource = batch.resources.emplace_back();
  resource.present = true;
  KeyValue name{"service.name", Value::of_string(service)};
  resource.attributes = batch.arena.copy(std::span<const KeyValue>(&name, 1));
  batch.scopes.emplace_back();
  for (size_t i = first; i < first + count; ++i) {
    uint64_t id[2] = {i + 1, 7};
    Span span;
    std::string_view bytes(reinterpret_cast<const char*>(id), sizeof id);
    span.trace_id = batch.arena.copy(bytes);
    span.span_id = span.trace_id.substr(0, SpanId::kSize);
    span.name = batch.arena.copy("GET /item/" + std::to_string(i));
    span.kind = static_cast<uint32_t>(i % 3);
    span.start = UnixNanos{20'000 * kNanosPerDay + i};
    span.end = UnixNanos{span.start.value + i};
    batch.spans.push_back(span);
  }
  return batch;
}

TEST(Catalogue, names_without_end_are_listed_until_the_limit_of_a_section) {
  ShopStore store;
  Known known;
  SpanBatch many = spans_of_names(0, 3 * kShapesWithOwnNameMax, "many");
  store.append(many);
  known.add(many);
  expect_operations(known, store.snapshot());
  store.flush();
  expect_operations(known, store.snapshot());

  store.append(spans_of_names(100'000, kRollupOperationsMax + 100, "too many"));
  EXPECT_FALSE(operations(store.snapshot(), "too many").is_incomplete);
  store.flush();
  OperationList found = operations(store.snapshot(), "too many");
  EXPECT_TRUE(found.is_incomplete);
  EXPECT_EQ(found.operations.size(), kRollupOperationsMax);
  EXPECT_EQ(services(store.snapshot()).names, (std::vector<std::string>{"many", "too many"}));
  EXPECT_EQ(store.verify(), "");
}

TEST(Catalogue, attributes_that_are_one_value_are_listed) {
  ShopStore store;
  Known known;
  SpanBatch batch = spans_of_names(0, 2, "a");
  std::vector<KeyValue> list;
  for (size_t i = 0; i < kShapeFieldsMax + 5; ++i) {
    list.push_back(
        {batch.arena.copy("key " + std::to_string(i)), Value::of_int(static_cast<int64_t>(i % 7))});
  }
  list.push_back({"peer.service", Value::of_string("other")});
  batch.spans[0].attributes = list;
  store.append(batch);
  known.add(batch);
  expect_attributes(known, store.snapshot());
  store.flush();
  expect_attributes(known, store.snapshot());
}

TEST(Catalogue, tenants_see_their_own_and_a_range_leaves_out_what_lies_outside) {
  ShopStore store;
  store.append(spans_of_names(0, 3, "first"), "a");
  store.append(spans_of_names(10, 3, "second"), "b");
  auto names_of = [&](const std::string& tenant, const TimeRange& range = {}) {
    return services(store.snapshot(tenant), range).names;
  };
  for (int flushed = 0; flushed < 2; ++flushed) {
    EXPECT_EQ(names_of("a"), std::vector<std::string>{"first"});
    EXPECT_EQ(names_of("b"), std::vector<std::string>{"second"});
    EXPECT_TRUE(names_of("c").empty());
    EXPECT_TRUE(operations(store.snapshot("a"), "second").operations.empty());
    UnixNanos day{20'000 * kNanosPerDay};
    // The first nanosecond of the day belongs to the minute before.
    EXPECT_TRUE(names_of("a", {UnixNanos{0}, UnixNanos{day.value - kNanosPerMinute}}).empty());
    EXPECT_EQ(names_of("a", {day, UnixNanos{day.value + 1}}).size(), 1u);
    UnixNanos later{day.value + kNanosPerMinute + 1};
    EXPECT_TRUE(
        operations(store.snapshot("a"), "first", {later, UnixNanos{~0ull}}).operations.empty());
    store.flush();
  }
}

}  // namespace
}  // namespace spoor::store
