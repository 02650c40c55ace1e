#include "net/cors.h"

#include <algorithm>
#include <array>

namespace spoor::net {
namespace {

constexpr std::array<std::string_view, 8> kAllowedHeaders = {
    "content-type", "authorization", "x-scope-orgid", "accountid",
    "projectid",    "x-tenant",      "traceparent",   "baggage"};

// What follows "http://" or "https://", or nothing.
std::string_view host_of(std::string_view origin) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size());
  }
  return {};
}

bool is_localhost(std::string_view host) {
  for (std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (!host.starts_with(name)) continue;
    std::string_view port = host.substr(name.size());
    if (port.empty()) return true;
    if (port.front() != ':' || port.size() > 6) continue;
    return std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
  return false;
}

// "https://*.example.com" takes "https://a.example.com", not "https://example.com".
bool matches(std::string_view pattern, std::string_view origin) {
  if (pattern == "*") return true;
  size_t star = pattern.find("://*.");
  if (star == std::string_view::npos) return equals_ignoring_case(pattern, origin);
  std::string_view scheme = pattern.substr(0, star + 3);
  std::string_view suffix = pattern.substr(star + 4);
  if (origin.size() <= scheme.size() + suffix.size()) return false;
  return equals_ignoring_case(origin.substr(0, scheme.size()), scheme) &&
         equals_ignoring_case(origin.substr(origin.size() - suffix.size()), suffix);
}

bool is_allowed_header(std::string_view name) {
  if (name.size() > 2 && equals_ignoring_case(name.substr(0, 2), "x-")) return true;
  return std::any_of(kAllowedHeaders.begin(), kAllowedHeaders.end(),
                     [&](std::string_view known) { return equals_ignoring_case(known, name); });
}

bool is_token(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::optional<std::string> allowed_origin(const CorsPolicy& policy, const RequestHead& head) {
  std::string_view origin = head.headers.find_or_empty("origin");
  if (origin.empty()) return std::nullopt;
  std::string_view host = host_of(origin);
  bool same = !host.empty() && equals_ignoring_case(host, head.authority);
  bool local = policy.localhost == LocalhostOrigins::Allow && is_localhost(host);
  bool listed = std::any_of(policy.origins.begin(), policy.origins.end(),
                            [&](const std::string& one) { return matches(one, origin); });
  if (!same && !local && !listed) return std::nullopt;
  return std::string(origin);
}

bool is_preflight(const RequestHead& head) {
  return head.method == Method::Options && head.headers.find("origin") &&
         head.headers.find("access-control-request-method");
}

Response preflight_response(const CorsPolicy& policy, const RequestHead& head,
                            std::string_view methods) {
  if (!allowed_origin(policy, head)) {
    return text_response(403, "this origin is not allowed; see the option for CORS origins\n");
  }
  Response response;
  response.status = 204;
  response.add_header("access-control-allow-methods", std::string(methods));
  std::string allowed;
  for (std::string_view name : kAllowedHeaders) {
    allowed.append(allowed.empty() ? "" : ", ").append(name);
  }
  std::string_view wanted = head.headers.find_or_empty("access-control-request-headers");
  for_each_list_item(wanted, [&](std::string_view name) {
    bool known =
        std::find(kAllowedHeaders.begin(), kAllowedHeaders.end(), name) != kAllowedHeaders.end();
    if (!known && is_allowed_header(name) && is_token(name)) allowed.append(", ").append(name);
  });
  response.add_header("access-control-allow-headers", std::move(allowed));
  response.add_header("access-control-max-age", "7200");
  return response;
}

void add_cors_headers(Response& response, std::string_view origin) {
  response.add_header("access-control-allow-origin", std::string(origin));
  response.add_header("vary", "Origin");
}

}  // namespace spoor::net
