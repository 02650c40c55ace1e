// TLS over real sockets, with certificates made here and OpenSSL on both sides.
#include <gmock/gmock.h>

#include "net/client_socket.h"
#include "net/test_certificate.h"
#include "net/test_peer.h"
#include "net/test_routes.h"
#include "os/memory_world.h"

namespace spoor::net {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kNames = "DNS:localhost,IP:127.0.0.1";

class Tls : public testing::Test {
 protected:
  Tls() {
    EXPECT_TRUE(world_.create_directories("/tls").ok());
    write("ca", authority_.certificate());
    write("other-ca", stranger_.certificate());
    put_server_pair(authority_.issue(kNames));
    router_.get("/hello", [](ExchangePtr exchange) {
      exchange->respond(
          text_response(200, std::string(to_string(exchange->head().protocol)) + " hello"));
    });
    add_echo_route(router_, 8 * kMiB);
    GrpcOptions grpc;
    grpc.body_bytes_max = grpc.message_bytes_max = 8 * kMiB;
    add_grpc_unary(
        router_, "/test.Echo/Say",
        [](std::shared_ptr<GrpcCall> call) {
          auto message = call->message();
          bool refuse = message.ok() && *message == "refuse";
          if (refuse) return call->finish(unavailable("not now", 1'500));
          call->finish(message.ok() ? Result<std::string>(std::string(*message))
                                    : Result<std::string>(message.status()));
        },
        grpc);
  }

  static std::string path(const std::string& name) { return "/tls/" + name; }

  void write(const std::string& name, const std::string& text) {
    if (*world_.exists(path(name))) EXPECT_TRUE(world_.remove_file(path(name)).ok());
    auto file = world_.open(path(name), os::OpenMode::CreateNew);
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE((*file)->write_at(0, text).ok());
  }
  void put_server_pair(const TestPair& pair) {
    write("server.crt", pair.certificate);
    write("server.key", pair.key);
  }

  uint16_t start(TlsFiles files = {path("server.crt"), path("server.key"), ""},
                 Limits limits = {}) {
    if (limits.tick_ms == Limits().tick_ms) limits.tick_ms = 5;
    limits.tls_check_ms = 5;
    server_ = std::make_unique<Server>(
        ServerOptions{.loops = 2, .limits = limits, .budget = nullptr, .metrics = &metrics_});
    Status used = server_->use_tls(world_, files);
    EXPECT_TRUE(used.ok()) << used.to_string();
    auto port = server_->listen({.name = "test", .router = &router_});
    EXPECT_TRUE(port.ok()) << port.status().to_string();
    return *port;
  }

  ClientOptions client_options(const TlsFiles& files = {"", "", path("ca")}) {
    ClientOptions options;
    auto tls = open_tls_client(world_, files);
    EXPECT_TRUE(tls.ok()) << tls.status().to_string();
    if (tls.ok()) options.tls = *tls;
    return options;
  }

  // What a new connection is told.
  std::string get_hello(uint16_t port, const ClientOptions& options,
                        const std::string& host = "127.0.0.1") {
    auto answer = HttpClient(host, port, options).get("/hello");
    return answer.ok() ? answer->body : answer.status().message();
  }

  std::string start_refused(const TlsFiles& files) {
    Server server({.loops = 1, .limits = {}});
    Status status = server.use_tls(world_, files);
    EXPECT_EQ(status.code(), Code::InvalidArgument);
    return status.message();
  }

  uint64_t count(const std::string& name, const MetricLabels& labels = {}) {
    return metrics_.counter(name, "", labels).value();
  }
  void wait_for_count(uint64_t wanted, const std::string& name, const MetricLabels& labels = {}) {
    Mutex mutex;
    CondVar never;
    MutexLock lock(mutex);
    for (int i = 0; i < 2'000 && count(name, labels) < wanted; ++i) never.wait_for_ms(mutex, 5);
    EXPECT_EQ(count(name, labels), wanted) << name;
  }

  os::MemoryWorld world_;
  TestAuthority authority_{"authority"};
  TestAuthority stranger_{"stranger"};
  MetricRegistry metrics_;
  Router router_;
  std::unique_ptr<Server> server_;
};

constexpr const char* kFailed = "spoor_net_tls_handshakes_failed_total";
constexpr const char* kReloads = "spoor_net_tls_reloads_total";

TEST_F(Tls, http1_is_answered_and_the_connection_kept) {
  HttpClient client("127.0.0.1", start(), client_options());
  for (int i = 0; i < 3; ++i) {
    auto answer = client.get("/hello");
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    EXPECT_EQ(answer->body, "HTTP/1.1 hello");
  }
  EXPECT_EQ(count("spoor_net_connections_total"), 1u);
  EXPECT_EQ(count(kFailed), 0u);
}

TEST_F(Tls, large_bodies_go_both_ways) {
  HttpClient client("localhost", start(), client_options());
  std::string body(7 * kMiB, 'x');
  for (size_t i = 0; i < body.size(); i += 100) body[i] = static_cast<char>(i / 100);
  for (int i = 0; i < 3; ++i) {
    auto answer = client.request("POST", "/echo", {}, body);
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    EXPECT_EQ(answer->body, body);
  }
}

TEST_F(Tls, grpc_goes_over_http2) {
  GrpcClient client("127.0.0.1", start(), client_options());
  for (size_t size : {0u, 5u, 100'000u, 3'000'000u}) {
    auto answer = client.call("/test.Echo/Say", std::string(size, 'm'));
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    EXPECT_EQ(*answer, std::string(size, 'm'));
  }
  EXPECT_EQ(count("spoor_net_connections_total"), 1u);
  auto refused = client.call("/test.Echo/Say", "refuse");
  EXPECT_EQ(refused.status().code(), Code::Unavailable);
  EXPECT_EQ(refused.status().message(), "not now");
  EXPECT_EQ(refused.status().retry_delay_ms(), 1'500u);
}

TEST_F(Tls, who_does_not_ask_for_http2_gets_http1) {
  ClientSocket socket("127.0.0.1", start(), client_options(), "http/1.1");
  ASSERT_TRUE(socket.connect().ok());
  ASSERT_TRUE(socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ClientSocket::after_ms(5'000)).ok());
  std::string received;
  EXPECT_TRUE(socket.receive(received, ClientSocket::after_ms(5'000)).ok());
  EXPECT_THAT(received, StartsWith("HTTP/1.1 "));
}

TEST_F(Tls, an_unknown_protocol_gets_http1) {
  ClientSocket socket("127.0.0.1", start(), client_options(), "gopher");
  ASSERT_TRUE(socket.connect().ok());
  ASSERT_TRUE(socket.send(kGet, ClientSocket::after_ms(5'000)).ok());
  std::string received;
  EXPECT_TRUE(socket.receive(received, ClientSocket::after_ms(5'000)).ok());
  EXPECT_THAT(received, StartsWith("HTTP/1.1 200 "));
}

TEST_F(Tls, an_end_is_told_apart_from_a_cut) {
  ClientSocket socket("127.0.0.1", start(), client_options(), "http/1.1");
  ASSERT_TRUE(socket.connect().ok());
  ASSERT_TRUE(socket
                  .send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                        ClientSocket::after_ms(5'000))
                  .ok());
  std::string received;
  while (true) {
    auto bytes = socket.receive(received, ClientSocket::after_ms(5'000));
    ASSERT_TRUE(bytes.ok()) << bytes.status().to_string();  // a cut would be an error
    if (*bytes == 0) break;
  }
  EXPECT_THAT(received, testing::EndsWith("HTTP/1.1 hello"));
}

TEST_F(Tls, a_client_checks_authority_name_and_time) {
  uint16_t port = start();
  EXPECT_EQ(get_hello(port, client_options()), "HTTP/1.1 hello");
  EXPECT_EQ(get_hello(port, client_options(), "localhost"), "HTTP/1.1 hello");
  EXPECT_THAT(get_hello(port, client_options({"", "", path("other-ca")})),
              AllOf(HasSubstr("certificate verify failed"), HasSubstr("issuer certificate")));
  EXPECT_THAT(get_hello(port, client_options({})), HasSubstr("issuer certificate"));
  put_server_pair(authority_.issue("DNS:elsewhere.example"));
  EXPECT_THAT(get_hello(start(), client_options()), HasSubstr("IP address mismatch"));
  EXPECT_THAT(get_hello(start(), client_options(), "localhost"), HasSubstr("hostname mismatch"));
  put_server_pair(authority_.issue(kNames, 0));
  EXPECT_THAT(get_hello(start(), client_options()), HasSubstr("certificate has expired"));
}

TEST_F(Tls, client_certificates_are_demanded_where_authorities_are_given) {
  TestPair known = authority_.issue("DNS:client");
  TestPair unknown = stranger_.issue("DNS:client");
  write("client.crt", known.certificate);
  write("client.key", known.key);
  write("stranger.crt", unknown.certificate);
  write("stranger.key", unknown.key);
  uint16_t port = start({path("server.crt"), path("server.key"), path("ca")});
  EXPECT_EQ(get_hello(port, client_options({path("client.crt"), path("client.key"), path("ca")})),
            "HTTP/1.1 hello");
  EXPECT_EQ(count(kFailed), 0u);
  EXPECT_THAT(get_hello(port, client_options()), HasSubstr("certificate required"));
  EXPECT_THAT(
      get_hello(port, client_options({path("stranger.crt"), path("stranger.key"), path("ca")})),
      HasSubstr("unknown ca"));
  wait_for_count(2, kFailed);
}

TEST_F(Tls, a_new_pair_comes_into_force_while_running) {
  uint16_t port = start();
  HttpClient kept("127.0.0.1", port, client_options());
  ASSERT_TRUE(kept.get("/hello").ok());
  put_server_pair(stranger_.issue(kNames));
  wait_for_count(1, kReloads, {{"outcome", "in_force"}});
  EXPECT_EQ(get_hello(port, client_options({"", "", path("other-ca")})), "HTTP/1.1 hello");
  EXPECT_THAT(get_hello(port, client_options()), HasSubstr("issuer certificate"));
  EXPECT_TRUE(kept.get("/hello").ok());
  EXPECT_EQ(count("spoor_net_connections_total"), 3u);
}

TEST_F(Tls, a_bad_new_pair_is_refused_once_and_the_old_one_stays) {
  uint16_t port = start();
  MetricLabels refused = {{"outcome", "refused"}};
  write("server.key", stranger_.issue(kNames).key);
  wait_for_count(1, kReloads, refused);
  EXPECT_EQ(get_hello(port, client_options()), "HTTP/1.1 hello");
  write("server.crt", "garbage");
  wait_for_count(2, kReloads, refused);
  EXPECT_TRUE(world_.remove_file(path("server.crt")).ok());
  wait_for_count(3, kReloads, refused);
  EXPECT_EQ(get_hello(port, client_options()), "HTTP/1.1 hello");
  put_server_pair(stranger_.issue(kNames));
  wait_for_count(1, kReloads, {{"outcome", "in_force"}});
  EXPECT_LE(count(kReloads, refused), 4u);  // a look may fall between the two files
  EXPECT_EQ(get_hello(port, client_options({"", "", path("other-ca")})), "HTTP/1.1 hello");
}

TEST_F(Tls, files_that_cannot_be_used_are_named_at_the_start) {
  EXPECT_THAT(start_refused({path("none"), path("server.key"), ""}),
              AllOf(HasSubstr("certificate"), HasSubstr("/tls/none")));
  EXPECT_THAT(start_refused({path("server.crt"), path("none"), ""}), HasSubstr("/tls/none"));
  EXPECT_THAT(start_refused({path("server.key"), path("server.key"), ""}),
              HasSubstr("/tls/server.key: holds no certificate"));
  EXPECT_THAT(start_refused({path("server.crt"), path("server.crt"), ""}),
              HasSubstr("/tls/server.crt: holds no private key"));
  write("other.key", authority_.issue(kNames).key);
  EXPECT_THAT(start_refused({path("server.crt"), path("other.key"), ""}),
              AllOf(HasSubstr("/tls/other.key"), HasSubstr("does not match"),
                    HasSubstr("/tls/server.crt")));
  EXPECT_THAT(start_refused({path("server.crt"), "", ""}), HasSubstr("without a key"));
  EXPECT_THAT(start_refused({"", path("server.key"), ""}), HasSubstr("without a certificate"));
  EXPECT_THAT(start_refused({"", "", path("ca")}), HasSubstr("without a certificate"));
  write("broken", authority_.certificate().replace(60, 4, "!!!!"));
  EXPECT_THAT(start_refused({path("server.crt"), path("server.key"), path("broken")}),
              HasSubstr("/tls/broken"));
}

TEST_F(Tls, who_speaks_plain_http_is_told_so_and_closed) {
  TestPeer peer(start());
  peer.send(kGet);
  std::string answer = peer.read_to_end();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("speaks TLS only")));
  wait_for_count(1, kFailed);
  EXPECT_TRUE(server_->drain(5'000));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(Tls, who_speaks_anything_else_is_closed) {
  uint16_t port = start();
  for (std::string bytes : {std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string(300, '\0'),
                            std::string("\x16\x03\x01\xff\xff garbage")}) {
    TestPeer peer(port);
    peer.send(bytes);
    peer.end_output();
    peer.read_to_end();
  }
  wait_for_count(3, kFailed);
}

TEST_F(Tls, a_slow_handshake_is_closed) {
  Limits limits;
  limits.header_time_ms = 50;
  uint16_t port = start({path("server.crt"), path("server.key"), ""}, limits);
  TestPeer silent(port);
  EXPECT_EQ(silent.read_to_end(), "");
  TestPeer slow(port);
  slow.send("\x16\x03\x01");  // a handshake begins
  EXPECT_EQ(slow.read_to_end(), "");
  wait_for_count(2, kFailed);
}

TEST_F(Tls, connection_limits_count_from_the_first_byte) {
  Limits limits;
  limits.connections_per_address_max = 1;
  uint16_t port = start({path("server.crt"), path("server.key"), ""}, limits);
  TestPeer in_handshake(port);
  wait_for_count(1, "spoor_net_connections_total");
  TestPeer refused(port);
  EXPECT_EQ(refused.read_to_end(), "");
  EXPECT_EQ(count("spoor_net_connections_refused_total"), 1u);
}

TEST_F(Tls, a_drain_ends_idle_connections_and_handshakes) {
  uint16_t port = start();
  HttpClient idle("127.0.0.1", port, client_options());
  ASSERT_TRUE(idle.get("/hello").ok());
  TestPeer in_handshake(port);
  EXPECT_TRUE(server_->drain(5'000));
  EXPECT_EQ(in_handshake.read_to_end(), "");
  EXPECT_FALSE(idle.get("/hello").ok());
}

TEST(Url, says_where_to_go) {
  auto url = parse_url("HTTPS://shop.example:4318/v1/traces");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->scheme + " " + url->host + " " + std::to_string(url->port) + " " + url->path,
            "https shop.example 4318 /v1/traces");
  auto address = parse_url("127.0.0.1:10428");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->scheme, "");
  EXPECT_EQ(address->port, 10428);
  auto version6 = parse_url("grpc://[::1]");
  ASSERT_TRUE(version6.ok());
  EXPECT_EQ(version6->host, "::1");
  EXPECT_EQ(version6->port, 0);
  for (const char* bad : {"", "http://", "http://:1", "a:b", "a:0", "a:70000", "a b", "http://a@b",
                          "http://[::1", "http://[::1]x", "http://a/?b", "a:1:2"}) {
    EXPECT_FALSE(parse_url(bad).ok()) << bad;
  }
  EXPECT_FALSE(parse_url(std::string(254, 'a')).ok());
  EXPECT_TRUE(parse_url(std::string(253, 'a')).ok());
}

}  // namespace
}  // namespace spoor::net
