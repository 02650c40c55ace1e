// Where a client goes, as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::net {

struct Url {
  std::string scheme;  // lower case; empty if none was given
  std::string host;    // IPv6 without its brackets
  uint16_t port = 0;   // 0: none was given
  std::string path;    // from the slash on; empty if none was given
};

// "https://host:4318/v1/traces", "grpc://[::1]:4317", "host:10428". InvalidArgument says what is
// expected; user names, queries and fragments are refused.
Result<Url> parse_url(std::string_view text);

}  // namespace spoor::net
