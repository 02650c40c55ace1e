// The bytes of one connection: non-blocking reads and writes over a socket, plain or through
// TLS (tls_context.h), whose stream waits on the same socket. Internal; includes Asio.
#pragma once

#include <sys/uio.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <span>
#include <string>

namespace spoor::net {

struct IoResult {
  // TLS may have to write before it can read, and read before it can write: a result says which
  // readiness of the socket to wait for.
  enum class State { Done, WaitReadable, WaitWritable, End, Failed };
  State state = State::Done;
  size_t bytes = 0;  // when Done
};

// What both sides have agreed to speak.
enum class AgreedProtocol { Undecided, Http1, Http2 };

class Stream {
 public:
  virtual ~Stream() = default;
  // To be repeated until Done, before anything is read or written.
  virtual IoResult shake_hands() { return {}; }
  // Undecided: the first bytes tell.
  virtual AgreedProtocol agreed_protocol() const { return AgreedProtocol::Undecided; }
  virtual IoResult read_some(std::span<char> target) = 0;
  virtual IoResult write_some(std::span<const iovec> pieces) = 0;
  // A read would give something although the socket may not become readable.
  virtual bool has_input() const { return false; }
  // Tells the peer that nothing more comes.
  virtual void end_output() = 0;
  virtual void close() = 0;
  // Why something failed, for people; empty if only the connection broke.
  virtual std::string problem() const { return {}; }
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
  void close() override;
  boost::asio::ip::tcp::socket& socket() override { return socket_; }

 private:
  boost::asio::ip::tcp::socket socket_;
};

// Makes a connected socket non-blocking and its small writes immediate.
void prepare_socket(boost::asio::ip::tcp::socket& socket);

}  // namespace spoor::net
