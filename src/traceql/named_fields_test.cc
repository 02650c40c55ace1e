#include "traceql/named_fields.h"

#include <gtest/gtest.h>

#include "traceql/parser.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

TEST(NamedFields, AreThoseOfTheWholeQueryEachOnce) {
  constexpr std::pair<std::string_view, std::string_view> kCases[] = {
      {"{ }", ""},
      {"{ .a = 1 && (span.b > duration || !.a) }", ".a span.b duration"},
      {"{ name = \"x\" } >> { span:name = \"y\" && .\"a b\" = 1 }", "name .\"a b\""},
      {"{ } | by(.a) | max(.b + .c) > avg(.d) | select(.e, kind) | coalesce() | count() > 1",
       ".a .b .c .d .e kind"},
      {"({ .a } | by(.b)) && { .c }", ".a .b .c"},
      {"({ .a } | max(.b)) > ({ .c } | count())", ".a .b .c"},
      {"{ .a } | quantile_over_time(duration, 0.9) by (.b)", ".a duration .b"},
      {"({ .a } | rate()) / ({ .b } | compare({ .c }))", ".a .b .c"},
  };
  for (const auto& [text, expected] : kCases) {
    auto query = parse(text);
    ASSERT_TRUE(query.ok()) << text << ": " << query.status().message();
    std::string names;
    for (const Field& field : named_fields(*query)) {
      if (!names.empty()) names += ' ';
      names += to_string(field);
    }
    EXPECT_EQ(names, expected) << text;
  }
}

}  // namespace
}  // namespace spoor::traceql
