// The road on one machine, in process: OTLP in over real sockets, durable, out again.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>

#include "api/api.h"
#include "api/decode_body.h"
#include "api/tempo_call.h"
#include "api/tempo_parameters.h"
#include "api/tenant.h"
#include "os/memory_world.h"
#include "os/thread.h"
#include "support/arbitrary_spans.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"
#include "wire/otlp_json_decode.h"
#include "wire/otlp_json_encode.h"

namespace spoor::api {
namespace {

net::RequestHead head_with(std::initializer_list<net::Header> headers) {
  net::RequestHead head;
  for (const net::Header& header : headers) head.headers.add(header.name, header.value);
  return head;
}

TEST(Tenant, comes_from_the_headers_of_all_three_peers) {
  EXPECT_EQ(tenant_of(head_with({}))->name(), "default");
  EXPECT_EQ(tenant_of(head_with({{"x-scope-orgid", "team-a"}, {"x-tenant", "b"}}))->name(),
            "team-a");
  EXPECT_EQ(tenant_of(head_with({{"x-tenant", "b"}}))->name(), "b");
  EXPECT_EQ(tenant_of(head_with({{"accountid", "12"}, {"projectid", "34"}}))->name(), "12.34");
  EXPECT_EQ(tenant_of(head_with({{"accountid", "12"}}))->name(), "12.0");
  for (auto [header, value] : {std::pair{"x-scope-orgid", "a/b"}, std::pair{"x-scope-orgid", ""},
                               std::pair{"x-tenant", ".."}, std::pair{"accountid", "-1"},
                               std::pair{"projectid", "4294967296"}}) {
    EXPECT_FALSE(tenant_of(head_with({{header, value}})).ok()) << header << value;
  }
}

TEST(Tenant, several_are_read_together_where_that_is_possible) {
  auto names = [](std::string_view value) {
    std::string text;
    auto tenants = tenants_of(head_with({{"x-scope-orgid", std::string(value)}}));
    if (!tenants.ok()) return std::string("refused");
    for (const TenantId& tenant : *tenants) text += tenant.name() + " ";
    return text;
  };
  EXPECT_EQ(names("b|a|b"), "a b ");
  EXPECT_EQ(names("a"), "a ");
  for (std::string_view bad : {"a|", "|a", "a||b", "|", "a|b/c", "a|..", ""}) {
    EXPECT_EQ(names(bad), "refused") << bad;
  }
  EXPECT_EQ(tenants_of(head_with({})).value().size(), 1u);
  EXPECT_EQ(tenants_of(head_with({{"accountid", "12"}})).value()[0].name(), "12.0");
  std::string many = "t0";
  for (size_t i = 1; i < kTenantsMax; ++i) many += "|t" + std::to_string(i);
  EXPECT_EQ(tenants_of(head_with({{"x-tenant", many}})).value().size(), kTenantsMax);
  EXPECT_FALSE(tenants_of(head_with({{"x-tenant", many + "|one"}})).ok());
  Status alone = tenant_of(head_with({{"x-scope-orgid", "a|b"}})).status();
  EXPECT_EQ(alone.code(), Code::InvalidArgument);
  EXPECT_NE(alone.message().find("several tenants at once"), std::string::npos);
}

// A whole server over a world in memory; restart() is what kill -9 and a new start are.
class Road {
 public:
  Road() { start(); }

  void start() {
    store::StoreOptions options;
    options.path = "/data";
    options.shards_per_tenant = 2;
    options.decode = decode_record;
    options.budget = &budget_;
    auto opened = store::Store::open(world_, options);
    EXPECT_TRUE(opened.ok()) << opened.status().to_string();
    store_ = std::move(*opened);
    ingest_ = std::make_unique<ingest::Ingest>(*store_, ingest::AdmissionLimits{}, metrics_);
    otlp_ = std::make_unique<ReceiveOtlp>(*ingest_, world_, ReceiveOtlp::Options{});
    queries_ = std::make_unique<os::Executor>(os::Executor::Options{"query", 2, 64});
    admin_ = std::make_unique<ServeAdmin>(*store_, *ingest_, world_, metrics_, budget_, *queries_,
                                          ServeAdmin::Facts{"test", "/data", world_.now()});
    router_ = std::make_unique<net::Router>();
    otlp_->add_http(*router_, "/v1/traces");
    otlp_->add_grpc(*router_);
    const QueryPool pool{*queries_, budget_, counted_};
    jaeger_ = std::make_unique<ServeJaeger>(*store_, world_, pool);
    jaeger_->add_routes(*router_, "/jaeger");
    tempo_ = std::make_unique<ServeTempo>(*store_, world_, pool, "test");
    tempo_->add_routes(*router_, "");
    admin_->add_routes(*router_);
    admin_->set_ready();
    server_ = std::make_unique<net::Server>(
        net::ServerOptions{.loops = 2, .limits = {}, .budget = &budget_, .metrics = &metrics_});
    port_ = *server_->listen({.name = "all", .router = router_.get()});
  }

