// HTTP/2 over real sockets, with nghttp2 as the other side.
#include <gmock/gmock.h>

#include "net/test_http2_peer.h"
#include "net/test_routes.h"
#include "os/thread.h"

namespace spoor::net {
namespace {

using testing::HasSubstr;

class Http2Server : public testing::Test {
 protected:
  Http2Server() {
    router_.get("/hello", [](ExchangePtr exchange) {
      exchange->respond(text_response(200, "hello " + exchange->head().query));
    });
    add_echo_route(router_, 8 * kMiB);
    RouteOptions late;
    late.admit = [](Exchange& exchange) -> std::optional<Response> {
      if (exchange.head().headers.find("x-timeout")) exchange.expire_after_ms(20);
      return std::nullopt;
    };
    router_.get("/later", [this](ExchangePtr exchange) { later_.put(std::move(exchange)); }, late);
  }

  uint16_t start(ServerOptions options = {}) {
    options.loops = 2;
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

Http2Peer::Stream with_body(std::string body) {
  Http2Peer::Stream stream;
  stream.body = std::move(body);
  return stream;
}

TEST_F(Http2Server, answers_with_headers_and_body) {
  Http2Peer peer(start());
  auto& stream = peer.finish(peer.submit("GET", "/hello?a=b"));
  EXPECT_EQ(stream.headers[":status"], "200");
  EXPECT_EQ(stream.headers["content-length"], "9");
  EXPECT_EQ(stream.headers["server"], "spoor");
  EXPECT_EQ(stream.data, "hello a=b");
  EXPECT_EQ(stream.error_code, 0u);
}

TEST_F(Http2Server, the_preface_may_come_byte_by_byte) {
  Http2Peer peer(start());
  int32_t id = peer.submit("GET", "/hello?1");
  peer.socket().send_byte_by_byte(peer.take_output());
  EXPECT_EQ(peer.finish(id).data, "hello 1");
}

TEST_F(Http2Server, head_and_unknown_paths) {
  Http2Peer peer(start());
  auto& head = peer.finish(peer.submit("HEAD", "/hello"));
  EXPECT_EQ(head.headers["content-length"], "6");
  EXPECT_EQ(head.data, "");
  EXPECT_EQ(peer.finish(peer.submit("GET", "/nothing")).headers[":status"], "404");
  auto& wrong = peer.finish(peer.submit("PUT", "/hello"));
  EXPECT_EQ(wrong.headers[":status"], "405");
  EXPECT_EQ(wrong.headers["allow"], "GET, HEAD");
}

TEST_F(Http2Server, long_bodies_pass_in_both_directions) {
  os::MemoryBudget budget(64 * kMiB);
  ServerOptions options;
  options.budget = &budget;
  Http2Peer peer(start(options));
  std::string body;
  for (uint32_t i = 0; body.size() < 8 * kMiB; ++i) {
    body.append(reinterpret_cast<const char*>(&i), sizeof i);
  }
  auto& stream = peer.finish(peer.submit("POST", "/echo", {}, with_body(body)));
  EXPECT_TRUE(stream.data == body) << stream.data.size();
  server_.reset();
  EXPECT_EQ(budget.used_bytes(), 0u);
}

TEST_F(Http2Server, a_body_beyond_the_limit_is_refused_and_the_connection_stays) {
  Http2Peer peer(start());
  auto& refused =
      peer.finish(peer.submit("POST", "/echo", {}, with_body(std::string(8 * kMiB + 1, 'x'))));
  EXPECT_EQ(refused.headers[":status"], "413");
  EXPECT_EQ(refused.error_code, static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  auto& declared = peer.finish(peer.submit("POST", "/echo", {{"content-length", "8388609"}},
                                           with_body(std::string(8 * kMiB + 1, 'x'))));
  EXPECT_EQ(declared.headers[":status"], "413");
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello?still")).data, "hello still");
}

TEST_F(Http2Server, streams_are_answered_in_any_order) {
  Http2Peer peer(start());
  int32_t slow = peer.submit("GET", "/later");
  int32_t quick = peer.submit("GET", "/hello?quick");
  EXPECT_EQ(peer.finish(quick).data, "hello quick");
  EXPECT_FALSE(peer.stream(slow).closed);
  ExchangePtr exchange = later_.take();
  os::Thread("answer", [&] { exchange->respond(text_response(200, "late")); }).join();
  EXPECT_EQ(peer.finish(slow).data, "late");
}

TEST_F(Http2Server, a_stream_held_back_by_the_budget_does_not_hold_up_another) {
  os::MemoryBudget budget(3 * kMiB);
  ServerOptions options;
  options.budget = &budget;
  options.limits.budget_wait_ms = 60'000;
  Http2Peer peer(start(options));
  auto held = budget.reserve();
  ASSERT_TRUE(held.grow_to(5 * kMiB / 2));
  int32_t throttled = peer.submit("POST", "/echo", {}, with_body(std::string(1 * kMiB, 'a')));
  // The peer runs out of window: what it had at first is used up, more is not given.
  ASSERT_TRUE(peer.run_until([&] { return peer.stream(throttled).sent >= 256 * kKiB; }));
  int32_t other = peer.submit("POST", "/echo", {}, with_body(std::string(50 * kKiB, 'b')));
  EXPECT_EQ(peer.finish(other).data.size(), 50 * kKiB);
  EXPECT_FALSE(peer.stream(throttled).closed);
  EXPECT_LT(peer.stream(throttled).sent, 1 * kMiB);
  held.release();
  EXPECT_EQ(peer.finish(throttled).data.size(), 1 * kMiB);
}

TEST_F(Http2Server, a_stream_held_back_too_long_is_refused) {
  os::MemoryBudget budget(3 * kMiB);
  ServerOptions options;
  options.budget = &budget;
  options.limits.budget_wait_ms = 20;
  Http2Peer peer(start(options));
  auto held = budget.reserve();
  ASSERT_TRUE(held.grow_to(5 * kMiB / 2));
  auto& refused =
      peer.finish(peer.submit("POST", "/echo", {}, with_body(std::string(1 * kMiB, 'a'))));
  EXPECT_EQ(refused.headers[":status"], "503");
  EXPECT_EQ(refused.headers["retry-after"], "1");
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello?still")).data, "hello still");
}

TEST_F(Http2Server, a_reset_stream_cancels_its_exchange_only) {
  Http2Peer peer(start());
  int32_t reset = peer.submit("GET", "/later"), kept = peer.submit("GET", "/later");
  peer.flush();
  ExchangePtr first = later_.take(), second = later_.take();
  Handover<int> cancelled;
  first->on_cancel([&] { cancelled.put(1); });
  peer.reset(reset);
  cancelled.take();
  EXPECT_TRUE(first->cancelled());
  EXPECT_FALSE(second->cancelled());
  first->respond(text_response(200, "nobody reads this"));
  second->respond(text_response(200, "kept"));
  EXPECT_EQ(peer.finish(kept).data, "kept");
}

TEST_F(Http2Server, the_deadline_cancels_and_answers) {
  Http2Peer peer(start());
  int32_t id = peer.submit("GET", "/later", {{"x-timeout", "1"}});
  peer.flush();
  ExchangePtr exchange = later_.take();
  auto& stream = peer.finish(id);
  EXPECT_EQ(stream.headers[":status"], "504");
  EXPECT_TRUE(exchange->cancelled());
  exchange->respond(text_response(200, "too late"));
}

TEST_F(Http2Server, drain_says_goaway_twice_and_finishes_what_is_in_flight) {
  Http2Peer peer(start());
  int32_t id = peer.submit("GET", "/later");
  peer.flush();
  ExchangePtr exchange = later_.take();
  bool complete = false;
  os::Thread drainer("drainer", [&] { complete = server_->drain(10'000); });
  ASSERT_TRUE(peer.run_until([&] { return peer.goaways().size() == 2; }));
  EXPECT_EQ(peer.goaways()[0].last_stream_id, INT32_MAX);
  EXPECT_EQ(peer.goaways()[1].last_stream_id, id);
  EXPECT_FALSE(peer.stream(id).closed);
  exchange->respond(text_response(200, "finished"));
  exchange.reset();
  EXPECT_EQ(peer.finish(id).data, "finished");
  EXPECT_FALSE(peer.run_until([] { return false; }));  // closed
  drainer.join();
  EXPECT_TRUE(complete);
}

TEST_F(Http2Server, headers_at_the_limit_pass_and_beyond_are_refused) {
  Http2Peer peer(start());
  // The four pseudo headers and x's own name and overhead; see on_header.
  size_t used = (7 + 3 + 32) + (7 + 4 + 32) + (10 + 4 + 32) + (5 + 6 + 32) + (1 + 32);
  std::string fits(Limits().header_bytes_max - used, 'v');
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello", {{"x", fits}})).headers[":status"], "200");
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello", {{"x", fits + "v"}})).headers[":status"],
            "431");
  std::vector<Header> many(100, {"n", "v"});
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello", many)).headers[":status"], "200");
  many.push_back({"n", "v"});
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello", many)).headers[":status"], "431");
}

TEST_F(Http2Server, streams_at_once_are_limited) {
  ServerOptions options;
  options.limits.streams_max = 2;
  Http2Peer peer(start(options));
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello?0")).data, "hello 0");  // settings are known
  int32_t first = peer.submit("GET", "/later"), second = peer.submit("GET", "/later");
  int32_t third = peer.submit("GET", "/hello?3");
  peer.flush();
  ExchangePtr one = later_.take(), two = later_.take();
  EXPECT_FALSE(peer.stream(third).closed);
  one->respond(text_response(200, ""));
  EXPECT_EQ(peer.finish(third).data, "hello 3");
  two->respond(text_response(200, ""));
  peer.finish(first);
  peer.finish(second);
}

TEST_F(Http2Server, a_flood_of_pings_ends_the_connection) {
  ServerOptions options;
  options.limits.control_frames_per_second_max = 50;
  Http2Peer peer(start(options));
  for (int i = 0; i < 200; ++i) peer.ping();
  EXPECT_FALSE(peer.run_until([] { return false; }));
  ASSERT_FALSE(peer.goaways().empty());
  EXPECT_EQ(peer.goaways().back().error_code, static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
}

TEST_F(Http2Server, a_flood_of_resets_ends_the_connection) {
  ServerOptions options;
  options.limits.stream_resets_burst = 20;
  options.limits.stream_resets_per_second = 1;
  Http2Peer peer(start(options));
  for (int i = 0; i < 50; ++i) {
    int32_t id = peer.submit("POST", "/echo", {}, [] {
      Http2Peer::Stream open;
      open.body_complete = false;
      return open;
    }());
    peer.flush();
    peer.reset(id);
  }
  EXPECT_FALSE(peer.run_until([] { return false; }));
  EXPECT_FALSE(peer.goaways().empty());
}

TEST_F(Http2Server, slow_bodies_are_refused) {
  ServerOptions options;
  options.limits.body_grace_ms = 30;
  Http2Peer peer(start(options));
  Http2Peer::Stream open;
  open.body = "abc";
  open.body_complete = false;
  EXPECT_EQ(peer.finish(peer.submit("POST", "/echo", {}, open)).headers[":status"], "408");
}

TEST_F(Http2Server, idle_connections_are_told_to_go) {
  ServerOptions options;
  options.limits.idle_time_ms = 30;
  Http2Peer peer(start(options));
  EXPECT_EQ(peer.finish(peer.submit("GET", "/hello?1")).data, "hello 1");
  EXPECT_FALSE(peer.run_until([] { return false; }));
  ASSERT_FALSE(peer.goaways().empty());
  EXPECT_EQ(peer.goaways().back().error_code, 0u);
}

TEST_F(Http2Server, garbage_after_the_preface_ends_the_connection) {
  TestPeer peer(start());
  peer.send(kHttp2Preface);
  peer.send(std::string(100, '\xff'));
  peer.read_to_end();
}

}  // namespace
}  // namespace spoor::net
