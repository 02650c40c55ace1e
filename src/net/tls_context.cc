#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <vector>

#include "base/log.h"

namespace spoor::net {
namespace {

// A chain of a few certificates has some kilobytes, all of a system's authorities 250.
constexpr uint64_t kPemBytesMax = 4 << 20;

// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* kCiphersOfTls12 = "ECDHE+AESGCM:ECDHE+CHACHA20";

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

Status bad_file(const char* what, const std::string& path, const std::string& problem) {
  return invalid_argument(std::string(what) + " " + path + ": " + problem);
}

Result<std::string> read_pem(os::World& world, const char* what, const std::string& path) {
  if (path.empty()) return std::string();
  Result<std::string> text = os::read_file(world, path, kPemBytesMax);
  if (!text.ok()) {
    return invalid_argument("cannot read the " + std::string(what) + ": " +
                            text.status().message());
  }
  return text;
}

Result<TlsMaterial> read_material(os::World& world, const TlsFiles& files) {
  TlsMaterial material;
  SPOOR_ASSIGN(material.certificate, read_pem(world, "certificate", files.certificate));
  SPOOR_ASSIGN(material.key, read_pem(world, "key", files.key));
  SPOOR_ASSIGN(material.authorities, read_pem(world, "authorities", files.authorities));
  return material;
}

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Instead of OpenSSL's own, which asks on the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// All certificates of a PEM text.
Result<std::vector<Certificate>> parse_certificates(const std::string& text, const char* what,
                                                    const std::string& path) {
  std::vector<Certificate> found;
  Bio bio = reader(text);
  bool asked = false;
  ERR_clear_error();
  while (X509* next = PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, &asked)) {
    found.emplace_back(next);
  }
  bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  std::string problem = take_openssl_error();
  if (found.empty() && at_end) return bad_file(what, path, "holds no certificate in PEM form");
  if (!at_end) return bad_file(what, path, "holds a damaged certificate (" + problem + ")");
  return found;
}

Result<Key> parse_key(const std::string& text, const std::string& path) {
  Bio bio = reader(text);
  bool asked = false;
  ERR_clear_error();
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &asked));
  std::string problem = take_openssl_error();
  if (asked) {
    return bad_file("key", path, "is encrypted; give one without passphrase that only spoor reads");
  }
  if (!key) return bad_file("key", path, "holds no private key in PEM form (" + problem + ")");
  return key;
}

// The certificate of this side, its chain and its key.
Status use_pair(SSL_CTX* context, const TlsMaterial& material, const TlsFiles& files) {
  SPOOR_ASSIGN(std::vector<Certificate> chain,
               parse_certificates(material.certificate, "certificate", files.certificate));
  SPOOR_ASSIGN(Key key, parse_key(material.key, files.key));
  if (X509_check_private_key(chain[0].get(), key.get()) != 1) {
    ERR_clear_error();
    return bad_file("key", files.key,
                    "does not match the certificate " + files.certificate +
                        "; give the key that the first certificate in the file was made for");
  }
  bool used = SSL_CTX_use_certificate(context, chain[0].get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  for (size_t i = 1; used && i < chain.size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  }
  if (!used) return bad_file("certificate", files.certificate, take_openssl_error());
  if (X509_cmp_current_time(X509_get0_notAfter(chain[0].get())) < 0) {
    log_warning("the certificate has expired; clients will refuse it",
                {{"file", files.certificate}});
  }
  return {};
}

Status use_authorities(SSL_CTX* context, const TlsMaterial& material, const TlsFiles& files) {
  SPOOR_ASSIGN(std::vector<Certificate> all,
               parse_certificates(material.authorities, "authorities", files.authorities));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& each : all) {
    if (X509_STORE_add_cert(store, each.get()) != 1) {
      return bad_file("authorities", files.authorities, take_openssl_error());
    }
    SSL_CTX_add_client_CA(context, each.get());
  }
  return {};
}

Result<SslContext> make_context(const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new(method));
  if (!context) return internal("OpenSSL gives no context: " + take_openssl_error());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kCiphersOfTls12);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A write goes on from another address when the queue has moved; an idle connection holds no
  // buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

