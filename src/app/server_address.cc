#include "app/server_address.h"

#include <algorithm>

#include "net/url.h"

namespace spoor::app {
namespace {

bool is_among(std::string_view scheme, std::string_view schemes) {
  while (!schemes.empty()) {
    size_t end = std::min(schemes.find('|'), schemes.size());
    if (schemes.substr(0, end) == scheme) return true;
    schemes.remove_prefix(std::min(end + 1, schemes.size()));
  }
  return false;
}

Status with_option(const Status& status, std::string_view name) {
  return Status(status.code(), "option " + std::string(name) + ": " + status.message());
}

}  // namespace

Result<ServerAddress> find_server(os::World& world, const Options& options, std::string_view name,
                                  std::string_view schemes, uint16_t default_port) {
  Result<net::Url> url = net::parse_url(options.text(name));
  if (!url.ok()) return with_option(url.status(), name);
  ServerAddress address;
  address.scheme = url->scheme.empty() ? "http" : url->scheme;
  address.host = url->host;
  address.port = url->port != 0 ? url->port : default_port;
  address.path = url->path;
  if (!is_among(address.scheme, schemes)) {
    return with_option(invalid_argument("expected one of " + std::string(schemes) + ", got \"" +
                                        address.scheme + "\""),
                       name);
  }
  if (address.scheme != "https" && address.scheme != "grpcs") return address;
  auto tls = net::open_tls_client(world, {options.text("client.certificate"),
                                          options.text("client.key"), options.text("tls.ca")});
  if (!tls.ok()) return tls.status();
  address.client.tls = *tls;
  return address;
}

}  // namespace spoor::app