  void restart() {
    server_.reset();
    queries_->stop();
    store_.reset();
    start();
  }

  ~Road() {
    server_.reset();
    queries_->stop();
  }

  net::ClientResponse request(std::string_view method, std::string_view path,
                              const std::vector<net::Header>& headers = {},
                              std::string_view body = {}) {
    net::HttpClient client("127.0.0.1", port_);
    auto response = client.request(method, path, headers, body);
    EXPECT_TRUE(response.ok()) << response.status().to_string();
    return response.ok() ? std::move(*response) : net::ClientResponse{};
  }

  net::ClientResponse send(const SpanBatch& batch, std::string tenant = "default") {
    return request("POST", "/v1/traces",
                   {{"content-type", "application/x-protobuf"}, {"x-scope-orgid", tenant}},
                   wire::encode_otlp(batch));
  }

  SpanBatch trace(std::string_view id, std::string tenant = "default") {
    auto response = request("GET", "/api/traces/" + to_hex(id),
                            {{"accept", "application/protobuf"}, {"x-scope-orgid", tenant}});
    if (response.status == 404) return {};
    EXPECT_EQ(response.status, 200);
    auto decoded = wire::decode_otlp(response.body);
    EXPECT_TRUE(decoded.ok());
    return test::copy_batch(decoded->batch);
  }

  os::MemoryWorld& world() { return world_; }

 private:
  os::MemoryWorld world_;
  os::MemoryBudget budget_{256 << 20};
  MetricRegistry metrics_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<ReceiveOtlp> otlp_;
  query::CountedPieces counted_{1 << 20};
  std::unique_ptr<os::Executor> queries_;
  std::unique_ptr<ServeJaeger> jaeger_;
  std::unique_ptr<ServeTempo> tempo_;
  std::unique_ptr<ServeAdmin> admin_;
  std::unique_ptr<net::Router> router_;
  std::unique_ptr<net::Server> server_;
  uint16_t port_ = 0;
};

// Spans that admission takes: valid ids, UTF-8, times around the world's now.
SpanBatch admissible_batch(std::mt19937_64& random, UnixNanos now) {
  test::ArbitraryOptions options;
  options.times = test::Times::Recent;
  options.now = now;
  options.string_bytes_max = 900;  // below the limit of keys
  SpanBatch batch = test::arbitrary_batch(random, options);
  while (batch.spans.empty()) batch = test::arbitrary_batch(random, options);
  return batch;
}

SpanBatch only_trace(const SpanBatch& batch, std::string_view trace_id) {
  SpanBatch one = test::copy_batch(batch);
  std::erase_if(one.spans, [&](const Span& span) { return span.trace_id != trace_id; });
  return one;
}

TEST(Road, what_was_sent_is_read_back_before_and_after_a_kill_and_a_flush) {
  Road road;
  std::mt19937_64 random(21);
  std::vector<SpanBatch> sent;
  for (int i = 0; i < 30; ++i) {
    sent.push_back(admissible_batch(random, road.world().now()));
    auto response = road.send(sent.back());
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "") << "partial success for a good batch";
  }
  auto expect_all = [&] {
    for (const SpanBatch& batch : sent) {
      std::string_view id = batch.spans.front().trace_id;
      SpanBatch got = road.trace(id);
      std::erase_if(got.spans, [&](const Span& span) { return span.trace_id != id; });
      EXPECT_GT(got.spans.size(), 0u);
      SpanBatch wanted = only_trace(batch, id);
      // A generated batch may hold equal spans, which are one.
      EXPECT_LE(got.spans.size(), wanted.spans.size());
      if (got.spans.size() == wanted.spans.size()) {
        EXPECT_TRUE(test::same_spans(wanted, got));
      }
    }
  };
  expect_all();
  road.restart();
  expect_all();
  EXPECT_EQ(road.request("POST", "/internal/force_flush").status, 200);
  expect_all();
  road.restart();
  expect_all();
}

TEST(Road, json_is_answered_in_json_and_stores_the_same_spans) {
  Road road;
  std::mt19937_64 random(22);
  SpanBatch batch = admissible_batch(random, road.world().now());
  auto response = road.request("POST", "/v1/traces", {{"content-type", "application/json"}},
                               wire::encode_otlp_json(batch));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.headers.find_or_empty("content-type"), "application/json");
  road.restart();  // the JSON body is replayed as such
  std::string_view id = batch.spans.front().trace_id;
  auto protobuf = road.trace(id);
  auto jaeger = road.request("GET", "/jaeger/api/v3/traces/" + to_hex(id) + "?rawTraces=true");
  ASSERT_EQ(jaeger.status, 200);
  constexpr std::string_view kOpen = "{\"result\":";
  ASSERT_TRUE(jaeger.body.starts_with(kOpen));
  auto inner = std::string_view(jaeger.body).substr(kOpen.size());
  inner.remove_suffix(1);
  auto decoded = wire::decode_otlp_json(inner);
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(test::same_spans(protobuf, decoded->batch));
}

