#include "traceql/check.h"

#include <gtest/gtest.h>

#include "support/arbitrary_query.h"
#include "traceql/parser.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

TEST(Check, TakesWhatMeansSomething) {
  constexpr std::string_view kTexts[] = {
      "{ }",
      "{ .a }",
      "{ !.a && true }",
      "{ .a = .b || .a != nil || nil = .a || nil = nil }",
      "{ .a > 1 && .a > 1.5 && .a > 1s && .a > \"x\" }",
      "{ duration > 100 && duration * 2 + .a > 1.5 }",
      "{ 1 + 1 = 2 }",
      "{ status = error && status != unset && status = 2 && error = status }",
      "{ kind = server && kind != unspecified }",
      "{ name != nil && resource.service.name != nil && span.service.name = nil }",
      "{ name =~ \"a.*\" && .a !~ `\\d+` }",
      "{ name > \"a\" && name <= \"b\" }",
      "{ .a = true && (.a = 1) = true && !(.a = 1) != false }",
      "{ -.a > -duration }",
      "{ nestedSetParent < 0 && span:childCount > 2 }",
      "{ trace:id = \"abc\" && event:timeSinceStart > 1ms && link:spanID = \"\" }",
      "{ .a } >> { .b } | by(.a + 1) | select(.a, name) | coalesce() | count() > 2",
      "{ } | max(duration) - min(duration) > 1s",
      "{ } | avg(.a) > max(.b) * 2",
      "({ } | by(name)) && { }",
      "{ } | rate() by (.a, .b, .c, .d, name) | topk(5)",
      "{ } | quantile_over_time(duration, 0, 0.5, 1) by (.a, .b, .c, .d)",
      "{ } | histogram_over_time(.a)",
      "(({ } | rate()) / ({ } | rate())) * 100 > 5",
      "{ } with (most_recent = true, sample = 0.1, exemplars = 5, unheard_of = \"x\")",
  };
  for (std::string_view text : kTexts) {
    auto query = parse_checked(text);
    EXPECT_TRUE(query.ok()) << text << ": " << query.status().message();
  }
}

// What Grafana's search builder and trace drill-down make.
TEST(Check, TakesWhatGrafanaSends) {
  constexpr std::string_view kTexts[] = {
      "{}",
      "{nestedSetParent<0 && true} | rate() with(sample=true)",
      "{resource.service.name=\"shop\" && name=~\"GET.*|POST.*\" && duration>100ms}",
      "{.http.status_code>=400 && kind=server && status=error}",
      "{nestedSetParent<0 && status=error && resource.service.name != nil} | rate() by("
      "resource.service.name)",
      "{nestedSetParent<0 && kind=server} | quantile_over_time(duration, 0.9) by (span.\"a b\")",
      "{nestedSetParent<0} | histogram_over_time(duration) with(exemplars=true)",
      "{nestedSetParent<0} &>> {status=error} | select(status, resource.service.name, name, "
      "nestedSetParent, nestedSetLeft, nestedSetRight)",
      "({nestedSetParent<0 && status=error}&>>{status=error})||({nestedSetParent<0 && "
      "status=error}) | select(status)",
      "{event.exception.message != nil && status=error}",
      "{trace:duration>.5s && span:name!=\"x\"} | by(span.http.route) | count()>2",
  };
  for (std::string_view text : kTexts) {
    auto query = parse_checked(text);
    EXPECT_TRUE(query.ok()) << text << ": " << query.status().message();
  }
}

struct Refusal {
  std::string_view text;
  Code code;
  std::string_view message;
};

constexpr Code kInvalid = Code::InvalidArgument;
constexpr Code kUnsupported = Code::Unimplemented;

