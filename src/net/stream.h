// The bytes of one connection: non-blocking reads and writes over a socket. The seam for TLS,
// whose stream wraps the socket's bytes and waits on the same socket. Internal; includes Asio.
#pragma once

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <span>

namespace spoor::net {

struct IoResult {
  enum class State { Done, WouldBlock, End, Failed };
  State state = State::Done;
  size_t bytes = 0;  // when Done
};

class Stream {
 public:
  virtual ~Stream() = default;
  virtual IoResult read_some(std::span<char> target) = 0;
  virtual IoResult write_some(std::span<const iovec> pieces) = 0;
  // Tells the peer that nothing more comes.
  virtual void end_output() = 0;
  // Readiness is waited for here.
  virtual boost::asio::ip::tcp::socket& socket() = 0;
};

class PlainStream final : public Stream {
 public:
  // Takes a connected socket and makes it non-blocking.
  explicit PlainStream(boost::asio::ip::tcp::socket socket);
  IoResult read_some(std::span<char> target) override;
  IoResult write_some(std::span<const iovec> pieces) override;
  void end_output() override;
  boost::asio::ip::tcp::socket& socket() override { return socket_; }

 private:
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace spoor::net
