#include "traceql/parser.h"

#include <gtest/gtest.h>

#include "traceql/names.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

FieldExpression attribute(std::string name) {
  return FieldExpression::of(Field::attribute(AttributeScope::None, std::move(name)));
}

FieldExpression condition_of(std::string_view text) {
  auto parsed = parse_condition(text);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status().message();
  return parsed.ok() ? *parsed : FieldExpression();
}

struct Precedence {
  Operator op;
  std::string_view symbol;
  int level;
};
constexpr Precedence kPrecedences[] = {
    {Operator::Or, "||", 1},      {Operator::And, "&&", 1},
    {Operator::Equal, "=", 2},    {Operator::NotEqual, "!=", 2},
    {Operator::Less, "<", 2},     {Operator::LessOrEqual, "<=", 2},
    {Operator::Greater, ">", 2},  {Operator::GreaterOrEqual, ">=", 2},
    {Operator::Matches, "=~", 2}, {Operator::DoesNotMatch, "!~", 2},
    {Operator::Add, "+", 3},      {Operator::Subtract, "-", 3},
    {Operator::Multiply, "*", 4}, {Operator::Divide, "/", 4},
    {Operator::Modulo, "%", 4},   {Operator::Power, "^", 5},
};

TEST(Parser, EveryPairOfOperatorsBindsByLevel) {
  for (const Precedence& first : kPrecedences) {
    for (const Precedence& second : kPrecedences) {
      std::string text =
          ".a " + std::string(first.symbol) + " .b " + std::string(second.symbol) + " .c";
      bool is_chain = first.op == second.op && first.level == 1;
      bool right = second.level > first.level ||
                   (first.op == Operator::Power && second.op == Operator::Power);
      FieldExpression expected;
      if (is_chain) {
        expected =
            FieldExpression::operation(first.op, {attribute("a"), attribute("b"), attribute("c")});
      } else if (right) {
        expected = FieldExpression::operation(
            first.op, {attribute("a"),
                       FieldExpression::operation(second.op, {attribute("b"), attribute("c")})});
      } else {
        expected = FieldExpression::operation(
            second.op, {FieldExpression::operation(first.op, {attribute("a"), attribute("b")}),
                        attribute("c")});
      }
      EXPECT_TRUE(condition_of(text) == expected) << text;
    }
  }
}

struct Same {
  std::string_view text;
  std::string_view as;
};

TEST(Parser, UnaryOperatorsBind) {
  constexpr Same kSame[] = {
      {"!.a = .b", "(!.a) = .b"},
      {"!.a + .b", "(!.a) + .b"},
      {"!.a * .b", "!(.a * .b)"},
      {"!.a ^ .b", "!(.a ^ .b)"},
      {"!.a && .b", "(!.a) && .b"},
      {"-.a ^ .b", "(-.a) ^ .b"},
      {"-.a * .b", "(-.a) * .b"},
      {".a - -.b", ".a - (-.b)"},
      {"!!.a", "!(!.a)"},
      {"--.a", "-(-.a)"},
      {".a * !.b + .c", "(.a * (!.b)) + .c"},
      {"-!.a", "-(!.a)"},
      {".a -1", ".a - 1"},
  };
  for (const Same& same : kSame) {
    EXPECT_TRUE(condition_of(same.text) == condition_of(same.as)) << same.text;
  }
}

TEST(Parser, SpansetOperatorsBind) {
  constexpr Same kSame[] = {
      {"{.a} > {.b} && {.c}", "({.a} > {.b}) && {.c}"},
      {"{.a} && {.b} > {.c}", "{.a} && ({.b} > {.c})"},
      {"{.a} || {.b} && {.c}", "({.a} || {.b}) && {.c}"},
      {"{.a} >> {.b} !~ {.c}", "({.a} >> {.b}) !~ {.c}"},
      {"{.a} | {.b} && {.c}", "{.a} | ({.b} && {.c})"},
      {"{} | count() + 1 * 2 > 3 - 1", "{} | (count() + (1 * 2)) > (3 - 1)"},
      {"{} | 2 ^ 3 ^ 2 > max(.a)", "{} | (2 ^ (3 ^ 2)) > max(.a)"},
  };
  for (const Same& same : kSame) {
    auto a = parse(same.text), b = parse(same.as);
    ASSERT_TRUE(a.ok()) << same.text << ": " << a.status().message();
    ASSERT_TRUE(b.ok()) << same.as << ": " << b.status().message();
    EXPECT_TRUE(*a == *b) << same.text << " is " << to_string(*a);
  }
}

