// A small blocking HTTP/1.1 client over one kept-alive connection, plain or TLS, for the command
// line, the demo and benchmarks. One thread at a time. Redirects are not followed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/http.h"
#include "net/tls.h"

namespace spoor::net {

struct ClientOptions {
  uint32_t connect_timeout_ms = 5'000;
  uint32_t request_timeout_ms = 60'000;  // from sending to the last byte of the answer
  uint64_t response_bytes_max = 256ull << 20;
  std::shared_ptr<const TlsClient> tls;  // null: plain
};

struct ClientResponse {
  int status = 0;
  HeaderList headers;
  std::string body;
};

class HttpClient {
 public:
  HttpClient(std::string host, uint16_t port, ClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Connects when needed. A kept-alive connection that the server has closed meanwhile is
  // replaced once. Unavailable: no connection; DeadlineExceeded; ResourceExhausted: an answer
  // above the limit. Any HTTP status is a success here.
  Result<ClientResponse> request(std::string_view method, std::string_view path_and_query,
                                 const std::vector<Header>& headers = {},
                                 std::string_view body = {});

  Result<ClientResponse> get(std::string_view path_and_query) {
    return request("GET", path_and_query);
  }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor::net
