// TLS as its users see it: which files make a server or a client speak it. The rest of it is
// in tls_context.h (certificates, keys, authorities) and tls_stream.cc (bytes); OpenSSL is
// seen nowhere else.
//
// TLS 1.3 and 1.2; of 1.2 only suites with forward secrecy and authenticated encryption. ALPN
// gives h2 to those who ask for it and http/1.1 to all others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "os/world.h"

namespace spoor::net {

// Paths of PEM files; an empty one is not given.
struct TlsFiles {
  std::string certificate;  // with the chain up to the authority behind it
  std::string key;
  // Who may have signed the other side. A server that has it demands certificates of its
  // clients; a client that has none trusts the system's authorities.
  std::string authorities;

  bool empty() const { return certificate.empty() && key.empty() && authorities.empty(); }
};

// What a client verifies with; immutable, shared by all its connections.
class TlsClient;

// InvalidArgument names the file and what is wrong with it.
Result<std::shared_ptr<const TlsClient>> open_tls_client(os::World& world, const TlsFiles& files);

}  // namespace spoor::net
