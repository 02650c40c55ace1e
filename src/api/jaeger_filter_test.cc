// Jaeger's structured filter as a condition: every operator and field, and what is refused.
#include "api/jaeger_filter.h"

#include <gtest/gtest.h>

namespace spoor::api {
namespace {

std::string lowered(std::string_view json) {
  auto filter = wire::decode_jaeger_filter(json);
  if (!filter.ok()) return "malformed: " + filter.status().message();
  auto condition = filter_condition(*filter);
  return condition.ok() ? query::to_string(*condition) : condition.status().message();
}

std::string compared(std::string_view operation, std::string_view reference,
                     std::string_view value) {
  return lowered(R"({"op":")" + std::string(operation) + R"(","args":[)" + std::string(reference) +
                 "," + std::string(value) + "]}");
}

constexpr std::string_view kAttribute = R"({"attr":{"key":"k"}})";

std::string scalar(std::string_view value, std::string_view type = "") {
  return R"({"scalar":{"value":")" + std::string(value) + R"(","type":")" + std::string(type) +
         R"("}})";
}

query::Expression condition_of(std::string_view json) {
  return *filter_condition(*wire::decode_jaeger_filter(json));
}

TEST(JaegerFilter, comparisons_of_attributes) {
  using query::Comparison;
  struct Case {
    std::string_view name;
    Comparison comparison;
  };
  for (const Case& each : std::initializer_list<Case>{{"eq", Comparison::Equal},
                                                      {"gt", Comparison::Greater},
                                                      {"lt", Comparison::Less},
                                                      {"gte", Comparison::GreaterOrEqual},
                                                      {"lte", Comparison::LessOrEqual},
                                                      {"regex", Comparison::Matches}}) {
    query::Expression condition =
        condition_of(R"({"op":")" + std::string(each.name) + R"(","args":[)" +
                     std::string(kAttribute) + "," + scalar("5") + "]}");
    EXPECT_EQ(condition.comparison, each.comparison) << each.name;
    EXPECT_EQ(condition.typing, query::Typing::AsText);
    EXPECT_EQ(condition.field, query::Field::attribute(query::Place::SpanOrResource, "k"));
  }
}

TEST(JaegerFilter, types_and_levels) {
  auto of = [](std::string_view level, std::string_view value, std::string_view type) {
    return condition_of(R"({"op":"eq","args":[{"attr":{"key":"k","level":")" + std::string(level) +
                        R"("}},)" + scalar(value, type) + "]}");
  };
  EXPECT_EQ(of("span", "5", "int").literal, query::Literal(int64_t{5}));
  EXPECT_EQ(of("span", "5", "int").typing, query::Typing::Typed);
  EXPECT_EQ(of("resource", "1.5", "double").literal, query::Literal(1.5));
  EXPECT_EQ(of("scope", "true", "bool").literal, query::Literal(true));
  EXPECT_EQ(of("event", "5", "string").literal, query::Literal(std::string("5")));
  EXPECT_EQ(of("event", "5", "string").field.place, query::Place::Event);
  EXPECT_EQ(of("link", "5", "").field.place, query::Place::Link);
}

TEST(JaegerFilter, not_equal_and_not_in_need_a_value) {
  std::string not_equal = compared("ne", kAttribute, scalar("5"));
  std::string not_in = compared("not_in", kAttribute, R"({"list":{"values":["5"]}})");
  query::Expression condition =
      condition_of(R"({"op":"ne","args":[{"attr":{"key":"k"}},)" + scalar("5") + "]}");
  EXPECT_EQ(condition.kind, query::Expression::Kind::And);
  EXPECT_EQ(condition.operands[0].comparison, query::Comparison::Exists);
  EXPECT_EQ(condition.operands[1].kind, query::Expression::Kind::Not);
  EXPECT_FALSE(not_equal.empty() || not_in.empty());
}

