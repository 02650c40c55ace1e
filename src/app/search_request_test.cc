#include "app/search_request.h"

#include <gmock/gmock.h>

#include "net/http.h"
#include "os/memory_world.h"

namespace spoor::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SearchRequestTest : public testing::Test {
 protected:
  Result<SearchQuestion> ask(const std::vector<std::string>& arguments) {
    auto options = Options::load({arguments, {}}, world_);
    EXPECT_TRUE(options.ok()) << options.status().to_string();
    return search_question({world_, *options});
  }
  os::MemoryWorld world_;
};

TEST_F(SearchRequestTest, an_argument_in_braces_is_a_query) {
  for (const char* query : {"{ .a = 1 } | count() > 2", "({ } >> { })", "{}"}) {
    auto question = ask({query, "--search.limit=7"});
    ASSERT_TRUE(question.ok());
    EXPECT_EQ(question->query, query);
    EXPECT_THAT(question->target, StartsWith("/select/tempo/api/search?limit=7&start="));
    EXPECT_THAT(question->target, testing::EndsWith("&q=" + net::percent_encoded(query)));
  }
  auto tags = ask({"error=true", "http.status_code>=500"});
  ASSERT_TRUE(tags.ok());
  EXPECT_EQ(tags->query, "");
  EXPECT_THAT(tags->target, StartsWith("/select/jaeger/api/v3/trace-summaries?"));
  EXPECT_TRUE(ask({}).ok());
}

TEST_F(SearchRequestTest, what_makes_no_sense_is_said) {
  EXPECT_THAT(ask({"{}", "{}"}).status().message(), HasSubstr("one query in quotes"));
  EXPECT_THAT(ask({"{}", "--search.service=a"}).status().message(),
              HasSubstr("a query says them itself"));
  EXPECT_THAT(ask({"{}", "--search.min-duration=1s"}).status().message(),
              HasSubstr("duration > 1s"));
  EXPECT_THAT(ask({"error"}).status().message(), HasSubstr("expected KEY=VALUE"));
}

TEST(PlaceInQuery, is_the_line_and_a_caret) {
  const std::string message = "the server answered 400: invalid TraceQL query: 1:8: unexpected }";
  EXPECT_EQ(place_in_query("{ .a = }", message), "{ .a = }\n       ^\n");
  EXPECT_EQ(place_in_query("{ .a }\n|| {\x1b .b = }", "2:3: unexpected character"),
            "|| {\\x1b .b = }\n  ^\n");
  EXPECT_EQ(place_in_query("{}", "1:3: unexpected end"), "{}\n  ^\n");
  EXPECT_EQ(place_in_query("{}", "1:4: beyond the text"), "");
  EXPECT_EQ(place_in_query("{}", "3:1: beyond the text"), "");
  EXPECT_EQ(place_in_query("{}", "the server answered 503: 1:x 0:1: :1: 1:0:"), "");
  EXPECT_EQ(place_in_query("", "1:1: "), "\n^\n");
}

}  // namespace
}  // namespace spoor::app