TEST(Parser, KnowsEverySpansetOperator) {
  constexpr std::string_view kSymbols[] = {"||", "&&",  ">",  ">>", "<",   "<<", "~",   "!>", "!>>",
                                           "!<", "!<<", "!~", "&>", "&>>", "&<", "&<<", "&~"};
  for (size_t i = 0; i < std::size(kSymbols); ++i) {
    auto query = parse("{.a}" + std::string(kSymbols[i]) + "{.b}");
    ASSERT_TRUE(query.ok()) << kSymbols[i] << ": " << query.status().message();
    const auto& node = std::get<SpansetExpression>(query->stages.at(0).body);
    EXPECT_EQ(node.op, static_cast<SpansetOperator>(i)) << kSymbols[i];
    EXPECT_EQ(node.operands.size(), 2u);
  }
}

TEST(Parser, KnowsEveryIntrinsicInBothSpellings) {
  constexpr std::pair<Intrinsic, std::string_view> kNames[] = {
      {Intrinsic::Name, "name span:name"},
      {Intrinsic::Status, "status span:status"},
      {Intrinsic::StatusMessage, "statusMessage span:statusMessage"},
      {Intrinsic::Kind, "kind span:kind"},
      {Intrinsic::Duration, "duration span:duration"},
      {Intrinsic::SpanId, "span:id"},
      {Intrinsic::ParentId, "span:parentID"},
      {Intrinsic::ChildCount, "span:childCount"},
      {Intrinsic::TraceDuration, "traceDuration trace:duration"},
      {Intrinsic::RootName, "rootName trace:rootName"},
      {Intrinsic::RootServiceName, "rootServiceName trace:rootService"},
      {Intrinsic::TraceId, "trace:id"},
      {Intrinsic::NestedSetLeft, "nestedSetLeft"},
      {Intrinsic::NestedSetRight, "nestedSetRight"},
      {Intrinsic::NestedSetParent, "nestedSetParent"},
      {Intrinsic::EventName, "event:name"},
      {Intrinsic::EventTimeSinceStart, "event:timeSinceStart"},
      {Intrinsic::LinkTraceId, "link:traceID"},
      {Intrinsic::LinkSpanId, "link:spanID"},
      {Intrinsic::InstrumentationName, "instrumentation:name"},
      {Intrinsic::InstrumentationVersion, "instrumentation:version"},
      {Intrinsic::Parent, "parent"},
  };
  static_assert(std::size(kNames) == kIntrinsicCount);
  for (auto [intrinsic, names] : kNames) {
    while (!names.empty()) {
      std::string_view name = names.substr(0, names.find(' '));
      names.remove_prefix(std::min(name.size() + 1, names.size()));
      EXPECT_TRUE(condition_of(name) == FieldExpression::of(Field::of(intrinsic))) << name;
    }
  }
}

struct AttributeCase {
  std::string_view text;
  AttributeScope scope;
  Owner owner;
  std::string_view name;
};

