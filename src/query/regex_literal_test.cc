#include "query/regex_literal.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

namespace spoor::query {
namespace {

TEST(RegexLiteral, is_the_longest_that_every_match_contains) {
  const std::pair<const char*, const char*> cases[] = {
      {".*no-such-part.*", "no-such-part"},
      {"GET /cart", "GET /cart"},
      {"GET .*/items", "/items"},
      {R"(https://shop\.example/.*)", "https://shop.example/"},
      {"abc+d", "abc"},
      {"abc*de", "ab"},
      {"abcd?ef", "abc"},
      {"abc{2,3}d", "ab"},
      {"ab[^]c]defg", "defg"},
      {"(x|y)abc(?:z)*", "abc"},
      {R"(\d+-order-\w)", "-order-"},
      {"a\xc3\xa9*b", "a"},
      {"^abc$", "abc"},
      {"", ""},
      {".*", ""},
      {"abc|def", ""},
      {"(?i)abc", ""},
      {R"(\Qabc\E)", ""},
      {"a[[:alpha:]]bcd", ""},
      {R"(\x41bcd)", ""},
      {"ab{c}d", ""},
  };
  for (const auto& [regex, expected] : cases) EXPECT_EQ(required_literal(regex), expected) << regex;
}

// Regexes and texts of few characters, so that many match.
TEST(RegexLiteral, stands_in_whatever_matches) {
  std::mt19937_64 random(7);
  auto one_of = [&random](auto&... choices) {
    std::string_view all[] = {choices...};
    return all[random() % sizeof...(choices)];
  };
  size_t matched = 0, with_literal = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string regex, text;
    for (size_t pieces = random() % 6 + 1; pieces > 0; --pieces) {
      regex += one_of("a", "b", "ab", "-", "\xc3\xa9", ".", ".*", "(", ")", "(?:a", "|", "[ab]",
                      "[^]a]", "\\.", "\\w", "\\b", "^", "$", "a{1,2}", "{", "}", "[", "]");
      regex += one_of("", "", "", "*", "+", "?", "{2}", "*?");
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    re2::RE2 compiled(regex, options);
    if (!compiled.ok()) continue;
    std::string literal = required_literal(regex);
    for (int k = 0; k < 20; ++k) {
      text.clear();
      for (size_t n = random() % 6; n > 0; --n)
        text += one_of("a", "b", "-", "\xc3\xa9", ".", "{", "}");
      if (!re2::RE2::FullMatch(text, compiled)) continue;
      ++matched;
      with_literal += literal.empty() ? 0 : 1;
      ASSERT_NE(text.find(literal), text.npos) << regex << " matches " << text;
    }
  }
  EXPECT_GT(matched, 1'000u);
  EXPECT_GT(with_literal, 300u);
}

}  // namespace
}  // namespace spoor::query
