// Where a terminal command finds the server, and the TLS that it needs to get there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/options.h"
#include "net/client.h"
#include "os/world.h"

namespace spoor::app {

struct ServerAddress {
  std::string scheme;  // "http" if the text has none
  std::string host;
  uint16_t port = 0;
  std::string path;
  net::ClientOptions client;  // with TLS for https and grpcs
};

// Of the text in the option `name`. `schemes` are those that the command speaks, as "http|https".
// An error names the option.
Result<ServerAddress> find_server(os::World& world, const Options& options, std::string_view name,
                                  std::string_view schemes, uint16_t default_port);

}  // namespace spoor::app
