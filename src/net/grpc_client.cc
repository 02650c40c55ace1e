#include "net/grpc_client.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "net/client_socket.h"
#include "net/grpc_frame.h"

namespace spoor::net {
namespace {

constexpr uint32_t kRetryDelayMs = 1000;
constexpr size_t kWindowBytes = 4 << 20;  // of answers, which are small

// One call and what has come back of it.
struct GrpcExchange {
  std::string body;  // to send
  size_t sent = 0;
  int http_status = 0;
  std::string grpc_status, grpc_message, details;
  std::string data;
  bool too_large = false;
  bool closed = false;
  uint32_t error_code = 0;
};

struct SessionFree {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

nghttp2_nv name_value(const Header& header) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(header.name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(header.value.data())), header.name.size(),
          header.value.size(), NGHTTP2_NV_FLAG_NONE};
}

void on_header(GrpcExchange& exchange, std::string_view name, std::string_view value) {
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), exchange.http_status);
  } else if (name == "grpc-status") {
    exchange.grpc_status = value;
  } else if (name == "grpc-message") {
    exchange.grpc_message = decode_grpc_message(value);
  } else if (name == "grpc-status-details-bin") {
    exchange.details = value;
  }
}

}  // namespace

class GrpcClient::Impl {
 public:
  Impl(std::string host, uint16_t port, ClientOptions options)
      : socket_(std::move(host), port, std::move(options), "h2") {}

  Result<std::string> call(const std::string& path, std::string_view message,
                           const std::string& encoding, const std::vector<Header>& headers);

 private:
  Status connect();
  void close();
  Status exchange(const std::string& path, const std::string& encoding,
                  const std::vector<Header>& headers);
  Status submit(const std::string& path, const std::string& encoding,
                const std::vector<Header>& headers);
  Status flush();
  Result<std::string> answer();
  static nghttp2_session* make_session(Impl* self);
  static ssize_t read_body(nghttp2_session*, int32_t, uint8_t* target, size_t size, uint32_t* flags,
                           nghttp2_data_source* source, void*);

  ClientSocket socket_;
  std::unique_ptr<nghttp2_session, SessionFree> session_;
  ClientSocket::Deadline deadline_;
  GrpcExchange now_;
  int32_t stream_id_ = 0;
  bool reused_ = false;
  std::string received_;
};

nghttp2_session* GrpcClient::Impl::make_session(Impl* self) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
         const uint8_t* value, size_t value_size, uint8_t, void* user) {
        auto* client = static_cast<Impl*>(user);
        if (frame->hd.stream_id != client->stream_id_) return 0;
        on_header(client->now_, {reinterpret_cast<const char*>(name), name_size},
                  {reinterpret_cast<const char*>(value), value_size});
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, uint8_t, int32_t stream_id, const uint8_t* data, size_t size,
                    void* user) {
        auto* client = static_cast<Impl*>(user);
        if (stream_id != client->stream_id_) return 0;
        GrpcExchange& now = client->now_;
        now.too_large |= now.data.size() + size > client->socket_.options().response_bytes_max;
        if (!now.too_large) now.data.append(reinterpret_cast<const char*>(data), size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks, [](nghttp2_session*, int32_t stream_id, uint32_t error_code, void* user) {
        auto* client = static_cast<Impl*>(user);
        if (stream_id != client->stream_id_) return 0;
        client->now_.closed = true;
        client->now_.error_code = error_code;
        return 0;
      });
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new(&session, callbacks, self);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

void GrpcClient::Impl::close() {
  session_.reset();
  socket_.close();
  reused_ = false;
}

Status GrpcClient::Impl::connect() {
  SPOOR_TRY(socket_.connect());
  session_.reset(make_session(this));
  SPOOR_ASSERT(session_ != nullptr);
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
  };
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings, 2);
  return {};
}

ssize_t GrpcClient::Impl::read_body(nghttp2_session*, int32_t, uint8_t* target, size_t size,
                                    uint32_t* flags, nghttp2_data_source* source, void*) {
  GrpcExchange& now = static_cast<Impl*>(source->ptr)->now_;
  size_t bytes = std::min(size, now.body.size() - now.sent);
  std::memcpy(target, now.body.data() + now.sent, bytes);
  now.sent += bytes;
  if (now.sent == now.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(bytes);
}

Status GrpcClient::Impl::submit(const std::string& path, const std::string& encoding,
                                const std::vector<Header>& headers) {
  std::vector<Header> all = {{":method", "POST"},
                             {":scheme", socket_.options().tls ? "https" : "http"},
                             {":authority", socket_.place()},
                             {":path", path},
                             {"content-type", "application/grpc"},
                             {"te", "trailers"}};
  if (!encoding.empty()) all.push_back({"grpc-encoding", encoding});
  all.insert(all.end(), headers.begin(), headers.end());
  std::vector<nghttp2_nv> fields;
  for (const Header& header : all) fields.push_back(name_value(header));
  nghttp2_data_provider provider{{.ptr = this}, read_body};
  stream_id_ = nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                      &provider, nullptr);
  if (stream_id_ > 0) return {};
  return unavailable("no stream to " + socket_.place() + ": " + nghttp2_strerror(stream_id_),
                     kRetryDelayMs);
}