TEST(JaegerFilter, fields_take_their_own_words) {
  auto literal = [](std::string_view field, std::string_view level, std::string_view value) {
    return condition_of(R"({"op":"eq","args":[{"field":{"name":")" + std::string(field) +
                        R"(","level":")" + std::string(level) + R"("}},)" + scalar(value) + "]}")
        .literal;
  };
  EXPECT_EQ(literal("kind", "span", "server"), query::Literal(int64_t{2}));
  EXPECT_EQ(literal("kind", "", "unspecified"), query::Literal(int64_t{0}));
  EXPECT_EQ(literal("status", "span", "error"), query::Literal(int64_t{2}));
  EXPECT_EQ(literal("duration", "span", "2s"), query::Literal(int64_t{2'000'000'000}));
  EXPECT_EQ(literal("startTime", "span", "1970-01-01T00:00:01Z"),
            query::Literal(int64_t{1'000'000'000}));
  EXPECT_EQ(literal("service", "resource", "shop"), query::Literal(std::string("shop")));
  EXPECT_EQ(literal("name", "scope", "lib"), query::Literal(std::string("lib")));
  EXPECT_EQ(literal("version", "scope", "1"), query::Literal(std::string("1")));
  EXPECT_EQ(literal("name", "event", "e"), query::Literal(std::string("e")));
  EXPECT_EQ(literal("statusMessage", "span", "m"), query::Literal(std::string("m")));
}

TEST(JaegerFilter, connectives_and_quantifiers) {
  query::Expression condition = condition_of(R"({"op":"and","args":[
      {"call":{"op":"not","args":[{"call":{"op":"exists","args":[{"attr":{"key":"a"}}]}}]}},
      {"call":{"op":"or","args":[
        {"call":{"op":"in","args":[{"attr":{"key":"b"}},{"list":{"values":["1","2"]}}]}}]}},
      {"call":{"op":"some","args":[{"nested":{"level":"event"}},
        {"call":{"op":"eq","args":[{"field":{"name":"name","level":"event"}},
                                   {"scalar":{"value":"exception"}}]}}]}}]})");
  ASSERT_EQ(condition.operands.size(), 3u);
  EXPECT_EQ(condition.operands[0].kind, query::Expression::Kind::Not);
  EXPECT_EQ(condition.operands[1].operands[0].operands.size(), 2u);
  EXPECT_EQ(condition.operands[2].field, query::Field::of(query::Intrinsic::EventName));
}

TEST(JaegerFilter, what_cannot_be_said_is_refused_by_name) {
  auto field = [](std::string_view level, std::string_view name) {
    return compared("eq",
                    R"({"field":{"name":")" + std::string(name) + R"(","level":")" +
                        std::string(level) + R"("}})",
                    scalar("x"));
  };
  for (auto [level, name] : {std::pair{"span", "traceID"},
                             {"span", "spanID"},
                             {"span", "parentSpanID"},
                             {"span", "traceState"},
                             {"span", "endTime"},
                             {"resource", "schemaURL"},
                             {"scope", "schemaURL"},
                             {"event", "time"},
                             {"event", "timeSinceStart"},
                             {"link", "traceID"},
                             {"link", "spanID"},
                             {"link", "traceState"}}) {
    EXPECT_EQ(field(level, name), "field " + std::string(level) + "." + name + " is not supported");
  }
  EXPECT_EQ(field("span", "kind"), "\"x\" is not a span kind");
  EXPECT_EQ(field("span", "status"), "\"x\" is not a span status");
  EXPECT_EQ(field("span", "duration"), "time: invalid duration \"x\"");
  EXPECT_EQ(compared("like", kAttribute, scalar("x")), "operator like is not supported");
  EXPECT_EQ(compared("eq", R"({"attr":{"key":"k","level":"trace"}})", scalar("x")),
            "level \"trace\" is not supported");
  EXPECT_EQ(compared("eq", R"({"attr":{"level":"span"}})", scalar("x")), "an attr has no key");
  EXPECT_EQ(compared("eq", scalar("y"), scalar("x")),
            "expected an attr or a field as the first argument of a comparison");
  EXPECT_EQ(compared("eq", kAttribute, kAttribute), "operator eq takes a reference and a scalar");
  EXPECT_EQ(compared("in", kAttribute, scalar("x")), "operator in takes a reference and a list");
  EXPECT_EQ(compared("eq", kAttribute, scalar("large", "int")),
            "\"large\" is not the \"int\" it declares");
  EXPECT_EQ(compared("eq", kAttribute, scalar("x", "double")),
            "\"x\" is not the \"double\" it declares");
  EXPECT_EQ(compared("eq", kAttribute, scalar("1", "bool")),
            "\"1\" is not the \"bool\" it declares");
  EXPECT_EQ(compared("eq", kAttribute, scalar("1", "bytes")), "type \"bytes\" is not supported");
  EXPECT_EQ(compared("regex", R"({"field":{"name":"duration","level":"span"}})", scalar("x")),
            "operator regex takes a text, which the field duration is not");
  EXPECT_EQ(lowered(R"({"op":"and"})"), "operator and takes at least one call");
  EXPECT_EQ(lowered(R"({"op":"not"})"), "operator not takes one call");
  EXPECT_EQ(lowered(R"({"op":"exists"})"), "operator exists takes a reference");
}

TEST(JaegerFilter, some_binds_a_single_comparison_only) {
  auto some = [](std::string_view level, std::string_view inner) {
    return lowered(R"({"op":"some","args":[{"nested":{"level":")" + std::string(level) +
                   R"("}},{"call":)" + std::string(inner) + "}]}");
  };
  EXPECT_EQ(some("event", R"({"op":"and","args":[]})"),
            "operator and within some is not supported");
  EXPECT_EQ(some("event", R"({"op":"ne","args":[]})"), "operator ne within some is not supported");
  EXPECT_EQ(some("span", R"({"op":"eq","args":[]})"), "some over level \"span\" is not supported");
  EXPECT_EQ(some("event", R"({"op":"exists","args":[{"attr":{"key":"k"}}]})"),
            "expected a reference of level event within some");
  EXPECT_EQ(lowered(R"({"op":"some","args":[]})"), "operator some takes a nested and a call");
}

}  // namespace
}  // namespace spoor::api