TEST(Parser, ReadsAttributes) {
  using enum AttributeScope;
  constexpr AttributeCase kCases[] = {
      {".a", None, Owner::Self, "a"},
      {"span.http.status_code", Span, Owner::Self, "http.status_code"},
      {"resource.service.name", Resource, Owner::Self, "service.name"},
      {"event.name", Event, Owner::Self, "name"},
      {"link.x", Link, Owner::Self, "x"},
      {"instrumentation.y", Instrumentation, Owner::Self, "y"},
      {"parent.a", None, Owner::Parent, "a"},
      {"parent.span.a", Span, Owner::Parent, "a"},
      {"parent.resource.a", Resource, Owner::Parent, "a"},
      {"parent.event.a", None, Owner::Parent, "event.a"},
      {".a-b+c*d/e:f[0]@#;'%", None, Owner::Self, "a-b+c*d/e:f[0]@#;'%"},
      {"span.\"a b\".c", Span, Owner::Self, "a b.c"},
      {"span.x.\"{}\\\"\\\\\"", Span, Owner::Self, "x.{}\"\\"},
      {".\"\"", None, Owner::Self, ""},
      {".\xc3\xa4", None, Owner::Self, "\xc3\xa4"},
      {".span.a", None, Owner::Self, "span.a"},
  };
  for (const AttributeCase& each : kCases) {
    FieldExpression node = condition_of(each.text);
    EXPECT_EQ(node.field.scope, each.scope) << each.text;
    EXPECT_EQ(node.field.owner, each.owner) << each.text;
    EXPECT_EQ(node.field.name, each.name) << each.text;
  }
}

