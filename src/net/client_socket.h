// The connection of a blocking client, plain or TLS: bytes with deadlines. Internal; includes
// Asio. One thread at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "net/client.h"
#include "net/stream.h"

namespace spoor::net {

class ClientSocket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // `protocol` is what is offered where TLS agrees on one: "h2" or "http/1.1".
  ClientSocket(std::string host, uint16_t port, ClientOptions options, std::string protocol);
  ~ClientSocket();

  // Connects and, if the options say so, agrees on TLS.
  Status connect();
  bool is_open() const { return stream_ != nullptr; }
  void close();

  // Also OK when the peer takes no more: it may have answered early.
  Status send(std::string_view bytes, Deadline deadline);
  // Appends what the peer has sent; zero bytes at its end.
  Result<size_t> receive(std::string& buffer, Deadline deadline);

  // "127.0.0.1:4318"
  const std::string& place() const { return place_; }
  const ClientOptions& options() const { return options_; }
  static Deadline after_ms(uint32_t milliseconds) {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  }

 private:
  Status open_stream(Deadline deadline);
  Status shake_hands(Deadline deadline);
  Status wait_for(IoResult::State state, Deadline deadline);
  Status run(Deadline deadline);

  const std::string host_;
  const uint16_t port_;
  const ClientOptions options_;
  const std::string protocol_;
  const std::string place_;
  boost::asio::io_context context_;
  std::unique_ptr<Stream> stream_;  // null: not connected
  bool done_ = false;               // the one operation under way
  boost::system::error_code error_;
};

}  // namespace spoor::net
