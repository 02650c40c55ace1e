// The sending side against a server of a few lines.
#include "app/load_run.h"

#include <gmock/gmock.h>

#include <atomic>

#include "net/net.h"
#include "os/real_world.h"
#include "wire/otlp_response.h"

namespace spoor::app {
namespace {

class LoadRunTest : public testing::Test {
 protected:
  // Answers with what `answer_` says for the n-th request, from 0 on.
  LoadRunTest() {
    net::RouteOptions route;
    route.body_bytes_max = 1 << 20;
    router_.post(
        "/v1/traces",
        [this](net::ExchangePtr exchange) { exchange->respond(answer_(requests_++, *exchange)); },
        route);
    net::add_grpc_unary(
        router_, "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        [this](std::shared_ptr<net::GrpcCall> call) {
          if (requests_++ == 0) return call->finish(unavailable("not yet", 1));
          call->finish(Result<std::string>(wire::encode_export_response({3, "three"})));
        },
        net::GrpcOptions{});
    auto port = server_.listen({.name = "test", .router = &router_});
    EXPECT_TRUE(port.ok());
    options_.server = {"http", "127.0.0.1", *port, "", {}};
    options_.retry_nanos = 30 * kNanosPerSecond;
  }

  // So many requests of ten spans.
  LoadCounts run(uint64_t requests) {
    LoadRun run(os_world_, options_, [left = requests](std::string& body) mutable {
      body = "request";
      if (left == 0) return Result<uint64_t>(uint64_t{0});
      --left;
      return Result<uint64_t>(uint64_t{10});
    });
    while (!run.is_done()) wait_a_moment();
    run.stop();
    return run.counts();
  }

  static void wait_a_moment() {
    Mutex mutex;
    CondVar never;
    MutexLock lock(mutex);
    never.wait_for_ms(mutex, 1);
  }

  os::RealWorld os_world_;
  std::function<net::Response(int, net::Exchange&)> answer_ = [](int, net::Exchange&) {
    return net::text_response(200, "");
  };
  std::atomic<int> requests_{0};
  net::Router router_;
  net::Server server_{{.loops = 1, .limits = {}}};
  LoadOptions options_;
};

TEST_F(LoadRunTest, counts_what_is_acknowledged) {
  LoadCounts counts = run(50);
  EXPECT_EQ(counts.sent, 500u);
  EXPECT_EQ(counts.acknowledged, 500u);
  EXPECT_EQ(counts.requests, 50u);
  EXPECT_EQ(counts.lost + counts.refused + counts.retried, 0u);
  EXPECT_GT(counts.latency.quantile(0.5), 0u);
  EXPECT_LE(counts.latency.quantile(0.5), counts.latency.max());
}

TEST_F(LoadRunTest, repeats_what_the_server_asks_to_be_repeated) {
  answer_ = [](int number, net::Exchange&) {
    return number % 2 == 0 ? net::text_response(503, "busy") : net::text_response(200, "");
  };
  options_.connections = 1;
  LoadCounts counts = run(3);
  EXPECT_EQ(counts.acknowledged, 30u);
  EXPECT_EQ(counts.retried, 3u);
  EXPECT_THAT(counts.complaint, testing::HasSubstr("503"));
}

TEST_F(LoadRunTest, gives_up_after_the_time_for_retries) {
  answer_ = [](int, net::Exchange&) { return net::text_response(503, "busy"); };
  options_.retry_nanos = 1;
  LoadCounts counts = run(5);
  EXPECT_EQ(counts.lost, 50u);
  EXPECT_EQ(counts.acknowledged, 0u);
}

TEST_F(LoadRunTest, never_repeats_what_is_refused_for_good) {
  answer_ = [](int, net::Exchange&) { return net::text_response(400, "what is this?"); };
  LoadCounts counts = run(5);
  EXPECT_EQ(counts.lost, 50u);
  EXPECT_EQ(counts.retried, 0u);
  EXPECT_EQ(requests_, 5);
  EXPECT_THAT(counts.complaint, testing::HasSubstr("what is this?"));
}

TEST_F(LoadRunTest, partial_success_and_retries_over_grpc) {
  options_.server.scheme = "grpc";
  options_.connections = 1;
  LoadCounts counts = run(4);
  EXPECT_EQ(counts.refused, 12u);
  EXPECT_EQ(counts.acknowledged, 28u);
  EXPECT_EQ(counts.retried, 1u);
}

TEST_F(LoadRunTest, a_compressed_request_says_so) {
  for (auto encoding : {codec::ContentEncoding::Gzip, codec::ContentEncoding::Zstd}) {
    options_.encoding = encoding;
    answer_ = [&](int, net::Exchange& exchange) {
      auto name = exchange.head().headers.find_or_empty("content-encoding");
      auto plain = codec::inflate(encoding, exchange.body(), 100);
      bool right = name == codec::to_string(encoding) && plain.ok() && *plain == "request";
      return net::text_response(right ? 200 : 400, "");
    };
    EXPECT_EQ(run(3).acknowledged, 30u);
  }
}

TEST_F(LoadRunTest, keeps_to_the_rate) {
  options_.spans_per_second = 1'000;
  LoadCounts counts = run(11);
  EXPECT_EQ(counts.acknowledged, 110u);
  EXPECT_GE(counts.nanos, 99 * kNanosPerMilli);
}

TEST(LatencyCounts, quantiles_are_within_three_percent) {
  LatencyCounts counts;
  for (uint64_t i = 1; i <= 100'000; ++i) counts.add(i * 1'000);
  for (double share : {0.01, 0.5, 0.9, 0.99}) {
    double exact = share * 1e8;
    EXPECT_NEAR(static_cast<double>(counts.quantile(share)), exact, exact * 0.035);
  }
  EXPECT_EQ(counts.quantile(1), 100'000'000u);
  EXPECT_EQ(LatencyCounts().quantile(0.5), 0u);
  LatencyCounts small;
  small.add(0);
  small.add(UINT64_MAX);
  EXPECT_EQ(small.max(), UINT64_MAX);
}

}  // namespace
}  // namespace spoor::app
