#include "net/grpc.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "net/grpc_frame.h"
#include "net/test_http2_peer.h"
#include "os/thread.h"

namespace spoor::net {
namespace {

using testing::HasSubstr;

std::string framed(std::string_view message, char flag = 0) {
  std::string body;
  append_grpc_frame(body, message);
  body[0] = flag;
  return body;
}

TEST(GrpcFrame, takes_exactly_one_message) {
  std::string body = framed("hello");
  EXPECT_EQ(body, std::string("\0\0\0\0\5hello", 10));
  EXPECT_EQ(parse_grpc_unary(body)->message, "hello");
  EXPECT_FALSE(parse_grpc_unary(body)->compressed);
  EXPECT_TRUE(parse_grpc_unary(framed("", 1))->compressed);
  EXPECT_EQ(parse_grpc_unary("").status().code(), Code::Unimplemented);
  EXPECT_EQ(parse_grpc_unary(body + body).status().code(), Code::Unimplemented);
  EXPECT_EQ(parse_grpc_unary(framed("x", 2)).status().code(), Code::Internal);
  for (size_t size = 1; size < body.size(); ++size) {
    EXPECT_EQ(parse_grpc_unary(body.substr(0, size)).status().code(), Code::Internal) << size;
  }
  EXPECT_EQ(parse_grpc_unary("\x00\xff\xff\xff\xffx").status().code(), Code::Unimplemented);
  EXPECT_EQ(parse_grpc_unary(std::string("\0\xff\xff\xff\xffx", 6)).status().code(),
            Code::Internal);
}

TEST(GrpcTimeout, is_parsed_and_rounded_up) {
  EXPECT_EQ(parse_grpc_timeout_ms("100m"), 100u);
  EXPECT_EQ(parse_grpc_timeout_ms("2S"), 2'000u);
  EXPECT_EQ(parse_grpc_timeout_ms("3M"), 180'000u);
  EXPECT_EQ(parse_grpc_timeout_ms("99999999H"), 99'999'999ull * 3'600'000);
  EXPECT_EQ(parse_grpc_timeout_ms("1u"), 1u);
  EXPECT_EQ(parse_grpc_timeout_ms("1000001n"), 2u);
  EXPECT_EQ(parse_grpc_timeout_ms("0n"), 0u);
  for (const char* bad : {"", "1", "m", "100000000m", "-1m", "1 m", "1h", "1.5S"}) {
    EXPECT_EQ(parse_grpc_timeout_ms(bad), std::nullopt) << bad;
  }
}

TEST(GrpcMessage, is_percent_coded_and_cut) {
  EXPECT_EQ(encode_grpc_message("plain ~ text"), "plain ~ text");
  EXPECT_EQ(encode_grpc_message("50% \xc3\xa4\n"), "50%25 %C3%A4%0A");
  EXPECT_EQ(encode_grpc_message(std::string(5000, 'x')).size(), 2048u);
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(decode_grpc_message(encode_grpc_message(all)), all);
  EXPECT_EQ(decode_grpc_message("100% %2"), "100% %2");
}

TEST(GrpcStatus, retry_info_has_the_bytes_of_its_protobuf) {
  // code 14, message "full", one Any of type RetryInfo with Duration{seconds 2, nanos 500000000}.
  std::string type = "type.googleapis.com/google.rpc.RetryInfo";
  std::string expected = std::string("\x08\x0e\x12\x04") + "full" + "\x1a\x36\x0a\x28" + type +
                         "\x12\x0a\x0a\x08\x08\x02\x10\x80\xca\xb5\xee\x01";
  EXPECT_EQ(to_hex(encode_rpc_status(unavailable("full", 2'500))), to_hex(expected));
  EXPECT_EQ(encode_rpc_status(not_found("x")), "\x08\x05\x12\x01x");
}

TEST(GrpcStatus, the_delay_of_an_answer_is_read_back) {
  for (uint32_t delay_ms : {0u, 1u, 999u, 1'000u, 2'500u, 86'400'000u}) {
    std::string details = to_base64(encode_rpc_status(unavailable("full", delay_ms)));
    EXPECT_EQ(decode_rpc_retry_delay_ms(details), delay_ms);
    details.resize(details.find_last_not_of('=') + 1);
    EXPECT_EQ(decode_rpc_retry_delay_ms(details), delay_ms);
    for (size_t size = 0; size < details.size(); ++size) {
      decode_rpc_retry_delay_ms(details.substr(0, size));
    }
  }
  EXPECT_EQ(decode_rpc_retry_delay_ms(""), std::nullopt);
  EXPECT_EQ(decode_rpc_retry_delay_ms("!"), std::nullopt);
  EXPECT_EQ(decode_rpc_retry_delay_ms(to_base64(encode_rpc_status(not_found("x")))), std::nullopt);
}

TEST(GrpcStatus, is_a_headers_only_answer) {
  Response plain = grpc_error(not_found("no such thing"));
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.find_header("grpc-status"), "5");
  EXPECT_EQ(plain.find_header("grpc-message"), "no such thing");
  EXPECT_EQ(plain.find_header("grpc-status-details-bin"), std::nullopt);
  EXPECT_TRUE(plain.trailers.empty());
  Response again = grpc_error(unavailable("full", 1'000));
  std::string details(*again.find_header("grpc-status-details-bin"));
  EXPECT_EQ(details.find('='), std::string::npos);
  std::string decoded;
  ASSERT_TRUE(append_from_base64(decoded, details));
  EXPECT_EQ(decoded, encode_rpc_status(unavailable("full", 1'000)));
}

class GrpcServer : public testing::Test {
 protected:
  static constexpr size_t kMessageMax = 1000;

  GrpcServer() {
    GrpcOptions options;
    options.body_bytes_max = 1 * kMiB;
    options.message_bytes_max = kMessageMax;
    // A stand-in: "gzip" of n is n bytes of the first letter.
    options.decompress = [](std::string_view encoding, std::string_view bytes,
                            size_t bytes_max) -> Result<std::string> {
      size_t size = std::stoul(std::string(bytes.substr(1)));
      if (size > bytes_max) return resource_exhausted("too large when decompressed");
      return std::string(encoding) + std::string(size, bytes[0]);
    };
    add_grpc_unary(
        router_, "/test.Echo/Say",
        [](std::shared_ptr<GrpcCall> call) {
          auto message = call->message();
          if (!message.ok()) return call->finish(message.status());
          call->finish(std::string(call->encoding()) + ":" + std::string(*message));
        },
        options);
    add_grpc_unary(
        router_, "/test.Echo/Wait",
        [this](std::shared_ptr<GrpcCall> call) { calls_.put(std::move(call)); }, options);
    add_grpc_unary(router_, "/test.Echo/Plain",
                   [](std::shared_ptr<GrpcCall> call) {
                     call->finish(call->metadata("x-fail")
                                      ? Result<std::string>(unavailable("full", 1'000))
                                      : Result<std::string>(std::string("fine")));
                   },
                   {});
    health_.add_to(router_);
  }

  uint16_t start(ServerOptions options = {}) {
    options.loops = 1;
    options.limits.tick_ms = 5;
    server_ = std::make_unique<Server>(options);
    return *server_->listen({.name = "grpc", .router = &router_});
  }

  // "0 answer" or "code message".
  std::string say(Http2Peer& peer, const std::string& path, const std::string& body,
                  std::vector<Header> headers = {}, size_t frame_bytes = 16384) {
    auto& stream = peer.finish(peer.submit_grpc(path, body, std::move(headers), frame_bytes));
    EXPECT_EQ(stream.headers[":status"], "200");
    EXPECT_EQ(stream.headers["content-type"], "application/grpc");
    std::string status = stream.headers["grpc-status"];
    if (status != "0") {
      EXPECT_EQ(stream.data, "");
      return status + " " + decode_grpc_message(stream.headers["grpc-message"]);
    }
    auto frame = parse_grpc_unary(stream.data);
    EXPECT_TRUE(frame.ok());
    return status + " " + std::string(frame->message);
  }

  Router router_;
  Handover<std::shared_ptr<GrpcCall>> calls_;
  GrpcHealth health_;
  std::unique_ptr<Server> server_;
};

TEST_F(GrpcServer, answers_messages_however_the_frames_are_cut) {
  Http2Peer peer(start());
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("")), "0 identity:");
  for (size_t frame_bytes : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 1000u}) {
    EXPECT_EQ(say(peer, "/test.Echo/Say", framed("hello spoor"), {}, frame_bytes),
              "0 identity:hello spoor");
  }
}

TEST_F(GrpcServer, accepts_the_usual_content_types_only) {
  Http2Peer peer(start());
  auto status_of = [&](const char* type) {
    Http2Peer::Stream stream;
    stream.body = framed("x");
    return peer.finish(peer.submit("POST", "/test.Echo/Say", {{"content-type", type}}, stream))
        .headers[":status"];
  };
  EXPECT_EQ(status_of("application/grpc"), "200");
  EXPECT_EQ(status_of("application/grpc+proto"), "200");
  EXPECT_EQ(status_of("application/grpc;charset=utf-8"), "200");
  EXPECT_EQ(status_of("application/grpc-web"), "415");
  EXPECT_EQ(status_of("application/json"), "415");
  auto& get = peer.finish(peer.submit("GET", "/test.Echo/Say"));
  EXPECT_EQ(get.headers[":status"], "405");
}

TEST_F(GrpcServer, http1_is_refused_in_words) {
  HttpClient client("127.0.0.1", start());
  auto answer =
      client.request("POST", "/test.Echo/Say", {{"content-type", "application/grpc"}}, framed("x"));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 505);
}

TEST_F(GrpcServer, framing_errors_have_their_codes) {
  Http2Peer peer(start());
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("a") + framed("b")), HasSubstr("12 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("hello").substr(0, 8)), HasSubstr("13 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", ""), HasSubstr("12 "));
  EXPECT_THAT(say(peer, "/test.Echo/Nothing", framed("a")),
              testing::StartsWith("12 unknown method /test.Echo/Nothing"));
}

TEST_F(GrpcServer, encodings) {
  Http2Peer peer(start());
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("x3", 1), {{"grpc-encoding", "gzip"}}),
            "0 gzip:gzipxxx");
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("x3", 1), {{"grpc-encoding", "zstd"}}),
            "0 zstd:zstdxxx");
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("x3"), {{"grpc-encoding", "gzip"}}),
            "0 identity:x3");
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x3", 1)), HasSubstr("13 "));
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("x3", 1), {{"grpc-encoding", "snappy"}}),
            "12 grpc-encoding snappy is not supported; supported: identity,gzip,zstd");
  EXPECT_THAT(say(peer, "/test.Echo/Plain", framed("x3", 1), {{"grpc-encoding", "gzip"}}),
              testing::EndsWith("supported: identity"));
  auto& stream = peer.finish(peer.submit_grpc("/test.Echo/Say", framed("x")));
  EXPECT_EQ(stream.headers["grpc-accept-encoding"], "identity,gzip,zstd");
}

TEST_F(GrpcServer, messages_at_the_limits_pass_and_beyond_are_exhausted) {
  Http2Peer peer(start());
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed(std::string(kMessageMax, 'x'))),
              testing::StartsWith("0 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed(std::string(kMessageMax + 1, 'x'))),
              testing::StartsWith("8 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x1000", 1), {{"grpc-encoding", "gzip"}}),
              testing::StartsWith("0 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x1001", 1), {{"grpc-encoding", "gzip"}}),
              testing::StartsWith("8 "));
  // As received: refused before it is complete.
  auto& large = peer.finish(peer.submit_grpc("/test.Echo/Say", framed(std::string(2 * kMiB, 'x'))));
  EXPECT_EQ(large.headers["grpc-status"], "8");
  EXPECT_EQ(large.headers.count("grpc-status-details-bin"), 0u);
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("still here")), "0 identity:still here");
}

