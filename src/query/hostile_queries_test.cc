// Queries that are as large, as deep or as costly as a text of 64 KiB allows: each is answered, or
// refused with a short reason.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "query/metrics.h"
#include "query/traceql_search.h"
#include "support/shop.h"
#include "traceql/check.h"

namespace spoor::query {
namespace {

constexpr size_t kBytes = 64 << 10;

// `first`, then pieces behind one another as long as all, with `end`, fits.
std::string chain(std::string first, const std::function<std::string(size_t)>& piece,
                  std::string_view end = "") {
  for (size_t i = 0; true; ++i) {
    std::string next = piece(i);
    if (first.size() + next.size() + end.size() > kBytes) return first.append(end);
    first += next;
  }
}

std::string chain(std::string first, std::string_view piece, std::string_view end = "") {
  return chain(std::move(first), [&](size_t) { return std::string(piece); }, end);
}

std::string repeated(size_t count, std::string_view piece) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += piece;
  return text;
}

class HostileQueries : public testing::Test {
 protected:
  HostileQueries() {
    for (int i = 0; i < 30; ++i) {
      store_.append(shop_.trace());
      if (i == 20) store_.flush();
    }
  }

  // The traces that are found; the refusal.
  Result<size_t> search(const std::string& text, size_t limit = 20) {
    SPOOR_ASSIGN(traceql::Query query, traceql::parse_checked(text));
    QueryContext context;
    SPOOR_ASSIGN(TraceqlResult found,
                 query::search(store_.snapshot(), {.query = query, .limit = limit}, context));
    return found.traces.size();
  }

  Result<uint64_t> count(const std::string& text) {
    SPOOR_ASSIGN(traceql::Query query, traceql::parse_checked(text));
    auto intervals = MetricsIntervals::of_instant({1}, {uint64_t{1} << 62});
    QueryContext context;
    SPOOR_ASSIGN(MetricsResult found, metrics(std::array{store_.snapshot()},
                                              {.query = query, .intervals = *intervals}, context));
    return found.spans_counted;
  }

  template <typename T>
  static void expect_refusal(const Result<T>& result, std::string_view text) {
    ASSERT_FALSE(result.ok()) << text.substr(0, 60);
    EXPECT_EQ(result.status().code(), Code::InvalidArgument) << text.substr(0, 60);
    EXPECT_LT(result.status().message().size(), 300u) << text.substr(0, 60);
  }

  test::Shop shop_{1};
  test::ShopStore store_;
};

TEST_F(HostileQueries, long_chains_are_answered_as_short_ones) {
  struct Case {
    std::string text, same_as;
  };
  const std::string kNothing = "{ name = \"none\" }";
  const Case cases[] = {
      {"{ name = \"get\"" + repeated(1'000, " || name = \"none\"") + " }", "{ name = \"get\" }"},
      {"{ name = \"get\"" + repeated(1'000, " && name =~ \"(g|e|t)*\"") + " }",
       "{ name = \"get\" }"},
      {"{ name = \"get\" }" + repeated(1'000, " || { name = \"none\" }"), "{ name = \"get\" }"},
      {"{ name = \"get\" }" + repeated(1'000, " && { }"), "{ name = \"get\" }"},
      {"{ name = \"get\" }" + repeated(1'000, " | { }"), "{ name = \"get\" }"},
      {chain("{ name = \"get\" }", " | by(name) | coalesce()"), "{ name = \"get\" }"},
      {chain("{ name = \"get\" }", " | count() > 0"), "{ name = \"get\" }"},
      {"{ name = \"none\" }" + repeated(120, " >> { }"), kNothing},
      {"{ }" + repeated(120, " !>> { }"), "{ } !>> { }"},
      {"{ duration" + repeated(120, " + duration") + " < 0s }", kNothing},
  };
  for (const Case& one : cases) {
    auto found = search(one.text), same = search(one.same_as);
    ASSERT_TRUE(found.ok()) << one.text.substr(0, 60) << found.status().to_string();
    EXPECT_EQ(*found, *same) << one.text.substr(0, 60);
    auto counted = count(one.text + " | rate()"), same_counted = count(one.same_as + " | rate()");
    ASSERT_TRUE(counted.ok()) << one.text.substr(0, 60) << counted.status().to_string();
    if (one.text.find(" && {") == std::string::npos) {
      EXPECT_EQ(*counted, *same_counted) << one.text.substr(0, 60);
    }
  }
}

TEST_F(HostileQueries, thousands_of_conditions_are_answered_or_refused) {
  auto key = [](size_t i) { return " || .k" + std::to_string(i) + " = 1"; };
  auto regex = [](size_t i) { return " || name =~ \".*a" + std::to_string(i) + ".*\""; };
  const std::string texts[] = {
      chain("{ .k = 1", key, " }"),
      chain("{ name =~ \"a\"", regex, " }"),
      chain("{ name = \"none\" }", " || { name = \"none\" }"),
      chain("{ name = \"none\" }", " | { name = \"none\" }"),
  };
  for (const std::string& text : texts) {
    auto found = search(text);
    if (!found.ok()) ASSERT_NO_FATAL_FAILURE(expect_refusal(found, text));
    if (found.ok()) EXPECT_EQ(*found, 0u) << text.substr(0, 60);
    auto counted = count(text + " | rate()");
    if (!counted.ok()) ASSERT_NO_FATAL_FAILURE(expect_refusal(counted, text));
    if (counted.ok()) EXPECT_EQ(*counted, 0u) << text.substr(0, 60);
  }
}

TEST_F(HostileQueries, what_is_too_much_is_refused_shortly) {
  const std::string texts[] = {
      chain("{ }", " >> { }"),
      chain("{ duration", " + duration", " > 1s }"),
      chain("{ (", "(", "name = \"a\"))))) }"),
      chain("{ ", "!(", "true }"),
      "{ name =~ `" + std::string(kBytes - 20, 'a') + "` }",
      "{ name =~ \"((a{1,100}){1,100}){1,100}\" }",
      "{ name =~ \"(\" }",
  };
  for (const std::string& text : texts) {
    ASSERT_NO_FATAL_FAILURE(expect_refusal(search(text), text));
    ASSERT_NO_FATAL_FAILURE(expect_refusal(count(text + " | rate()"), text));
  }
}

TEST_F(HostileQueries, expressions_that_backtrack_elsewhere_are_answered) {
  for (std::string_view regex : {"(a*)*b", "(a|a)*$", "(.*a){20}", "((g+)+)+e"}) {
    std::string text =
        "{ name =~ `" + std::string(regex) + "` || span.user =~ `" + std::string(regex) + "` }";
    EXPECT_TRUE(search(text).ok()) << text;
    EXPECT_TRUE(count(text + " | rate()").ok()) << text;
  }
}

TEST_F(HostileQueries, a_limit_beyond_all_traces_takes_no_room_for_them) {
  auto found = search("{ }", 262'144);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, 30u);
}

}  // namespace
}  // namespace spoor::query
