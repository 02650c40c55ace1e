// Which web pages of other origins may read our answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace spoor::net {

enum class LocalhostOrigins { Allow, Refuse };

struct CorsPolicy {
  // "https://app.example.com", "https://*.example.com" (any subdomain) or "*".
  std::vector<std::string> origins;
  // http://localhost, http://127.0.0.1 and http://[::1], any port.
  LocalhostOrigins localhost = LocalhostOrigins::Allow;
};

// The origin to name in the answer; nothing if the request has none or it may not read. The
// page's own origin (Origin's host is the request's) is always allowed.
std::optional<std::string> allowed_origin(const CorsPolicy& policy, const RequestHead& head);

// A preflight is an OPTIONS with Origin and Access-Control-Request-Method.
bool is_preflight(const RequestHead& head);

// 204 with the allowed methods and headers, or 403 for an origin that is not allowed.
Response preflight_response(const CorsPolicy& policy, const RequestHead& head,
                            std::string_view methods);

// On every answer to an allowed origin, errors included.
void add_cors_headers(Response& response, std::string_view origin);

}  // namespace spoor::net