TEST_F(GrpcServer, an_error_with_a_delay_carries_retry_info) {
  Http2Peer peer(start());
  auto& stream = peer.finish(peer.submit_grpc("/test.Echo/Plain", framed("x"), {{"x-fail", "1"}}));
  EXPECT_EQ(stream.headers["grpc-status"], "14");
  EXPECT_EQ(stream.headers["grpc-message"], "full");
  std::string details;
  ASSERT_TRUE(append_from_base64(details, stream.headers["grpc-status-details-bin"]));
  EXPECT_EQ(details, encode_rpc_status(unavailable("full", 1'000)));
}

TEST_F(GrpcServer, a_full_budget_is_unavailable_with_a_delay) {
  os::MemoryBudget budget(100);
  ServerOptions options;
  options.budget = &budget;
  Http2Peer peer(start(options));
  auto& stream = peer.finish(peer.submit_grpc("/test.Echo/Say", framed(std::string(200, 'x'))));
  EXPECT_EQ(stream.headers["grpc-status"], "14");
  EXPECT_NE(stream.headers["grpc-status-details-bin"], "");
  // The compressed form fits, what it becomes does not.
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x500", 1), {{"grpc-encoding", "gzip"}}),
              testing::StartsWith("14 "));
}

TEST_F(GrpcServer, the_timeout_of_the_caller_ends_the_call) {
  Http2Peer peer(start());
  int32_t id = peer.submit_grpc("/test.Echo/Wait", framed("x"), {{"grpc-timeout", "30m"}});
  peer.flush();
  auto call = calls_.take();
  EXPECT_EQ(peer.finish(id).headers["grpc-status"], "4");
  EXPECT_TRUE(call->cancelled());
  call->finish(std::string("too late"));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x"), {{"grpc-timeout", "0m"}}),
              testing::StartsWith("4 "));
  EXPECT_THAT(say(peer, "/test.Echo/Say", framed("x"), {{"grpc-timeout", "soon"}}),
              testing::StartsWith("13 "));
  EXPECT_EQ(say(peer, "/test.Echo/Say", framed("x"), {{"grpc-timeout", "99999999H"}}),
            "0 identity:x");
}

TEST_F(GrpcServer, calls_are_finished_from_other_threads) {
  Http2Peer peer(start());
  std::vector<int32_t> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(peer.submit_grpc("/test.Echo/Wait", framed(std::to_string(i))));
  }
  peer.flush();
  os::Thread finisher("finisher", [&] {
    for (int i = 0; i < 20; ++i) {
      auto call = calls_.take();
      EXPECT_EQ(call->encoded(), *call->message());
      call->finish("answer " + std::string(*call->message()));
    }
  });
  for (int i = 0; i < 20; ++i) {
    auto& stream = peer.finish(ids[static_cast<size_t>(i)]);
    EXPECT_EQ(stream.data, framed("answer " + std::to_string(i)));
    EXPECT_EQ(stream.headers["grpc-status"], "0");
  }
  finisher.join();
}