TEST(Road, bad_spans_among_good_ones_are_a_partial_success_with_count_and_reason) {
  Road road;
  std::mt19937_64 random(23);
  SpanBatch batch = admissible_batch(random, road.world().now());
  Span zero = batch.spans.front();
  zero.trace_id = std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  batch.spans.push_back(zero);
  auto response = road.request("POST", "/v1/traces", {{"content-type", "application/json"}},
                               wire::encode_otlp_json(batch));
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("\"rejectedSpans\":\"1\""), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("trace_id is not 16 bytes"), std::string::npos) << response.body;
  EXPECT_GT(road.trace(batch.spans.front().trace_id).spans.size(), 0u);
}

TEST(Road, errors_are_a_status_in_the_type_of_the_request) {
  Road road;
  auto json = road.request("POST", "/v1/traces", {{"content-type", "application/json"}}, "{");
  EXPECT_EQ(json.status, 400);
  EXPECT_NE(json.body.find("\"message\""), std::string::npos);
  auto protobuf = road.request("POST", "/v1/traces", {{"content-type", "application/x-protobuf"}},
                               "\xff\xff\xff");
  EXPECT_EQ(protobuf.status, 400);
  EXPECT_EQ(protobuf.headers.find_or_empty("content-type"), "application/x-protobuf");
  EXPECT_EQ(road.request("POST", "/v1/traces", {{"content-type", "text/plain"}}, "x").status, 415);
  EXPECT_EQ(road.request("POST", "/v1/traces",
                         {{"content-type", "application/json"}, {"content-encoding", "br"}}, "x")
                .status,
            415);
  EXPECT_EQ(road.request("POST", "/v1/traces",
                         {{"content-type", "application/json"}, {"x-scope-orgid", "a/b"}}, "{}")
                .status,
            400);
  EXPECT_EQ(road.request("POST", "/v1/traces", {{"content-type", "application/json"}}, "{}").body,
            "{}");
  EXPECT_EQ(road.request("GET", "/jaeger/api/v3/traces/xyz").status, 400);
  EXPECT_EQ(road.request("GET", "/jaeger/api/v3/traces/1").status, 404);
  EXPECT_EQ(road.request("GET", "/api/traces/1").status, 404);
  EXPECT_EQ(road.request("GET", "/api/v2/traces/1").status, 200);
}

TEST(Road, what_tempo_cannot_be_asked_is_refused_in_plain_text) {
  Road road;
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {"/api/v2/search/tag/x/values", "tag name is not valid intrinsic or scoped attribute: x"},
      {"/api/v2/search/tags?scope=all", "invalid scope: all, expected one of resource, span"},
      {"/api/search/tags?limit=-1", "invalid limit: must be a positive number"},
      {"/api/search/tags?start=2&end=1", "http parameter start must be before end. received"},
      {"/api/v2/search/tags?q=%FF", "1:1: query is not valid UTF-8"},
  };
  for (const auto& [path, message] : kRefused) {
    auto response = road.request("GET", path);
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_TRUE(std::string_view(response.body).starts_with(message)) << response.body;
    EXPECT_EQ(response.headers.find_or_empty("content-type"), "text/plain; charset=utf-8");
  }
  EXPECT_EQ(road.request("GET", "/api/v2/search/tag/span.x").status, 404);
  EXPECT_EQ(road.request("GET", "/api/search/tags", {{"x-scope-orgid", "a/b"}}).status, 400);
  EXPECT_EQ(road.request("POST", "/api/search/tags").status, 405);
  // The language has it, this program does not run it: the request's fault.
  EXPECT_EQ(tempo_error_response(unimplemented("no")).status, 400);
  EXPECT_EQ(tempo_error_response(unavailable("later", 1'000)).status, 503);
  EXPECT_EQ(road.request("GET", "/api/status/buildinfo").body,
            "{\"version\":\"3.0.0\",\"revision\":\"test\",\"branch\":\"\",\"buildDate\":\"\","
            "\"buildUser\":\"\",\"goVersion\":\"\"}");
}

// Integers of many values lie in columns, which completion does not scan: the answer says so.
TEST(Road, values_that_are_not_listed_are_told) {
  Road road;
  for (int i = 0; i < 300; ++i) {
    std::string number = std::to_string(i);
    std::string body =
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000)" +
        std::to_string(1000 + i) + R"(","spanId":"0000000000000001","name":"a",)" +
        R"("startTimeUnixNano":")" + std::to_string(road.world().now().value) +
        R"(","attributes":[{"key":"n","value":{"intValue":)" + number + "}}]}]}]}]}";
    auto sent = road.request("POST", "/v1/traces", {{"content-type", "application/json"}}, body);
    ASSERT_EQ(sent.body, "{}");
  }
  auto head = road.request("GET", "/api/search/tag/n/values");
  EXPECT_EQ(head.headers.find_or_empty("x-spoor-partial"), "");
  EXPECT_NE(head.body.find("\"299\""), std::string::npos) << head.body;
  EXPECT_EQ(road.request("POST", "/internal/force_flush").status, 200);
  auto part = road.request("GET", "/api/search/tag/n/values");
  EXPECT_EQ(part.body, R"({"tagValues":[],"metrics":{}})");
  EXPECT_EQ(part.headers.find_or_empty("x-spoor-partial"),
            "values that lie only in columns are not listed");
}

