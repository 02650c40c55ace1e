// HTTP/1 over real sockets on the loopback.
#include <gmock/gmock.h>

#include "net/test_peer.h"
#include "net/test_routes.h"
#include "os/thread.h"

namespace spoor::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

class Http1Server : public testing::Test {
 protected:
  Http1Server() {
    router_.get("/hello",
                [](ExchangePtr exchange) { exchange->respond(text_response(200, "hello")); });
    add_echo_route(router_, 1 * kMiB);
    router_.get("/later", [this](ExchangePtr exchange) { later_.put(std::move(exchange)); });
    router_.get("/dropped", [](ExchangePtr) {});
  }

  uint16_t start(ServerOptions options = {}) {
    if (options.loops == 0) options.loops = 2;
    if (options.limits.tick_ms == Limits().tick_ms) options.limits.tick_ms = 5;
    server_ = std::make_unique<Server>(options);
    auto port = server_->listen({.name = "test", .router = &router_});
    EXPECT_TRUE(port.ok()) << port.status().to_string();
    return *port;
  }

  Router router_;
  Handover<ExchangePtr> later_;
  std::unique_ptr<Server> server_;
};

TEST_F(Http1Server, answers_and_keeps_the_connection) {
  TestPeer peer(start());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer.send(kGet));
    std::string answer = peer.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("server: spoor\r\n"));
    EXPECT_THAT(answer, HasSubstr("x-content-type-options: nosniff\r\n"));
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nhello"));
  }
}

TEST_F(Http1Server, head_has_the_length_and_no_body) {
  TestPeer peer(start());
  peer.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string answer = peer.read_to_end();
  EXPECT_THAT(answer, HasSubstr("content-length: 5\r\n"));
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(Http1Server, pipelined_requests_are_answered_in_order) {
  TestPeer peer(start());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    std::string body = "number " + std::to_string(i);
    requests.append("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ");
    requests.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  }
  peer.send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\nnumber " + std::to_string(i)));
  }
}

TEST_F(Http1Server, a_request_behind_a_slow_one_waits_for_it) {
  TestPeer peer(start());
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  peer.send(kGet);
  ExchangePtr exchange = later_.take();
  os::Thread("answer", [&] { exchange->respond(text_response(200, "late")); }).join();
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("late"));
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("hello"));
}

TEST_F(Http1Server, chunked_bodies_come_out_whole) {
  TestPeer peer(start());
  peer.send_byte_by_byte(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nspoo\r\n1;x=y\r\nr\r\n0\r\nTrailer: 1\r\n\r\n");
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\nspoor"));
  peer.send(kGet);
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("hello"));
}

TEST_F(Http1Server, continue_is_said_before_the_body_comes) {
  TestPeer peer(start());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("abc");
  EXPECT_THAT(peer.read_answer(), testing::EndsWith("\r\n\r\nabc"));
}