TEST_F(GrpcServer, health_tells_each_service) {
  health_.set("test.Echo", GrpcHealth::Serving::No);
  Http2Peer peer(start());
  const std::string check = "/grpc.health.v1.Health/Check";
  EXPECT_EQ(say(peer, check, framed("")), "0 \x08\x01");
  EXPECT_EQ(say(peer, check, framed("\x0a\x09test.Echo")), "0 \x08\x02");
  EXPECT_EQ(say(peer, check, framed("\x0a\x01x")), "5 unknown service x");
  EXPECT_THAT(say(peer, check, framed("\x0a\x09x")), testing::StartsWith("3 "));
  EXPECT_THAT(say(peer, "/grpc.health.v1.Health/Watch", framed("")), testing::StartsWith("12 "));
  health_.set("test.Echo", GrpcHealth::Serving::Yes);
  EXPECT_EQ(say(peer, check, framed("\x0a\x09test.Echo")), "0 \x08\x01");
}

TEST_F(GrpcServer, calls_are_counted_by_their_code) {
  MetricRegistry metrics;
  ServerOptions options;
  options.metrics = &metrics;
  Http2Peer peer(start(options));
  say(peer, "/test.Echo/Say", framed("x"));
  say(peer, "/test.Echo/Say", framed("hello").substr(0, 8));
  std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("route=\"/test.Echo/Say\",status=\"OK\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("route=\"/test.Echo/Say\",status=\"INTERNAL\"} 1\n"));
}

}  // namespace
}  // namespace spoor::net
