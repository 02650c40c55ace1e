#include "net/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>

#include "net/http1_parser.h"

namespace spoor::net {
namespace {

using boost::asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr size_t kReadBytes = 64 * 1024;

// An answer while it is read.
struct Answer {
  ClientResponse response;
  MessageFraming framing;
  bool bodyless = false;
};

}  // namespace

class HttpClient::Impl {
 public:
  Impl(std::string host, uint16_t port, ClientOptions options)
      : host_(std::move(host)), port_(port), options_(options), socket_(context_) {}

  Result<ClientResponse> request(std::string_view method, std::string_view target,
                                 const std::vector<Header>& headers, std::string_view body);

 private:
  Status connect();
  Status send(std::string_view bytes);
  // Appends what the peer sent to buffer_; zero bytes at its end.
  Result<size_t> read_more();
  Status run(SteadyTime deadline);
  Result<ClientResponse> exchange(std::string_view message, std::string_view method);
  Status read_head(Answer& answer);
  Status read_body(Answer& answer);
  Status read_chunks(Answer& answer);
  Status append_body(Answer& answer, std::string_view piece);
  std::string place() const { return host_ + ":" + std::to_string(port_); }
  void close();

  const std::string host_;
  const uint16_t port_;
  const ClientOptions options_;
  const Limits limits_;
  boost::asio::io_context context_;
  tcp::socket socket_;
  SteadyTime deadline_;
  bool done_ = false;
  bool reused_ = false;          // the connection has carried a request before
  bool answer_started_ = false;  // of the current request
  boost::system::error_code error_;
  size_t bytes_ = 0;
  std::string buffer_;
};

void HttpClient::Impl::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  socket_ = tcp::socket(context_);
  buffer_.clear();
  reused_ = false;
}

// Runs the one operation under way; afterwards error_ and bytes_ are its outcome.
Status HttpClient::Impl::run(SteadyTime deadline) {
  context_.restart();
  context_.run_until(deadline);
  if (done_) return {};
  boost::system::error_code ignored;
  socket_.close(ignored);
  context_.restart();
  context_.run();
  return deadline_exceeded("no answer from " + place() + " in time");
}

Status HttpClient::Impl::connect() {
  boost::system::error_code error;
  tcp::resolver resolver(context_);
  auto endpoints =
      resolver.resolve(host_, std::to_string(port_), tcp::resolver::numeric_service, error);
  if (error) return unavailable("cannot resolve " + place() + ": " + error.message(), 1000);
  done_ = false;
  boost::asio::async_connect(
      socket_, endpoints, [this](const boost::system::error_code& outcome, const tcp::endpoint&) {
        done_ = true;
        error_ = outcome;
      });
  SPOOR_TRY(run(std::chrono::steady_clock::now() +
                std::chrono::milliseconds(options_.connect_timeout_ms)));
  if (error_) return unavailable("cannot connect to " + place() + ": " + error_.message(), 1000);
  socket_.set_option(tcp::no_delay(true), error);
  return {};
}

Status HttpClient::Impl::send(std::string_view bytes) {
  done_ = false;
  boost::asio::async_write(socket_, boost::asio::buffer(bytes.data(), bytes.size()),
                           [this](const boost::system::error_code& outcome, size_t) {
                             done_ = true;
                             error_ = outcome;
                           });
  return run(deadline_);
}

Result<size_t> HttpClient::Impl::read_more() {
  size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  done_ = false;
  bytes_ = 0;
  socket_.async_read_some(boost::asio::buffer(buffer_.data() + before, kReadBytes),
                          [this](const boost::system::error_code& outcome, size_t bytes) {
                            done_ = true;
                            error_ = outcome;
                            bytes_ = bytes;
                          });
  Status status = run(deadline_);
  buffer_.resize(before + bytes_);
  if (!status.ok()) return status;
  if (error_ && error_ != boost::asio::error::eof) {
    return unavailable("connection to " + place() + " broke: " + error_.message(), 1000);
  }
  if (bytes_ > 0) answer_started_ = true;
  return bytes_;
}

