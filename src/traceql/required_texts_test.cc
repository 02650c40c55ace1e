#include "traceql/required_texts.h"

#include <gtest/gtest.h>

#include "traceql/parser.h"

namespace spoor::traceql {
namespace {

// "a|b", or "open".
std::string required(std::string_view condition) {
  auto tree = parse_condition(condition);
  EXPECT_TRUE(tree.ok()) << condition;
  if (!tree.ok()) return "";
  auto texts = required_texts(*tree, Field::attribute(AttributeScope::Resource, "service.name"));
  if (!texts) return "open";
  std::string joined;
  for (const std::string& text : *texts) joined += (joined.empty() ? "" : "|") + text;
  return joined;
}

TEST(RequiredTexts, are_those_that_every_span_of_the_condition_has) {
  constexpr std::pair<std::string_view, std::string_view> kCases[] = {
      {"resource.service.name = \"a\"", "a"},
      {"\"a\" = resource.service.name", "a"},
      {"resource.service.name = \"b\" || resource.service.name = \"a\"", "a|b"},
      {"resource.service.name = \"a\" && name = \"x\" && duration > 1s", "a"},
      {"resource.service.name = \"a\" && resource.service.name = \"b\"", ""},
      {"(resource.service.name = \"a\" || name = \"x\") && resource.service.name = \"c\"", "c"},
      {"resource.service.name = \"a\" || name = \"x\"", "open"},
      {"resource.service.name != \"a\"", "open"},
      {"!(resource.service.name = \"a\")", "open"},
      {"resource.service.name =~ \"a\"", "open"},
      {"resource.service.name = span.x", "open"},
      {"resource.service.name = 1", "open"},
      {".service.name = \"a\"", "open"},
      {"parent.resource.service.name = \"a\"", "open"},
      {"true", "open"},
  };
  for (const auto& [condition, expected] : kCases) {
    EXPECT_EQ(required(condition), expected) << condition;
  }
}

}  // namespace
}  // namespace spoor::traceql
