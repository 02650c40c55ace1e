// What clients of Jaeger's APIs send as JSON, and how it is refused.
#include "wire/jaeger_query.h"

#include <gtest/gtest.h>

namespace spoor::wire {
namespace {

TEST(JaegerTags, are_an_object_of_strings) {
  auto tags = decode_jaeger_tags(R"({"b":"1","a":"x y"})");
  ASSERT_TRUE(tags.ok());
  EXPECT_EQ(*tags, (JaegerPairs{{"b", "1"}, {"a", "x y"}}));
  EXPECT_TRUE(decode_jaeger_tags("{}")->empty());
  EXPECT_TRUE(decode_jaeger_tags("null")->empty());
  for (std::string_view bad :
       {"", "[]", "{", "\"x\"", R"({"a":1})", R"({"a":null})", R"({"a":{}})", R"({"a":true})"}) {
    EXPECT_EQ(decode_jaeger_tags(bad).status().code(), Code::InvalidArgument) << bad;
  }
  EXPECT_EQ(decode_jaeger_tags(R"({"a":1})").status().message(),
            "expected the value of \"a\" to be a string");
}

TEST(JaegerFilterJson, is_a_tree_of_calls) {
  auto filter = decode_jaeger_filter(R"({"op":"and","args":[
      {"call":{"op":"eq","args":[{"attr":{"key":"k","level":"span"}},
                                 {"scalar":{"value":"5","type":"int"}}]}},
      {"call":{"op":"some","args":[{"nested":{"level":"event"}},
        {"call":{"op":"in","args":[{"field":{"name":"name","level":"event"}},
                                   {"list":{"values":["a","b"]}}]}}]}}]})");
  ASSERT_TRUE(filter.ok()) << filter.status().to_string();
  EXPECT_EQ(filter->name, "and");
  ASSERT_EQ(filter->arguments.size(), 2u);
  const JaegerFilter& equal = filter->arguments[0];
  EXPECT_EQ(equal.kind, JaegerFilter::Kind::Call);
  EXPECT_EQ(equal.arguments[0].kind, JaegerFilter::Kind::Attribute);
  EXPECT_EQ(equal.arguments[0].name, "k");
  EXPECT_EQ(equal.arguments[0].level, "span");
  EXPECT_EQ(equal.arguments[1].values, std::vector<std::string>{"5"});
  EXPECT_EQ(equal.arguments[1].type, "int");
  const JaegerFilter& some = filter->arguments[1];
  EXPECT_EQ(some.arguments[0].kind, JaegerFilter::Kind::Nested);
  EXPECT_EQ(some.arguments[0].level, "event");
  EXPECT_EQ(some.arguments[1].arguments[1].values.size(), 2u);
}

TEST(JaegerFilterJson, what_the_schema_does_not_have_is_refused) {
  struct Case {
    std::string_view json;
    std::string_view message;
  };
  for (const Case& each : std::initializer_list<Case>{
           {R"({"operator":"eq"})", "unknown field \"operator\" in a call"},
           {R"({"args":[]})", "a call has no op"},
           {R"({"op":"eq","args":{}})", "expected args to be an array"},
           {R"({"op":"eq","args":[{}]})",
            "expected an argument to have exactly one of attr, field, nested, scalar, list and "
            "call"},
           {R"({"op":"eq","args":[{"ref":{}}]})", "unknown field \"ref\" in an argument"},
           {R"({"op":"eq","args":[{"attr":{"name":"x"}}]})", "unknown field \"name\" in attr"},
           {R"({"op":"eq","args":[{"scalar":{"value":5}}]})",
            "expected the value of a scalar to be a string"},
           {R"({"op":"eq","args":[{"scalar":{}}]})", "a scalar has no value"},
           {R"({"op":"in","args":[{"list":{"values":"a"}}]})", "expected values to be an array"},
       }) {
    auto filter = decode_jaeger_filter(each.json);
    EXPECT_EQ(filter.status().message(), each.message) << each.json;
  }
  EXPECT_FALSE(decode_jaeger_filter(R"({"op":"eq",)").ok());
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += R"({"op":"not","args":[{"call":)";
  EXPECT_FALSE(decode_jaeger_filter(deep).ok());
}

TEST(JaegerV3Request, is_flattened_to_parameters) {
  auto pairs = decode_jaeger_v3_request(R"({"query":{"serviceName":"shop","searchDepth":20,
      "rawTraces":true,"attributes":{"a":"b"},"durationMin":null}})");
  ASSERT_TRUE(pairs.ok()) << pairs.status().to_string();
  EXPECT_EQ(*pairs, (JaegerPairs{{"query.serviceName", "shop"},
                                 {"query.searchDepth", "20"},
                                 {"query.rawTraces", "true"},
                                 {"query.attributes", R"({"a":"b"})"}}));
  EXPECT_FALSE(decode_jaeger_v3_request("[]").ok());
  EXPECT_FALSE(decode_jaeger_v3_request(R"({"query":1})").ok());
}

}  // namespace
}  // namespace spoor::wire
