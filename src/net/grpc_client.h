// A small blocking client of unary gRPC methods over one kept HTTP/2 connection, plain or TLS,
// one call at a time. The counterpart of HttpClient (client.h). One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/client.h"

namespace spoor::net {

class GrpcClient {
 public:
  GrpcClient(std::string host, uint16_t port, ClientOptions options = {});
  ~GrpcClient();
  GrpcClient(GrpcClient&&) noexcept;
  GrpcClient& operator=(GrpcClient&&) noexcept;

  // The message of the answer; otherwise the server's status with the delay that it asks for, or
  // Unavailable and DeadlineExceeded as of HttpClient. `message` is compressed by the caller if
  // `encoding` ("gzip", "zstd") is not empty. Connects when needed.
  Result<std::string> call(const std::string& method_path, std::string_view message,
                           const std::string& encoding = {},
                           const std::vector<Header>& headers = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor::net
