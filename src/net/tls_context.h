// Certificates and keys in force, and the streams made with them. Internal.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/metric.h"
#include "base/mutex.h"
#include "net/stream.h"
#include "net/tls.h"

namespace spoor::net {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// What the files hold.
struct TlsMaterial {
  std::string certificate;
  std::string key;
  std::string authorities;
  bool operator==(const TlsMaterial&) const = default;
};

// The certificate of a server's listeners. A pair that replaces it in the files comes into
// force for new connections while the server runs.
class TlsServer {
 public:
  // InvalidArgument names the file and what is wrong with it. `metrics` may be null.
  static Result<std::unique_ptr<TlsServer>> open(os::World& world, const TlsFiles& files,
                                                 MetricRegistry* metrics);

  // Any thread.
  std::unique_ptr<Stream> accept(boost::asio::ip::tcp::socket socket);

  // Looks at the files. What has changed must look the same twice before it is judged, since a
  // pair is not replaced at one moment. Bad files are logged once, and the pair in force stays.
  // One thread at a time.
  void check_files();

 private:
  TlsServer(os::World& world, const TlsFiles& files, MetricRegistry* metrics);
  Status load(const TlsMaterial& material);
  void complain(const Status& status);

  os::World& world_;
  const TlsFiles files_;
  Counter* failed_ = nullptr;
  Counter* reloaded_ = nullptr;
  Counter* refused_reloads_ = nullptr;
  TlsMaterial judged_;  // in force or found bad
  TlsMaterial seen_;    // at the last look
  std::string complaint_;
  Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ SPOOR_GUARDED_BY(mutex_);
};

class TlsClient {
 public:
  explicit TlsClient(SslContext context) : context_(std::move(context)) {}

  // Speaks `protocol` ("h2" or "http/1.1") to `host`, whose certificate must name it.
  std::unique_ptr<Stream> connect(boost::asio::ip::tcp::socket socket, const std::string& host,
                                  std::string_view protocol) const;

 private:
  const SslContext context_;
};

// In tls_stream.cc. The streams hold the context. `failed` counts those that end before TLS is
// agreed on; it may be null.
std::unique_ptr<Stream> make_tls_server_stream(boost::asio::ip::tcp::socket socket,
                                               SSL_CTX* context, Counter* failed);
std::unique_ptr<Stream> make_tls_client_stream(boost::asio::ip::tcp::socket socket,
                                               SSL_CTX* context, const std::string& host,
                                               std::string_view protocol);

// The newest of OpenSSL's complaints in this thread; takes all of them away.
std::string take_openssl_error();

}  // namespace spoor::net
