#include "net/client_socket.h"

#include <boost/asio/connect.hpp>

#include "net/tls_context.h"

namespace spoor::net {
namespace {

using boost::asio::ip::tcp;

constexpr size_t kReadBytes = 64 * 1024;
constexpr uint32_t kRetryDelayMs = 1000;

// IPv6 addresses stand in brackets before a port.
std::string place_of(const std::string& host, uint16_t port) {
  bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

ClientSocket::ClientSocket(std::string host, uint16_t port, ClientOptions options,
                           std::string protocol)
    : host_(std::move(host)),
      port_(port),
      options_(std::move(options)),
      protocol_(std::move(protocol)),
      place_(place_of(host_, port_)) {}

ClientSocket::~ClientSocket() {
  close();
}

void ClientSocket::close() {
  if (stream_) stream_->close();
  stream_.reset();
}

// Runs the one operation under way.
Status ClientSocket::run(Deadline deadline) {
  context_.restart();
  context_.run_until(deadline);
  return done_ ? Status() : deadline_exceeded("no answer from " + place_ + " in time");
}

Status ClientSocket::open_stream(Deadline deadline) {
  boost::system::error_code error;
  tcp::resolver resolver(context_);
  auto endpoints =
      resolver.resolve(host_, std::to_string(port_), tcp::resolver::numeric_service, error);
  if (error) {
    return unavailable("cannot resolve " + place_ + ": " + error.message(), kRetryDelayMs);
  }
  tcp::socket socket(context_);
  done_ = false;
  boost::asio::async_connect(
      socket, endpoints, [this](const boost::system::error_code& outcome, const tcp::endpoint&) {
        done_ = true;
        error_ = outcome;
      });
  Status status = run(deadline);
  if (!status.ok()) {
    socket.close(error);
    context_.restart();
    context_.run();
    return status;
  }
  if (error_) {
    return unavailable("cannot connect to " + place_ + ": " + error_.message(), kRetryDelayMs);
  }
  if (options_.tls) {
    stream_ = options_.tls->connect(std::move(socket), host_, protocol_);
  } else {
    stream_ = std::make_unique<PlainStream>(std::move(socket));
  }
  return {};
}

Status ClientSocket::shake_hands(Deadline deadline) {
  while (true) {
    IoResult result = stream_->shake_hands();
    if (result.state == IoResult::State::Done) return {};
    if (result.state == IoResult::State::End || result.state == IoResult::State::Failed) {
      std::string problem = stream_->problem();
      return unavailable(
          "no TLS with " + place_ + ": " + (problem.empty() ? "it closed the connection" : problem),
          kRetryDelayMs);
    }
    SPOOR_TRY(wait_for(result.state, deadline));
  }
}

Status ClientSocket::connect() {
  Deadline deadline = after_ms(options_.connect_timeout_ms);
  SPOOR_TRY(open_stream(deadline));
  Status status = shake_hands(deadline);
  if (!status.ok()) close();
  return status;
}

Status ClientSocket::wait_for(IoResult::State state, Deadline deadline) {
  done_ = false;
  bool readable = state == IoResult::State::WaitReadable;
  stream_->socket().async_wait(
      readable ? tcp::socket::wait_read : tcp::socket::wait_write,
      [this](const boost::system::error_code& outcome) { done_ = !outcome; });
  Status status = run(deadline);
  if (status.ok()) return {};
  close();
  context_.restart();
  context_.run();
  return status;
}

Status ClientSocket::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    IoResult result = stream_->write_some({&piece, 1});
    if (result.state == IoResult::State::Done) {
      bytes.remove_prefix(result.bytes);
    } else if (result.state == IoResult::State::End || result.state == IoResult::State::Failed) {
      return {};
    } else {
      SPOOR_TRY(wait_for(result.state, deadline));
    }
  }
  return {};
}

Result<size_t> ClientSocket::receive(std::string& buffer, Deadline deadline) {
  size_t before = buffer.size();
  while (true) {
    buffer.resize(before + kReadBytes);
    IoResult result = stream_->read_some({buffer.data() + before, kReadBytes});
    buffer.resize(before + result.bytes);
    if (result.state == IoResult::State::Done) return result.bytes;
    if (result.state == IoResult::State::End) return size_t{0};
    if (result.state == IoResult::State::Failed) {
      std::string problem = stream_->problem();
      return unavailable(
          "connection to " + place_ + " broke" + (problem.empty() ? problem : ": " + problem),
          kRetryDelayMs);
    }
    SPOOR_TRY(wait_for(result.state, deadline));
  }
}

}  // namespace spoor::net
