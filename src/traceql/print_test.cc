#include "traceql/print.h"

#include <gtest/gtest.h>

#include "support/arbitrary_query.h"
#include "traceql/parser.h"

namespace spoor::traceql {
namespace {

struct Case {
  std::string_view text;
  std::string_view canonical;
};

TEST(Print, IsCanonical) {
  constexpr Case kCases[] = {
      {"{}", "{ }"},
      {"{true}", "{ }"},
      {"{false}", "{ false }"},
      {" { .a=1 } ", "{ .a = 1 }"},
      {"{span:name=`x`&&(span:duration>1000ms)}", "{ name = \"x\" && duration > 1s }"},
      {"{ trace:rootService = \"\" }", "{ rootServiceName = \"\" }"},
      {"{ (.a && .b) && .c }", "{ (.a && .b) && .c }"},
      {"{ .a && .b && .c || .d }", "{ .a && .b && .c || .d }"},
      {"{ .a && (.b && .c) }", "{ .a && (.b && .c) }"},
      {"{ ((.a)) }", "{ .a }"},
      {"{ -(1) = - 1 }", "{ -(1) = -1 }"},
      {"{ span.\"plain\" = span.\"with space\" }", "{ span.plain = span.\"with space\" }"},
      {"{ .\"5\" = .5 }", "{ .\"5\" = 0.5 }"},
      {"{ parent.\"span.x\" = parent.span.x }", "{ parent.\"span.x\" = parent.span.x }"},
      {"{ .a = \"\\u00e4\\x01\\n\\\"\" }", "{ .a = \"\xc3\xa4\\x01\\n\\\"\" }"},
      {"{ .a = 1_000 && .b = 0x10 && .c = 1E3 }", "{ .a = 1000 && .b = 16 && .c = 1000.0 }"},
      {"{ .a = 9223372036854775807 || .a = -9223372036854775808 }",
       "{ .a = 9223372036854775807 || .a = -9223372036854775808 }"},
      {"{ .a = minInt }", "{ .a = -9223372036854775808 }"},
      {"{ duration > 1h30m0.5s }", "{ duration > 1h30m500ms }"},
      {"{ duration > 1d || duration > 1w || duration > 1y }",
       "{ duration > 24h || duration > 168h || duration > 8760h }"},
      {"{ duration > 10\xc2\xb5s || duration > 10\xce\xbcs || duration > 0ns }",
       "{ duration > 10us || duration > 10us || duration > 0s }"},
      {"({ }) && ({ } | by(name)) && { }", "{ } && ({ } | by(name)) && { }"},
      {"({ .a } > { .b }) > { .c }", "{ .a } > { .b } > { .c }"},
      {"{ .a } > ({ .b } > { .c })", "{ .a } > ({ .b } > { .c })"},
      {"{ } | (count()) > 2", "{ } | count() > 2"},
      {"{ } | max(.a)*2+1 >= ( 3 + 1 ) * 2", "{ } | max(.a) * 2 + 1 >= (3 + 1) * 2"},
      {"({ } | count()) > 1", "({ } | count()) > 1"},
      {"({ } | rate())", "{ } | rate()"},
      {"({ } | rate()) | topk( 3 ) > 2", "{ } | rate() | topk(3) > 2"},
      {"{} | quantile_over_time(duration, 1, .5) by(name,.a)",
       "{ } | quantile_over_time(duration, 1.0, 0.5) by (name, .a)"},
      {"{ } | compare({ status = error }, 10)", "{ } | compare({ status = error }, 10)"},
      {"100*({ } | rate())/({ } | rate()) > 1", "(100 * ({ } | rate())) / ({ } | rate()) > 1"},
      {"{ } with(most_recent=true, sample=0.1)", "{ } with (most_recent = true, sample = 0.1)"},
  };
  for (const Case& each : kCases) {
    auto query = parse(each.text);
    ASSERT_TRUE(query.ok()) << each.text << ": " << query.status().message();
    EXPECT_EQ(to_string(*query), each.canonical);
    auto again = parse(each.canonical);
    ASSERT_TRUE(again.ok()) << each.canonical << ": " << again.status().message();
    EXPECT_TRUE(*again == *query) << each.canonical;
  }
}

void expect_round_trip(const Query& query, uint64_t seed) {
  std::string text = to_string(query);
  auto parsed = parse(text);
  ASSERT_TRUE(parsed.ok()) << "seed " << seed << ": " << text << ": " << parsed.status().message();
  ASSERT_TRUE(*parsed == query) << "seed " << seed << ": " << text << "\nbecame "
                                << to_string(*parsed);
  ASSERT_EQ(to_string(*parsed), text) << "seed " << seed;
}

TEST(Print, ReadsBackAsTheSameTree) {
  for (uint64_t seed = 0; seed < 6'000; ++seed) {
    test::QueryWeights weights;
    weights.depth = static_cast<int>(seed % 5);
    weights.typed = seed % 3 == 0;
    expect_round_trip(test::ArbitraryQueries(seed, weights).query(), seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace spoor::traceql
