#include "net/http.h"

#include <algorithm>
#include <array>

namespace spoor::net {
namespace {

constexpr std::array<std::string_view, 8> kMethods = {"GET",    "HEAD",  "POST",    "PUT",
                                                      "DELETE", "PATCH", "OPTIONS", ""};

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

enum class Plus { Keep, Space };

bool append_decoded(std::string& target, std::string_view raw, Plus plus) {
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+' && plus == Plus::Space) {
      target.push_back(' ');
    } else if (raw[i] != '%') {
      target.push_back(raw[i]);
    } else {
      if (raw.size() - i < 3) return false;
      int high = hex_digit(raw[i + 1]), low = hex_digit(raw[i + 2]);
      if (high < 0 || low < 0) return false;
      target.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
  }
  return true;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::string_view to_string(Method method) {
  return kMethods[static_cast<size_t>(method)];
}

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::Http10:
      return "HTTP/1.0";
    case Protocol::Http11:
      return "HTTP/1.1";
    case Protocol::Http2:
      return "HTTP/2";
  }
  return {};
}

Method parse_method(std::string_view text) {
  for (size_t i = 0; i + 1 < kMethods.size(); ++i) {
    if (kMethods[i] == text) return static_cast<Method>(i);
  }
  return Method::Other;
}

void HeaderList::add(std::string_view name, std::string_view value) {
  SPOOR_ASSERT(text_.size() + name.size() + value.size() <= UINT32_MAX);
  Entry entry;
  entry.name_at = static_cast<uint32_t>(text_.size());
  entry.name_size = static_cast<uint32_t>(name.size());
  for (char c : name) text_.push_back(lower(c));
  entry.value_at = static_cast<uint32_t>(text_.size());
  entry.value_size = static_cast<uint32_t>(value.size());
  text_.append(value);
  entries_.push_back(entry);
}

std::string_view HeaderList::name(size_t index) const {
  const Entry& entry = entries_[index];
  return std::string_view(text_).substr(entry.name_at, entry.name_size);
}

std::string_view HeaderList::value(size_t index) const {
  const Entry& entry = entries_[index];
  return std::string_view(text_).substr(entry.value_at, entry.value_size);
}

std::optional<std::string_view> HeaderList::find(std::string_view wanted) const {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (name(i) == wanted) return value(i);
  }
  return std::nullopt;
}

size_t HeaderList::count(std::string_view wanted) const {
  size_t found = 0;
  for (size_t i = 0; i < entries_.size(); ++i) found += name(i) == wanted ? 1 : 0;
  return found;
}

std::optional<std::string_view> QueryParams::first(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> QueryParams::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

Result<QueryParams> parse_query(std::string_view raw) {
  QueryParams params;
  while (!raw.empty()) {
    size_t end = raw.find('&');
    std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string name, value;
    bool valid = append_decoded(name, pair.substr(0, equals), Plus::Space);
    if (equals != std::string_view::npos) {
      valid = valid && append_decoded(value, pair.substr(equals + 1), Plus::Space);
    }
    if (!valid) return invalid_argument("query has a % without two hexadecimal digits");
    params.add(std::move(name), std::move(value));
  }
  return params;
}

bool append_percent_decoded(std::string& target, std::string_view raw) {
  return append_decoded(target, raw, Plus::Keep);
}

std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      text.push_back(c);
    } else {
      text.push_back('%');
      text.push_back(kDigits[byte >> 4]);
      text.push_back(kDigits[byte & 15]);
    }
  }
  return text;
}

std::string_view RequestHead::path_param(std::string_view name) const {
  for (const auto& [key, value] : path_params) {
    if (key == name) return value;
  }
  return {};
}

void remove_control_bytes(std::vector<Header>& headers) {
  for (Header& header : headers) {
    for (char& c : header.value) {
      auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\t') || byte == 0x7f) c = ' ';
    }
  }
}

bool Response::is_grpc() const {
  return find_header("content-type").value_or("").starts_with("application/grpc");
}

std::optional<std::string_view> Response::find_header(std::string_view name) const {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

Response text_response(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.add_header("content-type", "text/plain; charset=utf-8");
  response.body = text;
  return response;
}

Response json_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.add_header("content-type", "application/json");
  response.body = std::move(json);
  return response;
}

void add_retry_after(Response& response, const Status& status) {
  std::optional<uint32_t> delay_ms = status.retry_delay_ms();
  if (!delay_ms) return;
  uint32_t seconds = std::max<uint32_t>(1, (*delay_ms + 999) / 1000);
  response.add_header("retry-after", std::to_string(seconds));
}

Response status_response(const Status& status) {
  Response response = text_response(status.http_status(), status.message() + "\n");
  add_retry_after(response, status);
  return response;
}

std::string_view reason_phrase(int http_status) {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {100, "Continue"},
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == http_status) return phrase.text;
  }
  return {};
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace spoor::net