// Sends all that the session has to say now.
Status GrpcClient::Impl::flush() {
  std::string bytes;
  while (true) {
    const uint8_t* piece = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_.get(), &piece);
    if (size <= 0) break;
    bytes.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
  }
  return socket_.send(bytes, deadline_);
}

Status GrpcClient::Impl::exchange(const std::string& path, const std::string& encoding,
                                  const std::vector<Header>& headers) {
  if (!socket_.is_open()) SPOOR_TRY(connect());
  SPOOR_TRY(submit(path, encoding, headers));
  SPOOR_TRY(flush());
  while (!now_.closed) {
    received_.clear();
    SPOOR_ASSIGN(size_t bytes, socket_.receive(received_, deadline_));
    if (bytes == 0) {
      return unavailable(socket_.place() + " closed the connection without answer", kRetryDelayMs);
    }
    ssize_t taken = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const uint8_t*>(received_.data()), received_.size());
    if (taken < 0) {
      return unavailable(
          socket_.place() + " does not speak HTTP/2: " + nghttp2_strerror(static_cast<int>(taken)),
          kRetryDelayMs);
    }
    SPOOR_TRY(flush());
  }
  reused_ = true;
  return {};
}

Result<std::string> GrpcClient::Impl::answer() {
  const std::string& place = socket_.place();
  if (now_.error_code != 0 && now_.grpc_status.empty()) {
    return unavailable(place + " reset the call: " + nghttp2_http2_strerror(now_.error_code),
                       kRetryDelayMs);
  }
  if (now_.grpc_status.empty()) {
    return unavailable(place + " answered HTTP " + std::to_string(now_.http_status) +
                           " and no gRPC; is this its gRPC port?",
                       kRetryDelayMs);
  }
  if (now_.too_large) return resource_exhausted("the answer of " + place + " is too large");
  unsigned code = 0;
  std::from_chars(now_.grpc_status.data(), now_.grpc_status.data() + now_.grpc_status.size(), code);
  if (code != 0) {
    constexpr auto kCodeMax = static_cast<unsigned>(Code::Unauthenticated);
    Status status(code <= kCodeMax ? static_cast<Code>(code) : Code::Unknown, now_.grpc_message);
    auto delay_ms = decode_rpc_retry_delay_ms(now_.details);
    return delay_ms ? status.with_retry_delay_ms(*delay_ms) : status;
  }
  SPOOR_ASSIGN(GrpcFrame frame, parse_grpc_unary(now_.data));
  if (frame.compressed) return unimplemented("the answer of " + place + " is compressed");
  return std::string(frame.message);
}

Result<std::string> GrpcClient::Impl::call(const std::string& path, std::string_view message,
                                           const std::string& encoding,
                                           const std::vector<Header>& headers) {
  std::string body;
  append_grpc_frame(body, message);
  if (!encoding.empty()) body[0] = 1;
  deadline_ = ClientSocket::after_ms(socket_.options().request_timeout_ms);
  bool reused = reused_;
  for (int attempt = 0;; ++attempt) {
    now_ = {};
    now_.body = attempt == 0 && reused ? body : std::move(body);
    Status status = exchange(path, encoding, headers);
    if (status.ok()) return answer();
    bool answered = now_.http_status != 0;
    close();
    // The server had closed the kept connection before our call reached it.
    bool stale = attempt == 0 && reused && !answered && status.code() == Code::Unavailable;
    if (!stale) return status;
  }
}

GrpcClient::GrpcClient(std::string host, uint16_t port, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(host), port, std::move(options))) {}
GrpcClient::~GrpcClient() = default;
GrpcClient::GrpcClient(GrpcClient&&) noexcept = default;
GrpcClient& GrpcClient::operator=(GrpcClient&&) noexcept = default;

Result<std::string> GrpcClient::call(const std::string& method_path, std::string_view message,
                                     const std::string& encoding,
                                     const std::vector<Header>& headers) {
  return impl_->call(method_path, message, encoding, headers);
}

}  // namespace spoor::net