TEST_F(Http1Server, continue_is_not_said_to_what_is_refused) {
  TestPeer peer(start());
  peer.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Http1Server, a_body_at_the_limit_is_taken_and_one_beyond_is_not) {
  uint16_t port = start();
  std::string body(1 * kMiB, 'x');
  HttpClient client("127.0.0.1", port);
  auto taken = client.request("POST", "/echo", {}, body);
  ASSERT_TRUE(taken.ok()) << taken.status().to_string();
  EXPECT_EQ(taken->status, 200);
  EXPECT_EQ(taken->body, body);
  auto refused = client.request("POST", "/echo", {}, body + "x");
  ASSERT_TRUE(refused.ok()) << refused.status().to_string();
  EXPECT_EQ(refused->status, 413);

  TestPeer peer(port);
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n");
  peer.send(body + "x");
  EXPECT_THAT(peer.read_answer(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Http1Server, a_sender_that_pushes_64_mb_sees_the_413) {
  TestPeer peer(start());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 67108864\r\n\r\n");
  std::string piece(1 * kMiB, 'x');
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(peer.send(piece)) << "piece " << i;
  std::string answer = peer.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
}

TEST_F(Http1Server, a_sender_beyond_the_drain_limit_is_cut) {
  ServerOptions options;
  options.limits.refused_bytes_max = 1 * kMiB;
  TestPeer peer(start(options));
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 671088640\r\n\r\n");
  std::string piece(1 * kMiB, 'x');
  int sent = 0;
  while (sent < 640 && peer.send(piece)) ++sent;
  EXPECT_LT(sent, 640);
}

TEST_F(Http1Server, http10_is_closed_unless_it_asks_to_stay) {
  uint16_t port = start();
  TestPeer closing(port);
  closing.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(closing.read_to_end(), HasSubstr("connection: close\r\n"));
  TestPeer staying(port);
  staying.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(staying.read_answer(), HasSubstr("connection: keep-alive\r\n"));
  staying.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(staying.read_to_end(), testing::EndsWith("hello"));
}

TEST_F(Http1Server, malformed_requests_are_refused_and_the_connection_closed) {
  uint16_t port = start();
  for (const char* request : {"GET /hello HTTP/1.1\r\n\r\n", "GET /hello HTTP/1.1\nHost: x\n\n",
                              "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    TestPeer peer(port);
    peer.send(request);
    std::string answer = peer.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << request;
    EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  }
}

TEST_F(Http1Server, unknown_paths_and_methods_are_named) {
  HttpClient client("127.0.0.1", start());
  EXPECT_EQ(client.get("/nothing")->status, 404);
  auto wrong = client.request("DELETE", "/hello");
  EXPECT_EQ(wrong->status, 405);
  EXPECT_EQ(wrong->headers.find("allow"), "GET, HEAD");
}

TEST_F(Http1Server, an_exchange_dropped_by_its_handler_answers_500) {
  HttpClient client("127.0.0.1", start());
  auto answer = client.get("/dropped");
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(client.get("/hello")->status, 200);
}

TEST_F(Http1Server, cors_headers_are_on_the_answer_and_on_errors) {
  HttpClient client("127.0.0.1", start());
  std::vector<Header> origin = {{"origin", "http://localhost:3000"}};
  for (const char* path : {"/echo", "/nothing"}) {
    auto answer = client.request("POST", path, origin, "x");
    EXPECT_EQ(answer->headers.find("access-control-allow-origin"), "http://localhost:3000");
  }
  auto foreign = client.request("POST", "/echo", {{"origin", "https://evil.example"}}, "x");
  EXPECT_EQ(foreign->headers.find("access-control-allow-origin"), std::nullopt);
  auto preflight = client.request("OPTIONS", "/echo",
                                  {{"origin", "http://localhost:3000"},
                                   {"access-control-request-method", "POST"},
                                   {"access-control-request-headers", "content-type,x-own"}});
  EXPECT_EQ(preflight->status, 204);
  EXPECT_EQ(preflight->headers.find("access-control-allow-methods"), "POST");
  EXPECT_THAT(std::string(preflight->headers.find_or_empty("access-control-allow-headers")),
              testing::AllOf(HasSubstr("x-scope-orgid"), HasSubstr("x-own")));
}

TEST_F(Http1Server, a_peer_that_goes_cancels_its_exchange) {
  uint16_t port = start();
  Handover<int> cancelled;
  ExchangePtr exchange;
  {
    TestPeer peer(port);
    peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    exchange = later_.take();
    exchange->on_cancel([&] { cancelled.put(1); });
    EXPECT_FALSE(exchange->cancelled());
  }
  cancelled.take();
  EXPECT_TRUE(exchange->cancelled());
  bool told_at_once = false;
  exchange->on_cancel([&] { told_at_once = true; });
  EXPECT_TRUE(told_at_once);
  exchange->respond(text_response(200, "nobody reads this"));
}

TEST_F(Http1Server, a_half_closed_peer_still_gets_its_answer) {
  TestPeer peer(start());
  peer.send(kGet);
  peer.end_output();
  EXPECT_THAT(peer.read_to_end(), testing::EndsWith("hello"));
}

TEST_F(Http1Server, a_half_closed_peer_is_let_go_when_its_handler_gives_up) {
  TestPeer peer(start());
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ExchangePtr exchange = later_.take();
  Handover<int> cancelled;
  exchange->on_cancel([&] { cancelled.put(1); });
  peer.end_output();
  cancelled.take();
  exchange.reset();
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(Http1Server, many_requests_ahead_of_a_slow_reader_are_all_answered) {
  TestPeer peer(start());
  std::string requests;
  for (int i = 0; i < 50'000; ++i) requests.append(kGet);
  requests.append("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  os::Thread sender("sender", [&] { peer.send(requests); });
  std::string answers = peer.read_to_end();
  sender.join();
  size_t count = 0;
  for (size_t at = 0; (at = answers.find("\r\n\r\nhello", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 50'001u);
}

TEST_F(Http1Server, exchanges_may_outlive_the_server) {
  TestPeer peer(start());
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ExchangePtr exchange = later_.take();
  server_.reset();
  EXPECT_TRUE(exchange->cancelled());
  exchange->respond(text_response(200, "to nobody"));
}

TEST_F(Http1Server, slow_headers_are_cut) {
  ServerOptions options;
  options.limits.header_time_ms = 30;
  TestPeer peer(start(options));
  peer.send("GET /hello HT");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Http1Server, a_lone_first_byte_is_cut_too) {
  ServerOptions options;
  options.limits.header_time_ms = 30;
  TestPeer peer(start(options));
  peer.send("P");
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(Http1Server, slow_bodies_are_cut) {
  ServerOptions options;
  options.limits.body_grace_ms = 30;
  TestPeer peer(start(options));
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_THAT(peer.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Http1Server, idle_connections_are_closed) {
  ServerOptions options;
  options.limits.idle_time_ms = 30;
  uint16_t port = start(options);
  TestPeer silent(port);
  EXPECT_EQ(silent.read_to_end(), "");
  TestPeer kept(port);
  kept.send(kGet);
  EXPECT_THAT(kept.read_to_end(), testing::EndsWith("hello"));
}

TEST_F(Http1Server, connections_beyond_the_limit_are_closed_at_once) {
  ServerOptions options;
  options.limits.connections_per_address_max = 2;
  uint16_t port = start(options);
  TestPeer first(port), second(port);
  first.send(kGet);
  second.send(kGet);
  EXPECT_THAT(first.read_answer(), testing::EndsWith("hello"));
  EXPECT_THAT(second.read_answer(), testing::EndsWith("hello"));
  EXPECT_EQ(server_->connections(), 2u);
  TestPeer third(port);
  EXPECT_EQ(third.read_to_end(), "");
}

TEST_F(Http1Server, a_full_budget_refuses_with_a_delay_and_is_given_back) {
  os::MemoryBudget budget(256 * kKiB);
  ServerOptions options;
  options.budget = &budget;
  uint16_t port = start(options);
  auto held = budget.reserve();
  ASSERT_TRUE(held.grow_to(200 * kKiB));
  std::string body(100 * kKiB, 'x');
  HttpClient client("127.0.0.1", port);
  auto refused = client.request("POST", "/echo", {}, body);
  ASSERT_TRUE(refused.ok()) << refused.status().to_string();
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.find("retry-after"), "1");
  held.release();
  auto taken = client.request("POST", "/echo", {}, body);
  ASSERT_TRUE(taken.ok()) << taken.status().to_string();
  EXPECT_EQ(taken->body, body);
  server_.reset();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST_F(Http1Server, a_taken_port_is_named) {
  uint16_t port = start();
  auto again = server_->listen({.name = "again", .port = port, .router = &router_});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.status().code(), Code::FailedPrecondition);
  EXPECT_EQ(again.status().message(),
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_F(Http1Server, drain_lets_the_request_in_flight_finish) {
  TestPeer peer(start());
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ExchangePtr exchange = later_.take();
  bool complete = false;
  os::Thread drainer("drainer", [&] { complete = server_->drain(10'000); });
  exchange->respond(text_response(200, "finished"));
  exchange.reset();
  std::string answer = peer.read_to_end();
  drainer.join();
  EXPECT_TRUE(complete);
  EXPECT_THAT(answer, testing::EndsWith("finished"));
}

TEST_F(Http1Server, drain_cuts_what_does_not_finish) {
  TestPeer peer(start());
  peer.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ExchangePtr exchange = later_.take();
  EXPECT_FALSE(server_->drain(20));
  EXPECT_TRUE(exchange->cancelled());
  exchange->respond(text_response(200, "too late"));
  server_.reset();
}

TEST_F(Http1Server, answers_come_from_many_threads) {
  uint16_t port = start();
  constexpr int kPeers = 8, kRounds = 20;
  std::vector<os::Thread> threads;
  for (int i = 0; i < kPeers; ++i) {
    threads.emplace_back("peer", [&] {
      HttpClient client("127.0.0.1", port);
      for (int round = 0; round < kRounds; ++round) {
        auto answer = client.get("/later");
        ASSERT_TRUE(answer.ok()) << answer.status().to_string();
        EXPECT_EQ(answer->body, "from elsewhere");
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back("peer", [&] {
      for (int n = 0; n < kPeers * kRounds / 2; ++n) {
        later_.take()->respond(text_response(200, "from elsewhere"));
      }
    });
  }
  for (os::Thread& thread : threads) thread.join();
}

TEST_F(Http1Server, requests_are_counted_by_route_and_status) {
  MetricRegistry metrics;
  ServerOptions options;
  options.metrics = &metrics;
  HttpClient client("127.0.0.1", start(options));
  EXPECT_EQ(client.get("/hello")->status, 200);
  EXPECT_EQ(client.get("/nothing")->status, 404);
  std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("spoor_net_requests_total{listener=\"test\",route=\"/hello\","
                              "status=\"200\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("spoor_net_request_duration_seconds_count{listener=\"test\","
                              "route=\"/hello\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("status=\"500\"")));
}

}  // namespace
}  // namespace spoor::net
