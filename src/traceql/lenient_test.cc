#include "traceql/lenient.h"

#include <gtest/gtest.h>

#include "support/arbitrary_query.h"
#include "traceql/check.h"
#include "traceql/lexer.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

struct Case {
  std::string_view text;
  std::string_view known;
};

TEST(Lenient, KeepsWhatIsComplete) {
  constexpr Case kCases[] = {
      {"", "true"},
      {"{", "true"},
      {"{}", "true"},
      {"span.a = 1", "true"},
      {"{ span.a = \"b\" }", "span.a = \"b\""},
      {"{ span.a = \"b\"", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.c= }", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.c= ", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.c", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.", "span.a = \"b\""},
      {"{ span.a=\"b\" && ", "span.a = \"b\""},
      {"{ span.a=\"b\" && }", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.c = \"unfin", "span.a = \"b\""},
      {"{ span.a=\"b\" && span.c =~ \"(\" }", "span.a = \"b\""},
      {"{ span.a=\"b\" && name = 1 }", "span.a = \"b\""},
      {"{ span.a=\"b\" && parent.c = 1 }", "span.a = \"b\""},
      {"{ span.a=\"b\" && frobnicate }", "span.a = \"b\""},
      {"{ span.a= && span.c = 1 && kind = server }", "span.c = 1 && kind = server"},
      {"{ && span.c = 1 }", "span.c = 1"},
      {"{ span.a = 1 || span.c = }", "true"},
      {"{ span.a = 1 || span.c = && kind = server }", "kind = server"},
      {"{ span.a = 1 && (span.b = 2 || span.c = 3 }", "span.a = 1 && (span.b = 2 || span.c = 3)"},
      {"{ span.a = 1 && (span.b = 2 || span.c = 3) && span.d = }",
       "span.a = 1 && (span.b = 2 || span.c = 3)"},
      {"{ span.a = 1 && (span.b = 2 && span.c = ", "span.a = 1 && span.b = 2"},
      {"{ span.a = 1 && (span.b = 2 && span.c = )", "span.a = 1 && span.b = 2"},
      {"{ (span.b = 2 && span.c = ) = true && kind = server }", "kind = server"},
      {"{ !(span.b = 2 && span.c = ) && kind = server }", "kind = server"},
      {"{ span.a = 1 ) || span.b = 2 }", "true"},
      {"{ span.a = 1 } | rate(", "span.a = 1"},
      {"{ span.a = 1 } && { span.b = 1 }", "true"},
      {"{ span.a = 1 } > ", "true"},
      {"({ span.a = 1 })", "true"},
  };
  for (const Case& each : kCases) {
    auto known = known_condition(each.text);
    ASSERT_TRUE(known.ok()) << each.text;
    EXPECT_EQ(to_string(*known), each.known) << each.text;
  }
}

TEST(Lenient, TakesCompleteFiltersWhole) {
  test::QueryWeights weights;
  weights.typed = true;
  for (uint64_t seed = 0; seed < 1'000; ++seed) {
    FieldExpression condition = test::ArbitraryQueries(seed, weights).condition(3);
    std::string text = "{ " + to_string(condition) + " }";
    auto known = known_condition(text);
    ASSERT_TRUE(known.ok());
    ASSERT_TRUE(*known == condition)
        << "seed " << seed << ": " << text << "\nbecame " << to_string(*known);
  }
}

TEST(Lenient, TakesEveryBeginning) {
  test::QueryWeights weights;
  weights.typed = true;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    FieldExpression condition = test::ArbitraryQueries(seed, weights).condition(3);
    std::string text = "{ " + to_string(condition) + " }";
    for (size_t size = 0; size < text.size(); ++size) {
      std::string_view begin = std::string_view(text).substr(0, size);
      if (!check_text(begin).ok()) continue;  // cut within a character
      auto known = known_condition(begin);
      ASSERT_TRUE(known.ok()) << begin;
      ASSERT_TRUE(check(*known, "").ok()) << begin << "\nbecame " << to_string(*known);
    }
  }
}

TEST(Lenient, BearsHostileText) {
  auto repeated = [](std::string_view piece) {
    std::string text = "{ ";
    while (text.size() < 64 << 10) text += piece;
    return text;
  };
  for (std::string_view piece : {"(", ")", "{", "!", ".a = 1 && .b = 1 || ", "(.a = 1 && ", "\"",
                                 "&&", "(.a = 1 || ", ".a=1&&"}) {
    EXPECT_TRUE(known_condition(repeated(piece)).ok()) << piece;
  }
  EXPECT_FALSE(known_condition("{ .a = \"\xff").ok());
}

}  // namespace
}  // namespace spoor::traceql