// h2 for those who offer it, then http/1.1; who offers neither goes on without.
int select_protocol(SSL*, const unsigned char** selected, unsigned char* selected_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kProtocols[] = "\x02h2\x08http/1.1";
  unsigned char* found = nullptr;
  int outcome = SSL_select_next_proto(&found, selected_size, kProtocols, sizeof kProtocols - 1,
                                      offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

Result<SslContext> make_server_context(const TlsMaterial& material, const TlsFiles& files) {
  SPOOR_ASSIGN(SslContext context, make_context(TLS_server_method()));
  SPOOR_TRY(use_pair(context.get(), material, files));
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  static constexpr unsigned char kSessionContext[] = "spoor";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
  if (files.authorities.empty()) return context;
  SPOOR_TRY(use_authorities(context.get(), material, files));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

Status require_pair(const TlsFiles& files) {
  if (files.certificate.empty() == files.key.empty()) return {};
  return invalid_argument(files.key.empty()
                              ? "the certificate " + files.certificate + " is given without a key"
                              : "the key " + files.key + " is given without a certificate");
}

}  // namespace

std::string take_openssl_error() {
  unsigned long error = ERR_peek_last_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  std::string text = reason != nullptr ? reason : "no reason given";
  ERR_clear_error();
  return text;
}

TlsServer::TlsServer(os::World& world, const TlsFiles& files, MetricRegistry* metrics)
    : world_(world), files_(files) {
  if (metrics == nullptr) return;
  failed_ = &metrics->counter("spoor_net_tls_handshakes_failed_total",
                              "connections that ended before TLS was agreed on");
  const char* help = "replaced certificates that were found in the files";
  reloaded_ = &metrics->counter("spoor_net_tls_reloads_total", help, {{"outcome", "in_force"}});
  refused_reloads_ =
      &metrics->counter("spoor_net_tls_reloads_total", help, {{"outcome", "refused"}});
}

Result<std::unique_ptr<TlsServer>> TlsServer::open(os::World& world, const TlsFiles& files,
                                                   MetricRegistry* metrics) {
  SPOOR_TRY(require_pair(files));
  if (files.certificate.empty()) {
    return invalid_argument("authorities for client certificates (" + files.authorities +
                            ") are given without a certificate of the server");
  }
  std::unique_ptr<TlsServer> server(new TlsServer(world, files, metrics));
  SPOOR_ASSIGN(TlsMaterial material, read_material(world, files));
  SPOOR_TRY(server->load(material));
  server->judged_ = server->seen_ = material;
  return server;
}

Status TlsServer::load(const TlsMaterial& material) {
  SPOOR_ASSIGN(SslContext context, make_server_context(material, files_));
  MutexLock lock(mutex_);
  context_ = std::move(context);
  return {};
}

std::unique_ptr<Stream> TlsServer::accept(boost::asio::ip::tcp::socket socket) {
  std::shared_ptr<SSL_CTX> context;
  {
    MutexLock lock(mutex_);
    context = context_;
  }
  return make_tls_server_stream(std::move(socket), context.get(), failed_);
}

void TlsServer::complain(const Status& status) {
  if (complaint_ == status.message()) return;
  complaint_ = status.message();
  if (refused_reloads_ != nullptr) refused_reloads_->add();
  log_error("the files of TLS have changed and cannot be used; what was read before stays in force",
            {{"problem", complaint_}});
}

void TlsServer::check_files() {
  Result<TlsMaterial> now = read_material(world_, files_);
  if (!now.ok()) return complain(now.status());
  bool settled = *now == seen_;
  seen_ = *now;
  if (!settled || seen_ == judged_) return;
  judged_ = seen_;
  Status status = load(judged_);
  if (!status.ok()) return complain(status);
  complaint_.clear();
  if (reloaded_ != nullptr) reloaded_->add();
  log_info("a new certificate is in force", {{"file", files_.certificate}});
}

Result<std::shared_ptr<const TlsClient>> open_tls_client(os::World& world, const TlsFiles& files) {
  SPOOR_TRY(require_pair(files));
  SPOOR_ASSIGN(TlsMaterial material, read_material(world, files));
  SPOOR_ASSIGN(SslContext context, make_context(TLS_client_method()));
  if (!files.certificate.empty()) SPOOR_TRY(use_pair(context.get(), material, files));
  if (!files.authorities.empty()) {
    SPOOR_TRY(use_authorities(context.get(), material, files));
  } else {
    SSL_CTX_set_default_verify_paths(context.get());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<const TlsClient>(std::make_shared<TlsClient>(std::move(context)));
}

std::unique_ptr<Stream> TlsClient::connect(boost::asio::ip::tcp::socket socket,
                                           const std::string& host,
                                           std::string_view protocol) const {
  return make_tls_client_stream(std::move(socket), context_.get(), host, protocol);
}

}  // namespace spoor::net