// A span with a list, whose elements are values on their own.
std::string request_with_list(UnixNanos now, const std::string& elements) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"0000000000000001","name":"a",)"
         R"("traceId":"00000000000000000000000000000001","startTimeUnixNano":")" +
         std::to_string(now.value) +
         R"(","attributes":[{"key":"n","value":{"arrayValue":{"values":[)" + elements +
         "]}}}]}]}]}]}";
}

TEST(Road, a_list_ends_at_its_limits_and_says_so) {
  auto list = [](size_t count, size_t bytes) {
    Road road;
    std::string elements;
    for (size_t i = 0; i < count; ++i) {
      std::string text = std::to_string(1'000'000 + i);
      text.resize(std::max(bytes, text.size()), 'x');
      elements += std::string(i > 0 ? "," : "") + R"({"stringValue":")" + text + "\"}";
    }
    auto sent = road.request("POST", "/v1/traces", {{"content-type", "application/json"}},
                             request_with_list(road.world().now(), elements));
    EXPECT_EQ(sent.body, "{}");
    auto response = road.request("GET", "/api/search/tag/n/values");
    size_t values = static_cast<size_t>(std::ranges::count(response.body, ',')) + 1;
    bool is_partial = response.headers.find("x-spoor-partial").has_value();
    return std::to_string(values - 1) + (is_partial ? " of more" : "");
  };
  EXPECT_EQ(list(kTempoListedMax, 0), "100000");
  EXPECT_EQ(list(kTempoListedMax + 1, 0), "100000 of more");
  EXPECT_EQ(list(512, kTempoListedBytesMax / 512), "512");
  EXPECT_EQ(list(513, kTempoListedBytesMax / 512), "512 of more");
}

TEST(Road, a_tenant_never_sees_the_spans_of_another) {
  Road road;
  std::mt19937_64 random(24);
  SpanBatch batch = admissible_batch(random, road.world().now());
  std::string_view id = batch.spans.front().trace_id;
  EXPECT_EQ(road.send(batch, "a").status, 200);
  for (int flushed = 0; flushed < 2; ++flushed) {
    EXPECT_GT(road.trace(id, "a").spans.size(), 0u);
    EXPECT_EQ(road.trace(id, "b").spans.size(), 0u);
    EXPECT_EQ(road.trace(id).spans.size(), 0u);
    EXPECT_EQ(road.request("POST", "/internal/force_flush").status, 200);
  }
}

TEST(Road, senders_readers_and_flushes_at_once) {
  Road road;
  std::atomic<int> failures{0};
  std::vector<os::Thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back("sender", [&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(100 + t));
      for (int i = 0; i < 25; ++i) {
        SpanBatch batch = admissible_batch(random, road.world().now());
        if (road.send(batch).status != 200) ++failures;
        if (road.trace(batch.spans.front().trace_id).spans.empty()) ++failures;
      }
    });
  }
  threads.emplace_back("flusher", [&] {
    for (int i = 0; i < 10; ++i) {
      if (road.request("POST", "/internal/force_flush").status != 200) ++failures;
      (void)road.request("GET", "/metrics");
      (void)road.request("GET", "/status");
    }
  });
  for (os::Thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace spoor::api
