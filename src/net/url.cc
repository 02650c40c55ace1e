#include "net/url.h"

#include <algorithm>
#include <charconv>

namespace spoor::net {
namespace {

constexpr size_t kHostBytesMax = 253;  // of DNS

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool parse_host(std::string_view text, bool brackets, std::string& host) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  for (char c : text) {
    if (!is_host_byte(c) && !(brackets && (c == ':' || c == '%'))) return false;
  }
  host = text;
  return true;
}

bool parse_port(std::string_view text, uint16_t& port) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool parse_authority(std::string_view text, Url& url) {
  size_t host_end = text.find(':');
  bool brackets = text.starts_with('[');
  if (brackets) {
    size_t close = text.find(']');
    if (close == text.npos || !parse_host(text.substr(1, close - 1), true, url.host)) return false;
    host_end = close + 1;
  } else if (!parse_host(text.substr(0, host_end), false, url.host)) {
    return false;
  }
  if (host_end >= text.size()) return true;
  return text[host_end] == ':' && parse_port(text.substr(host_end + 1), url.port);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (size_t colon = rest.find("://"); colon != rest.npos) {
    for (char c : rest.substr(0, colon)) {
      url.scheme.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    rest.remove_prefix(colon + 3);
  }
  size_t slash = std::min(rest.find('/'), rest.size());
  url.path = rest.substr(slash);
  bool path_is_plain = url.path.find_first_of("?# \r\n") == std::string::npos;
  if (!path_is_plain || !parse_authority(rest.substr(0, slash), url)) {
    return invalid_argument("expected SCHEME://HOST:PORT, got \"" + std::string(text) + "\"");
  }
  return url;
}

}  // namespace spoor::net