constexpr Refusal kRefusals[] = {
    {"{ 1 }", kInvalid, "1:3: a filter must be true or false, got a value of type integer"},
    {"{ name }", kInvalid, "1:3: a filter must be true or false, got a value of type string"},
    {"{ duration + 1 }", kInvalid,
     "1:3: a filter must be true or false, got a value of type duration"},
    {"{ .a && 1 }", kInvalid, "1:9: '&&' does not take a value of type integer, got '1'"},
    {"{ !1 }", kInvalid, "1:4: '!' does not take a value of type integer, got '1'"},
    {"{ -true = .a }", kInvalid, "1:4: '-' does not take a value of type boolean, got 'true'"},
    {"{ .a + \"x\" = 1 }", kInvalid, "1:8: '+' does not take a value of type string, got '\"x\"'"},
    {"{ name = 1 }", kInvalid,
     "1:3: cannot relate 'name', of type string, to '1', of type integer"},
    {"{ duration = \"1s\" }", kInvalid,
     "1:3: cannot relate 'duration', of type duration, to '\"1s\"', of type string"},
    {"{ status = server }", kInvalid,
     "1:3: cannot relate 'status', of type status, to 'server', of type kind"},
    {"{ kind = 2 }", kInvalid, "1:3: cannot relate 'kind', of type kind, to '2', of type integer"},
    {"{ status > ok }", kInvalid, "1:3: '>' does not take a value of type status, got 'status'"},
    {"{ .a > true }", kInvalid, "1:8: '>' does not take a value of type boolean, got 'true'"},
    {"{ .a =~ 1 }", kInvalid, "1:9: '=~' does not take a value of type integer, got '1'"},
    {"{ .a =~ .b }", kInvalid, "1:9: a regular expression is a string, got '.b'"},
    {"{ .a =~ \"(\" }", kInvalid, "1:9: regular expression: missing ): ("},
    {"{ .a > nil }", kInvalid, "1:3: nil can only be compared by = and !=, got '>'"},
    {"{ !nil }", kInvalid, "1:4: '!' does not take nil"},
    {"{ nil }", kInvalid, "1:3: a filter must be true or false, got a value of type nil"},
    {"{ 1 = nil }", kInvalid, "1:3: only an attribute can be nil, got '1'"},
    {"{ name = nil }", kInvalid, "1:3: name is never nil"},
    {"{ nil = resource.service.name }", kInvalid, "1:9: resource.service.name is never nil"},
    {"{ parent.a = 1 }", kUnsupported, "1:3: 'parent.a' is not supported yet"},
    {"{ parent = nil }", kUnsupported, "1:3: 'parent' is not supported yet"},
    {"{ } | by(1)", kInvalid, "1:7: by() needs an attribute or intrinsic in it"},
    {"{ } | by(.a + true)", kInvalid,
     "1:15: '+' does not take a value of type boolean, got 'true'"},
    {"{ } | select(parent.a)", kUnsupported, "1:14: 'parent.a' is not supported yet"},
    {"{ } | max(name) > 1", kInvalid, "1:11: max() needs numbers, got a value of type string"},
    {"{ } | max(1) > 1", kInvalid, "1:11: max() needs an attribute or intrinsic in it"},
    {"{ } | 1 < 2", kInvalid, "1:7: expected an aggregate such as count() in the comparison"},
    {"({ } | count()) > 1", kUnsupported,
     "1:1: an aggregate of a pipeline in parentheses is not supported yet"},
    {"{ } | compare({ status = error })", kUnsupported, "1:7: compare() is not supported yet"},
    {"{ } | avg_over_time(name)", kInvalid,
     "1:21: avg_over_time() needs numbers, got a value of type string"},
    {"{ } | quantile_over_time(.a, 1.5)", kInvalid, "1:7: a quantile lies between 0 and 1"},
    {"{ } | rate() by (.a, .b, .c, .d, .e, .f)", kInvalid,
     "1:7: rate() by 6 fields, allowed are 5"},
    {"{ } | histogram_over_time(.x) by (.a, .b, .c, .d, .e)", kInvalid,
     "1:7: histogram_over_time() by 5 fields, allowed are 4"},
    {"{ } | rate() | topk(0)", kInvalid, "1:14: expected at least 1 series, got 0"},
    {"({ } | rate()) * 1s", kInvalid,
     "1:18: metrics are combined with plain numbers, got a duration"},
    {"{ } with (most_recent = 1)", kInvalid, "1:11: hint most_recent is true or false"},
    {"{ } with (sample = 1.5)", kInvalid, "1:11: hint sample is true, false, or between 0 and 1"},
    {"{ } with (exemplars = \"x\")", kInvalid, "1:11: hint exemplars is true, false, or a count"},
};

TEST(Check, RefusesWithPlaceAndReason) {
  for (const Refusal& refusal : kRefusals) {
    ASSERT_TRUE(parse(refusal.text).ok()) << refusal.text;
    Status status = parse_checked(refusal.text).status();
    EXPECT_EQ(status.code(), refusal.code) << refusal.text;
    EXPECT_EQ(status.message(), refusal.message) << refusal.text;
  }
}

TEST(Check, LimitsRegularExpressions) {
  auto with_pattern = [](const std::string& pattern) {
    return parse_checked("{ .a =~ `" + pattern + "` }").status();
  };
  EXPECT_TRUE(with_pattern(std::string(kRegexBytesMax, 'x')).ok());
  EXPECT_EQ(with_pattern(std::string(kRegexBytesMax + 1, 'x')).message(),
            "1:9: regular expression of 1025 bytes, allowed are 1024");
  // Would repeat a million times, and back-references, which RE2 does not have.
  EXPECT_FALSE(with_pattern("((x{100}){100}){100}").ok());
  EXPECT_FALSE(with_pattern("(a)\\1").ok());
  EXPECT_TRUE(with_pattern("(a+)+(a+)+(a+)+$").ok());
}

TEST(Check, TakesTypedArbitraryQueries) {
  test::QueryWeights weights;
  weights.typed = true;
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    Query query = test::ArbitraryQueries(seed, weights).query();
    std::string text = to_string(query);
    Status status = parse_checked(text).status();
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << text << ": " << status.message();
  }
}

}  // namespace
}  // namespace spoor::traceql