TEST(Parser, ReadsLiterals) {
  const std::pair<std::string_view, Literal> kCases[] = {
      {"nil", Nil{}},
      {"true", true},
      {"false", false},
      {"error", kStatusError},
      {"ok", kStatusOk},
      {"unset", kStatusUnset},
      {"unspecified", kKindUnspecified},
      {"internal", kKindInternal},
      {"server", kKindServer},
      {"client", kKindClient},
      {"producer", kKindProducer},
      {"consumer", kKindConsumer},
      {"minInt", INT64_MIN},
      {"maxInt", INT64_MAX},
      {"0", int64_t{0}},
      {"-5", int64_t{-5}},
      {"010", int64_t{10}},
      {"0xff", int64_t{255}},
      {"0b101", int64_t{5}},
      {"0o17", int64_t{15}},
      {"1_000", int64_t{1000}},
      {"1.5", 1.5},
      {"1.", 1.0},
      {".5", 0.5},
      {"-2.5e-3", -2.5e-3},
      {"1e3", 1e3},
      {"\"a\\tb\\x41\\101\\u00e4\\U0001F600\"", std::string("a\tbAA\xc3\xa4\xf0\x9f\x98\x80")},
      {"`a\\tb\"\n`", std::string("a\\tb\"\n")},
      {"1h30m", Duration{5'400'000'000'000}},
      {"100ms", Duration{100'000'000}},
      {"1.5s", Duration{1'500'000'000}},
      {"3us", Duration{3'000}},
      {"7ns", Duration{7}},
      {"-1m", Duration{-60'000'000'000}},
      {"1d", Duration{86'400'000'000'000}},
      {"1w1d", Duration{691'200'000'000'000}},
      {"1y", Duration{31'536'000'000'000'000}},
      {"0.000000001s", Duration{1}},
      {"// before\n 1 /* after */", int64_t{1}},
  };
  for (const auto& [text, literal] : kCases) {
    EXPECT_TRUE(condition_of(text) == FieldExpression::of(literal)) << text;
  }
}

TEST(Parser, NodesKnowTheirPlace) {
  std::string_view text = "{ span.a = 1 &&\n (duration > 1s) } | by(name)";
  auto query = parse(text);
  ASSERT_TRUE(query.ok());
  auto source = [&](Position position) { return text.substr(position.offset, position.length); };
  const auto& filter = std::get<SpansetExpression>(query->stages.at(0).body);
  EXPECT_EQ(source(filter.position), "{ span.a = 1 &&\n (duration > 1s) }");
  EXPECT_EQ(source(filter.condition.position), "span.a = 1 &&\n (duration > 1s)");
  EXPECT_EQ(source(filter.condition.operands.at(0).position), "span.a = 1");
  EXPECT_EQ(source(filter.condition.operands.at(1).position), "(duration > 1s)");
  EXPECT_EQ(source(filter.condition.operands.at(1).operands.at(0).field.position), "duration");
  EXPECT_EQ(source(query->stages.at(1).position), "by(name)");
}

struct Refusal {
  std::string_view text;
  std::string_view message;
};

constexpr Refusal kRefusals[] = {
    {"", "1:1: expected a query such as { span.a = 1 }, got the end of the query"},
    {"{ durations > 1s }", "1:3: unknown intrinsic 'durations', did you mean 'duration'?"},
    {"{ span:nam = \"x\" }", "1:3: unknown intrinsic 'span:nam', did you mean 'span:name'?"},
    {"{ span:frobnicate = 1 }", "1:3: unknown intrinsic 'span:frobnicate'"},
    {"{ .a = 1 &&\n  .b == 2 }", "2:6: unknown operator '==', did you mean '='?"},
    {"{ .a = 'x' }", "1:8: a string is written in double quotes or backticks, not in '"},
    {"{ .a = 1", "1:9: expected '}' for the '{' at 1:1, got the end of the query"},
    {"{ (.a = 1 }", "1:11: expected ')' for the '(' at 1:3, got '}'"},
    {"{ .a = }", "1:8: expected an attribute, an intrinsic or a value, got '}'"},
    {"{ .a = 1 } }", "1:12: '}' closes nothing"},
    {"{ http.status_code = 1 }",
     "1:3: unknown scope 'http': an attribute is written '.http.status_code' or "
     "'span.http.status_code'"},
    {"{ sapn.a = 1 }", "1:3: unknown scope 'sapn', did you mean 'span'?"},
    {"{ customer = 1 }",
     "1:3: unknown name 'customer': an attribute is written '.customer' or 'span.customer', a "
     "string \"customer\""},
    {"{ span. = 1 }", "1:8: expected the name of an attribute after '.'"},
    {"{ .a & .b }", "1:6: unknown operator '&', did you mean '&&'?"},
    {"{ .a = [1] }", "1:8: TraceQL has no lists, join comparisons with '||'"},
    {"{ .a = 1 and .b = 2 }",
     "1:10: expected '}' for the '{' at 1:1, got 'and', did you mean '&&'?"},
    {"{ } OR { }",
     "1:5: expected '|', an operator or the end of the query, got 'OR', did you mean "
     "'||'?"},
    {"{ .a >> .b }", "1:6: expected '}' for the '{' at 1:1, got '>>'"},
    {"{ .a = \"b }", "1:8: string has no closing \""},
    {"{ .a =~ \"b\\.c\" }",
     "1:9: unknown escape '\\.' in a string: write '\\\\.', or the string in backticks"},
    {"{ .a = 5parsecs }",
     "1:8: malformed number '5parsecs': expected one such as 10, 1.5, 2e3 or a duration such as "
     "1h30m, 1.5s, 100ms"},
    {"{ .a = 9223372036854775808 }", "1:8: number does not fit in 64 bits"},
    {"{ .a = 300y }", "1:8: duration does not fit in 292 years"},
    {"{ .a = 1e999 }", "1:8: number does not fit in a 64-bit float"},
    {"{ count() > 1 }", "1:3: 'count' stands after the braces, as in { } | count() > 2"},
    {"{ .a = 1 /* x }", "1:10: comment has no closing '*/'"},
    {"{ \xc3\xa4 }", "1:3: unexpected character '\xc3\xa4'"},
    {".a = 1",
     "1:1: expected '{' before '.a': conditions stand in braces, as in { duration > 1s }"},
    {"{ } | cont() > 1", "1:7: unknown function 'cont', did you mean 'count'?"},
    {"{ } | count()",
     "1:7: expected a comparison of this value, as in count() > 2, got the end of the query"},
    {"{ } = { }", "1:5: '=' cannot stand between spans and spans"},
    {"{ } && 3", "1:5: '&&' cannot stand between spans and a number"},
    {"{ } | count() =~ 3", "1:15: '=~' cannot stand between a number and a number"},
    {"rate()", "1:1: 'rate' needs spans before it, as in { } | rate()"},
    {"{ } | topk(3)", "1:7: 'topk' needs metrics before it, as in { } | rate() | topk(5)"},
    {"{ } | rate() | { }", "1:16: expected 'topk' or 'bottomk', got '{'"},
    {"{ } | rate() * 2", "1:14: arithmetic of metrics needs parentheses, as in ({ } | rate()) * 2"},
    {"({ } | rate()) % 2",
     "1:16: expected one of + - * / between metrics, or a comparison with a number behind them, "
     "got '%'"},
    {"{ } | ({ } | rate()) * 2", "1:8: arithmetic of metrics cannot follow '|'"},
    {"{ } | quantile_over_time(duration)",
     "1:34: expected ',' and a quantile such as 0.9, got ')'"},
    {"{ } | min_over_time(1)", "1:21: expected an attribute or intrinsic, got '1'"},
    {"{ } | select(true)", "1:14: expected an attribute or intrinsic, got 'true'"},
    {"{ } | compare({ }, 1, 2)",
     "1:24: compare takes a filter, then at most top n, or top n, start and end"},
    {"{ } with ()", "1:11: expected the name of a hint, got ')'"},
    {"{ } with (a = b)", "1:15: expected a value, got 'b'"},
    {"{ } | with (a = 1)", "1:7: 'with' stands at the end, after a query"},
    {"{ } { }", "1:5: expected '|', an operator or the end of the query, got '{'"},
};

TEST(Parser, RefusesWithPlaceAndReason) {
  for (const Refusal& refusal : kRefusals) {
    auto query = parse(refusal.text);
    ASSERT_FALSE(query.ok()) << refusal.text << " became " << to_string(*query);
    EXPECT_EQ(query.status().code(), Code::InvalidArgument);
    EXPECT_EQ(query.status().message(), refusal.message) << refusal.text;
  }
}

std::string repeated(std::string_view piece, size_t bytes) {
  std::string text;
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

TEST(Parser, BearsHostileText) {
  constexpr size_t kBytes = 64 << 10;
  const std::string kTexts[] = {
      repeated("(", kBytes),
      "{ " + repeated("(", kBytes),
      "{ " + repeated("!", kBytes),
      "{ " + repeated("- ", kBytes),
      "{ .a" + repeated(" ^ .a", kBytes),
      "{ .a" + repeated(" + .a", kBytes),
      "{ .a" + repeated(" && .a || .a", kBytes),
      "{ }" + repeated(" > { }", kBytes),
      "{ } | " + repeated("(", kBytes),
      "{ } | max(" + repeated("(", kBytes),
      "{ } | 1" + repeated("^1", kBytes),
      repeated("({ } | ", kBytes),
      repeated("{ } && (", kBytes),
      repeated("{", kBytes),
      repeated("\"", kBytes),
      repeated("/*", kBytes),
      std::string("{ .a = \"\0\" }", 12),
      "{ .a = \"\xff\" }",
      "{ \xed\xa0\x80 }",
  };
  for (const std::string& text : kTexts) {
    auto query = parse(text);
    ASSERT_FALSE(query.ok()) << text.substr(0, 20);
    EXPECT_LT(query.status().message().size(), 300u) << text.substr(0, 20);
  }
}

TEST(Parser, LimitsTheText) {
  std::string prefix = "{ .a = `", suffix = "` }";
  std::string at =
      prefix + std::string(kQueryBytesMax - prefix.size() - suffix.size(), 'x') + suffix;
  EXPECT_TRUE(parse(at).ok());
  EXPECT_EQ(parse(at + " ").status().message(), "query of 131073 bytes, allowed are 131072");
}

TEST(Parser, LimitsTheHeightOfTheTree) {
  auto sum = [](size_t operators) {
    std::string text = "{ .a";
    for (size_t i = 0; i < operators; ++i) text += " + .a";
    return text + " }";
  };
  // The filter and its first operand are a level each.
  auto at = parse(sum(kTreeHeightMax - 2));
  ASSERT_TRUE(at.ok()) << at.status().message();
  EXPECT_EQ(parse(sum(kTreeHeightMax - 1)).status().message(),
            "1:638: query nests deeper than 128 levels");
  // A long chain of one operator is flat.
  EXPECT_TRUE(parse("{ .a" + repeated(" && .a", 60'000) + " }").ok());
  EXPECT_TRUE(parse("{ }" + repeated(" || { }", 60'000)).ok());
  EXPECT_TRUE(parse("{ }" + repeated(" | { }", 60'000)).ok());
}

}  // namespace
}  // namespace spoor::traceql