Status HttpClient::Impl::read_head(Answer& answer) {
  BlockScanner scanner(limits_.header_bytes_max, limits_.header_bytes_max);
  while (true) {
    auto state = scanner.scan(buffer_);
    if (state == BlockScanner::State::Complete) {
      answer = {};
      std::string_view block = std::string_view(buffer_).substr(0, scanner.block_bytes());
      SPOOR_TRY(parse_response_block(block, limits_, answer.response.status,
                                     answer.response.headers, answer.framing));
      buffer_.erase(0, scanner.block_bytes());
      scanner.reset();
      if (answer.response.status >= 200) return {};
    } else if (state != BlockScanner::State::NeedMore) {
      return unavailable("the answer of " + place() + " has malformed or too long headers", 0);
    } else {
      SPOOR_ASSIGN(size_t bytes, read_more());
      if (bytes == 0) return unavailable(place() + " closed the connection without answer", 1000);
    }
  }
}

Status HttpClient::Impl::append_body(Answer& answer, std::string_view piece) {
  if (piece.size() > options_.response_bytes_max - answer.response.body.size()) {
    return resource_exhausted("the answer of " + place() + " is above " +
                              std::to_string(options_.response_bytes_max) + " bytes");
  }
  answer.response.body.append(piece);
  return {};
}

Status HttpClient::Impl::read_chunks(Answer& answer) {
  ChunkReader chunks(limits_);
  while (true) {
    std::string_view input = buffer_, piece;
    ChunkReader::Event event;
    while ((event = chunks.next(input, piece)) == ChunkReader::Event::Data) {
      SPOOR_TRY(append_body(answer, piece));
    }
    buffer_.erase(0, buffer_.size() - input.size());
    if (event == ChunkReader::Event::End) return {};
    if (event == ChunkReader::Event::Bad) return unavailable(chunks.problem(), 0);
    SPOOR_ASSIGN(size_t bytes, read_more());
    if (bytes == 0) return unavailable("the answer of " + place() + " is cut off", 1000);
  }
}

Status HttpClient::Impl::read_body(Answer& answer) {
  if (answer.bodyless) return {};
  if (answer.framing.chunked) return read_chunks(answer);
  bool until_end = !answer.framing.content_length;
  uint64_t missing = answer.framing.content_length.value_or(UINT64_MAX);
  if (until_end) answer.framing.keep_alive = false;
  while (missing > 0) {
    if (buffer_.empty()) {
      SPOOR_ASSIGN(size_t bytes, read_more());
      if (bytes == 0 && until_end) return {};
      if (bytes == 0) return unavailable("the answer of " + place() + " is cut off", 1000);
    }
    std::string_view piece = std::string_view(buffer_).substr(0, missing);
    SPOOR_TRY(append_body(answer, piece));
    missing -= piece.size();
    buffer_.erase(0, piece.size());
  }
  return {};
}

Result<ClientResponse> HttpClient::Impl::exchange(std::string_view message,
                                                  std::string_view method) {
  answer_started_ = false;
  if (!socket_.is_open()) SPOOR_TRY(connect());
  // A server that refuses early answers before it has read all: look for its answer anyway.
  SPOOR_TRY(send(message));
  Answer answer;
  SPOOR_TRY(read_head(answer));
  int status = answer.response.status;
  answer.bodyless = method == "HEAD" || status == 204 || status == 304;
  SPOOR_TRY(read_body(answer));
  reused_ = true;
  if (!answer.framing.keep_alive) close();
  return std::move(answer.response);
}

Result<ClientResponse> HttpClient::Impl::request(std::string_view method, std::string_view target,
                                                 const std::vector<Header>& headers,
                                                 std::string_view body) {
  std::string message;
  message.reserve(512 + body.size());
  message.append(method).append(" ").append(target).append(" HTTP/1.1\r\nhost: ").append(place());
  message.append("\r\n");
  for (const Header& header : headers) {
    message.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!body.empty() || method == "POST" || method == "PUT") {
    message.append("content-length: ").append(std::to_string(body.size())).append("\r\n");
  }
  message.append("\r\n").append(body);
  deadline_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.request_timeout_ms);
  bool reused = reused_;
  auto result = exchange(message, method);
  if (result.ok()) return result;
  close();
  // The server had closed the kept connection before our request reached it.
  bool stale = reused && !answer_started_ && result.status().code() == Code::Unavailable;
  if (stale) result = exchange(message, method);
  if (!result.ok()) close();
  return result;
}

HttpClient::HttpClient(std::string host, uint16_t port, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(host), port, options)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<ClientResponse> HttpClient::request(std::string_view method, std::string_view path_and_query,
                                           const std::vector<Header>& headers,
                                           std::string_view body) {
  return impl_->request(method, path_and_query, headers, body);
}

}  // namespace spoor::net
