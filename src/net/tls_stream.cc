// The bytes of a TLS connection, for servers and clients. OpenSSL reads and writes the socket
// through a BIO of ours, because its own raises SIGPIPE.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/tls_context.h"

namespace spoor::net {
namespace {

// What one TLS record carries at most.
constexpr size_t kRecordBytes = 16 * 1024;

constexpr std::string_view kAnswerToPlainHttp =
    "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 43\r\n"
    "connection: close\r\n\r\nthis port speaks TLS only; use https://...\n";

int descriptor_of(BIO* bio) {
  return static_cast<boost::asio::ip::tcp::socket*>(BIO_get_data(bio))->native_handle();
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int bio_read(BIO* bio, char* target, int size) {
  BIO_clear_retry_flags(bio);
  auto bytes = ::recv(descriptor_of(bio), target, static_cast<size_t>(size), 0);
  if (bytes < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(bytes);
}

int bio_write(BIO* bio, const char* source, int size) {
  BIO_clear_retry_flags(bio);
  auto bytes = ::send(descriptor_of(bio), source, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (bytes < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(bytes);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "spoor socket");
    SPOOR_ASSERT(method != nullptr);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
  }();
  return kMethod;
}

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class TlsStream final : public Stream {
 public:
  enum class Side { Server, Client };
  TlsStream(boost::asio::ip::tcp::socket socket, SSL_CTX* context, Side side, Counter* failed);
  ~TlsStream() override { close(); }

  SSL* ssl() { return ssl_.get(); }

  IoResult shake_hands() override;
  AgreedProtocol agreed_protocol() const override;
  IoResult read_some(std::span<char> target) override;
  IoResult write_some(std::span<const iovec> pieces) override;
  bool has_input() const override { return has_input_; }
  void end_output() override;
  void close() override;
  std::string problem() const override { return problem_; }
  boost::asio::ip::tcp::socket& socket() override { return socket_; }

 private:
  IoResult result_of(int outcome);
  void note_problem();
  void say_goodbye();

  boost::asio::ip::tcp::socket socket_;
  const Side side_;
  Counter* const failed_;
  std::unique_ptr<SSL, SslFree> ssl_;
  bool agreed_ = false;
  bool broken_ = false;     // nothing may be sent any more
  bool goodbye_ = false;    // said
  bool has_input_ = false;  // the last read did not come to the end of what OpenSSL holds
  std::string problem_;
};

TlsStream::TlsStream(boost::asio::ip::tcp::socket socket, SSL_CTX* context, Side side,
                     Counter* failed)
    : socket_(std::move(socket)), side_(side), failed_(failed), ssl_(SSL_new(context)) {
  SPOOR_ASSERT(ssl_ != nullptr);
  prepare_socket(socket_);
  BIO* bio = BIO_new(socket_method());
  SPOOR_ASSERT(bio != nullptr);
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  side == Side::Server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
}

IoResult TlsStream::result_of(int outcome) {
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return {IoResult::State::WaitReadable, 0};
    case SSL_ERROR_WANT_WRITE:
      return {IoResult::State::WaitWritable, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoResult::State::End, 0};
    default:
      broken_ = true;
      note_problem();
      return {IoResult::State::Failed, 0};
  }
}

void TlsStream::note_problem() {
  long verdict = SSL_get_verify_result(ssl_.get());
  if (ERR_peek_last_error() == 0) return;  // the connection broke
  bool plain_http = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_HTTP_REQUEST;
  problem_ = take_openssl_error();
  if (verdict != X509_V_OK) problem_.append(": ").append(X509_verify_cert_error_string(verdict));
  if (side_ != Side::Server || agreed_ || !plain_http) return;
  // OpenSSL has sent nothing to whom it found to speak plain HTTP.
  ::send(socket_.native_handle(), kAnswerToPlainHttp.data(), kAnswerToPlainHttp.size(),
         MSG_NOSIGNAL);
}

IoResult TlsStream::shake_hands() {
  SPOOR_ASSERT(!agreed_);
  ERR_clear_error();
  int outcome = SSL_do_handshake(ssl_.get());
  if (outcome != 1) return result_of(outcome);
  agreed_ = true;
  return {};
}

AgreedProtocol TlsStream::agreed_protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  bool http2 = size == 2 && std::memcmp(name, "h2", 2) == 0;
  return http2 ? AgreedProtocol::Http2 : AgreedProtocol::Http1;
}

// Several records, up to the size of the target: fewer turns through the session.
IoResult TlsStream::read_some(std::span<char> target) {
  size_t bytes = 0;
  has_input_ = false;
  while (bytes < target.size()) {
    size_t piece = 0;
    ERR_clear_error();
    int outcome = SSL_read_ex(ssl_.get(), target.data() + bytes, target.size() - bytes, &piece);
    bytes += piece;
    if (outcome == 1) continue;
    IoResult result = result_of(outcome);
    // Ends and errors come again with the next call.
    has_input_ = bytes > 0 && result.state != IoResult::State::WaitReadable;
    return bytes > 0 ? IoResult{IoResult::State::Done, bytes} : result;
  }
  has_input_ = true;
  return {IoResult::State::Done, bytes};
}

// One record of the first pieces. A write that had to wait is repeated by OpenSSL's rules with
// the same bytes or more, which holds because a queue is only added to at its end.
IoResult TlsStream::write_some(std::span<const iovec> pieces) {
  std::array<char, kRecordBytes> gathered;
  const char* source = static_cast<const char*>(pieces[0].iov_base);
  size_t size = pieces[0].iov_len;
  if (size < gathered.size() && pieces.size() > 1) {
    size = 0;
    for (const iovec& piece : pieces) {
      size_t taken = std::min(piece.iov_len, gathered.size() - size);
      std::memcpy(gathered.data() + size, piece.iov_base, taken);
      size += taken;
    }
    source = gathered.data();
  }
  size_t written = 0;
  ERR_clear_error();
  int outcome = SSL_write_ex(ssl_.get(), source, size, &written);
  if (outcome == 1) return {IoResult::State::Done, written};
  return result_of(outcome);
}

// Without it the peer cannot tell an end from a cut.
void TlsStream::say_goodbye() {
  if (goodbye_ || broken_ || !agreed_) return;
  goodbye_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsStream::end_output() {
  say_goodbye();
  boost::system::error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void TlsStream::close() {
  if (!socket_.is_open()) return;
  say_goodbye();
  if (!agreed_ && failed_ != nullptr) failed_->add();
  if (!agreed_ && side_ == Side::Server) {
    log_debug("TLS was not agreed on", {{"problem", problem_.empty() ? "no answer" : problem_}});
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

// Names are sent to the server and checked, addresses only checked.
bool expect_host(SSL* ssl, const std::string& host) {
  in6_addr address;
  bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                    inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
}

}  // namespace

std::unique_ptr<Stream> make_tls_server_stream(boost::asio::ip::tcp::socket socket,
                                               SSL_CTX* context, Counter* failed) {
  return std::make_unique<TlsStream>(std::move(socket), context, TlsStream::Side::Server, failed);
}

std::unique_ptr<Stream> make_tls_client_stream(boost::asio::ip::tcp::socket socket,
                                               SSL_CTX* context, const std::string& host,
                                               std::string_view protocol) {
  auto stream =
      std::make_unique<TlsStream>(std::move(socket), context, TlsStream::Side::Client, nullptr);
  std::string offered(1, static_cast<char>(protocol.size()));
  offered.append(protocol);
  bool set =
      SSL_set_alpn_protos(stream->ssl(), reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned>(offered.size())) == 0;
  SPOOR_ASSERT(set && expect_host(stream->ssl(), host));
  return stream;
}

}  // namespace spoor::net
