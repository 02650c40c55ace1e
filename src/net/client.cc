#include "net/client.h"

#include "net/client_socket.h"
#include "net/http1_parser.h"

namespace spoor::net {
namespace {

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
      : socket_(std::move(host), port, std::move(options), "http/1.1") {}

  Result<ClientResponse> request(std::string_view method, std::string_view target,
                                 const std::vector<Header>& headers, std::string_view body);

 private:
  // Appends what the peer sent to buffer_; zero bytes at its end.
  Result<size_t> read_more();
  Result<ClientResponse> exchange(std::string_view message, std::string_view method);
  Status read_head(Answer& answer);
  Status read_body(Answer& answer);
  Status read_chunks(Answer& answer);
  Status append_body(Answer& answer, std::string_view piece);
  const std::string& place() const { return socket_.place(); }
  void close();

  const Limits limits_;
  ClientSocket socket_;
  ClientSocket::Deadline deadline_;
  bool reused_ = false;          // the connection has carried a request before
  bool answer_started_ = false;  // of the current request
  std::string buffer_;
};

void HttpClient::Impl::close() {
  socket_.close();
  buffer_.clear();
  reused_ = false;
}

Result<size_t> HttpClient::Impl::read_more() {
  SPOOR_ASSIGN(size_t bytes, socket_.receive(buffer_, deadline_));
  if (bytes > 0) answer_started_ = true;
  return bytes;
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
  uint64_t bytes_max = socket_.options().response_bytes_max;
  if (piece.size() > bytes_max - answer.response.body.size()) {
    return resource_exhausted("the answer of " + place() + " is above " +
                              std::to_string(bytes_max) + " bytes");
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
  if (!socket_.is_open()) SPOOR_TRY(socket_.connect());
  // A server that refuses early answers before it has read all: look for its answer anyway.
  SPOOR_TRY(socket_.send(message, deadline_));
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
  deadline_ = ClientSocket::after_ms(socket_.options().request_timeout_ms);
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
