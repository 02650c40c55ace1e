#include "query/condition_masks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "query/traceql_search.h"
#include "store/value_codec.h"
#include "support/shop.h"
#include "traceql/check.h"
#include "traceql/lenient.h"

namespace spoor::query {
namespace {

using store::AttributeScope;

std::string described(const Value& value) {
  std::string text(1, static_cast<char>(value.type()));
  store::encode_value(value, text);
  return text;
}

// What is listed with masks holds everything that a search for the condition finds.
class ConditionMasksTest : public testing::TestWithParam<uint64_t> {
 protected:
  ConditionMasksTest() : random_(GetParam()), shop_(GetParam()) {
    for (int i = 0; i < 60; ++i) {
      store_.append(shop_.trace());
      if (random_() % 20 == 0) store_.flush();
      if (random_() % 30 == 0) EXPECT_TRUE(store_.merge_all().ok());
    }
  }

  void check(std::string_view condition) {
    SCOPED_TRACE(condition);
    const store::Snapshot snapshot = store_.snapshot();
    auto masks = ConditionMasks::of(traceql::known_condition(condition).value());
    ASSERT_TRUE(masks.has_value());
    find(snapshot, condition);
    const auto names = store::span_names(snapshot, {}, *masks);
    expect_all_of(names_, names.names, names.is_incomplete);
    has_narrowed_ |= !names_.empty() && names.names.size() < all_names_;
    for (const auto& [scope, key] : kFields) {
      const auto values = store::attribute_values(snapshot, scope, key, 10'000, {}, &*masks);
      std::vector<std::string> listed;
      for (const Value& value : values.values) listed.push_back(described(value));
      std::ranges::sort(listed);
      const auto& found = values_[std::string(key)];
      expect_all_of(found, listed, values.is_incomplete);
      const auto all = store::attribute_values(snapshot, scope, key, 10'000);
      ASSERT_LE(listed.size(), all.values.size());
      has_narrowed_ |= !found.empty() && listed.size() < all.values.size();
      const auto keys = store::attribute_keys(snapshot, scope, {}, &*masks);
      if (!found.empty()) expect_all_of({std::string(key)}, keys.keys, keys.is_incomplete);
    }
  }

  bool has_narrowed_ = false;
  std::mt19937_64 random_;
  test::Shop shop_;
  test::ShopStore store_;

 private:
  static constexpr std::pair<AttributeScope, std::string_view> kFields[] = {
      {AttributeScope::Span, "http.request.method"},
      {AttributeScope::Span, "user"},
      {AttributeScope::Span, "db.system"},
      {AttributeScope::Resource, "zone"},
      {AttributeScope::Resource, "service.name"}};

  void find(const store::Snapshot& snapshot, std::string_view condition) {
    names_.clear();
    values_.clear();
    auto query = traceql::parse_checked(
        std::string(condition) +
        " | select(span.http.request.method, span.user, span.db.system, resource.zone,"
        " resource.service.name)");
    ASSERT_TRUE(query.ok()) << query.status().to_string();
    QueryContext context;
    auto found =
        search(snapshot, {.query = *query, .limit = 10'000, .spans_per_spanset = 0}, context);
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    for (const TraceqlMatch& trace : found->traces) {
      for (const TraceqlSpan& span : trace.spansets.front().spans) {
        names_.emplace(span.name);
        for (const auto& [field, value] : span.attributes) {
          values_[found->fields[field].name].insert(described(value.value));
        }
      }
    }
    all_names_ = store::span_names(
                     snapshot, {},
                     *ConditionMasks::of(traceql::known_condition("{ duration >= 0ns }").value()))
                     .names.size();
  }

  static void expect_all_of(const std::set<std::string>& found,
                            const std::vector<std::string>& listed, bool is_incomplete) {
    if (is_incomplete) return;
    for (const std::string& one : found) {
      EXPECT_TRUE(std::ranges::binary_search(listed, one)) << one;
    }
  }

  std::set<std::string> names_;
  std::map<std::string, std::set<std::string>> values_;
  size_t all_names_ = 0;
};

TEST_P(ConditionMasksTest, what_a_search_finds_is_listed) {
  for (std::string_view condition :
       {"{ resource.service.name = \"cart\" }", "{ kind = server && status = error }",
        "{ name = \"get\" || name = \"ship\" }", "{ resource.zone = \"a\" && kind != client }",
        "{ span.user != nil }", "{ span.http.request.method = \"get\" }",
        "{ .db.system =~ \".*\" }", "{ duration > 1ms && resource.service.name != \"pay\" }"}) {
    ASSERT_NO_FATAL_FAILURE(check(condition));
  }
  EXPECT_TRUE(has_narrowed_);
}

TEST_P(ConditionMasksTest, nothing_is_listed_where_nothing_can_match) {
  auto masks = ConditionMasks::of(
      traceql::known_condition("{ resource.service.name = \"nobody\" }").value());
  ASSERT_TRUE(masks.has_value());
  const store::Snapshot snapshot = store_.snapshot();
  EXPECT_TRUE(store::span_names(snapshot, {}, *masks).names.empty());
  for (AttributeScope scope : {AttributeScope::Span, AttributeScope::Resource}) {
    EXPECT_TRUE(store::attribute_keys(snapshot, scope, {}, &*masks).keys.empty());
  }
  EXPECT_FALSE(ConditionMasks::of(traceql::known_condition("{ span.a = ").value()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConditionMasksTest, testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace spoor::query
