#include "net/router.h"

#include <gmock/gmock.h>

namespace spoor::net {
namespace {

RequestHead head_of(Method method, std::string path) {
  RequestHead head;
  head.method = method;
  head.method_text = to_string(method);
  head.path = std::move(path);
  return head;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    for (const char* pattern : {"/", "/api/traces", "/api/traces/{id}", "/api/traces/archive",
                                "/api/{rest...}", "/api/tag/{name}/values", "/ui/{path...}"}) {
      router_.get(pattern, [](ExchangePtr) {});
    }
    router_.post("/api/traces", [](ExchangePtr) {});
    router_.add(Method::Delete, "/api/traces/{id}", [](ExchangePtr) {});
  }

  // The pattern and its parameters, or the HTTP status of the refusal.
  std::string match(Method method, const std::string& path) {
    RequestHead head = head_of(method, path);
    Router::Match match = router_.match(head);
    if (match.route == nullptr) {
      return std::to_string(match.refusal.http_status) + (match.allow.empty() ? "" : " ") +
             match.allow;
    }
    std::string text = match.route->pattern;
    for (const auto& [name, value] : head.path_params) text.append(" " + name + "=" + value);
    return text;
  }

  Router router_;
};

TEST_F(RouterTest, the_more_literal_pattern_wins) {
  EXPECT_EQ(match(Method::Get, "/"), "/");
  EXPECT_EQ(match(Method::Get, "/api/traces"), "/api/traces");
  EXPECT_EQ(match(Method::Get, "/api/traces/archive"), "/api/traces/archive");
  EXPECT_EQ(match(Method::Get, "/api/traces/17"), "/api/traces/{id} id=17");
  EXPECT_EQ(match(Method::Get, "/api/traces/17/x"), "/api/{rest...} rest=traces/17/x");
  EXPECT_EQ(match(Method::Get, "/api/"), "/api/{rest...} rest=");
  EXPECT_EQ(match(Method::Get, "/api/traces/"), "/api/{rest...} rest=traces/");
}

TEST_F(RouterTest, segments_are_compared_decoded) {
  EXPECT_EQ(match(Method::Get, "/api/tag/http%2Froute%20x/values"),
            "/api/tag/{name}/values name=http/route x");
  EXPECT_EQ(match(Method::Get, "/%61pi/traces"), "/api/traces");
  EXPECT_EQ(match(Method::Get, "/ui/a/b%2e"), "/ui/{path...} path=a/b.");
  EXPECT_EQ(match(Method::Get, "/api%2Ftraces"), "404");
}

TEST_F(RouterTest, refusals_name_the_reason) {
  EXPECT_EQ(match(Method::Get, "/nothing"), "404");
  EXPECT_EQ(match(Method::Get, "/ui"), "404");
  EXPECT_EQ(match(Method::Get, "//"), "404");
  EXPECT_EQ(match(Method::Get, "/api/%zz"), "400");
  EXPECT_EQ(match(Method::Get, "/api/%00"), "400");
  EXPECT_EQ(match(Method::Get, "*"), "404");
  EXPECT_EQ(match(Method::Get, ""), "400");
  EXPECT_EQ(match(Method::Put, "/api/traces"), "405 GET, HEAD, POST");
  EXPECT_EQ(match(Method::Post, "/api/traces/1"), "405 GET, HEAD, DELETE");
  EXPECT_EQ(match(Method::Other, "/"), "405 GET, HEAD");
}

TEST_F(RouterTest, head_is_answered_by_get) {
  EXPECT_EQ(match(Method::Head, "/api/traces/1"), "/api/traces/{id} id=1");
}

TEST(Cors, allows_localhost_the_own_and_the_listed_origins) {
  CorsPolicy policy;
  policy.origins = {"https://app.example.com", "https://*.example.org"};
  auto allowed = [&](const char* origin) {
    RequestHead head;
    head.authority = "spoor:10428";
    head.headers.add("origin", origin);
    return allowed_origin(policy, head).has_value();
  };
  EXPECT_TRUE(allowed("http://localhost:5173"));
  EXPECT_TRUE(allowed("http://127.0.0.1"));
  EXPECT_TRUE(allowed("http://[::1]:80"));
  EXPECT_TRUE(allowed("http://spoor:10428"));
  EXPECT_TRUE(allowed("https://app.example.com"));
  EXPECT_TRUE(allowed("https://a.example.org"));
  EXPECT_FALSE(allowed("https://example.org"));
  EXPECT_FALSE(allowed("https://evilexample.org"));
  EXPECT_FALSE(allowed("http://a.example.org"));
  EXPECT_FALSE(allowed("http://localhost.evil.com"));
  EXPECT_FALSE(allowed("http://localhost:80.evil.com"));
  EXPECT_FALSE(allowed("http://spoor:1"));
  EXPECT_FALSE(allowed("null"));
  policy.localhost = LocalhostOrigins::Refuse;
  EXPECT_FALSE(allowed("http://localhost:5173"));
  policy.origins = {"*"};
  EXPECT_TRUE(allowed("https://any.where"));
}

TEST(Cors, preflight_names_only_safe_headers) {
  RequestHead head;
  head.method = Method::Options;
  head.headers.add("origin", "http://localhost");
  head.headers.add("access-control-request-method", "POST");
  head.headers.add("access-control-request-headers", "x-a, cookie, x-b\"; evil, content-type");
  ASSERT_TRUE(is_preflight(head));
  Response response = preflight_response({}, head, "POST");
  std::string allowed(*response.find_header("access-control-allow-headers"));
  EXPECT_THAT(allowed, testing::EndsWith(", x-a"));
  EXPECT_THAT(allowed, testing::Not(testing::HasSubstr("cookie")));
  EXPECT_EQ(preflight_response({{}, LocalhostOrigins::Refuse}, head, "POST").status, 403);
}

}  // namespace
}  // namespace spoor::net
