// HTTP semantics: the request head, header lists, queries and the response, the same for
// HTTP/1.1 and HTTP/2. Values only; no thread, no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace spoor::net {

enum class Method : uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Other };
enum class Protocol : uint8_t { Http10, Http11, Http2 };

std::string_view to_string(Method method);
std::string_view to_string(Protocol protocol);  // "HTTP/1.1"
Method parse_method(std::string_view text);     // Other when unknown; case counts

struct Header {
  std::string name;  // lower case
  std::string value;
};

// Received header fields in order of arrival, names in lower case, all text in one block.
class HeaderList {
 public:
  void add(std::string_view name, std::string_view value);
  size_t size() const { return entries_.size(); }
  std::string_view name(size_t index) const;
  std::string_view value(size_t index) const;
  // The first field of that (lower-case) name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view find_or_empty(std::string_view name) const {
    return find(name).value_or(std::string_view());
  }
  size_t count(std::string_view name) const;
  void reserve_bytes(size_t bytes) { text_.reserve(bytes); }

 private:
  struct Entry {
    uint32_t name_at, name_size, value_at, value_size;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

// Decoded name=value pairs in order; a name may repeat.
class QueryParams {
 public:
  void add(std::string name, std::string value) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  std::optional<std::string_view> first(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// Takes a raw query (or an application/x-www-form-urlencoded body): `+` is a space, %XX a byte.
// InvalidArgument for a % without two hexadecimal digits.
Result<QueryParams> parse_query(std::string_view raw);

// Appends the decoded bytes; false, with a part appended, for a bad escape. `+` stays.
bool append_percent_decoded(std::string& target, std::string_view raw);

// Everything outside RFC 3986's unreserved set becomes %XX.
std::string percent_encoded(std::string_view bytes);

struct RequestHead {
  Method method = Method::Get;
  Protocol protocol = Protocol::Http11;
  std::string method_text;  // as sent
  std::string path;         // raw, before `?`; begins with `/`, or is `*`
  std::string query;        // raw, after `?`
  std::string authority;    // Host, or :authority
  HeaderList headers;
  std::vector<std::pair<std::string, std::string>> path_params;  // decoded, set by the router
  std::string peer_address;                                      // "127.0.0.1"
  uint16_t peer_port = 0;

  // A path parameter by its name in the pattern; empty if the pattern has none of that name.
  std::string_view path_param(std::string_view name) const;
  Result<QueryParams> query_params() const { return parse_query(query); }
};

class BodyStream;

struct Response {
  int status = 200;
  std::vector<Header> headers;  // names in lower case; content-length is added
  std::string body;
  std::vector<Header> trailers;  // sent by HTTP/2 only
  // Instead of body and trailers: what is sent as it is made (body_stream.h); HTTP/2 only.
  std::shared_ptr<BodyStream> stream;

  Response& add_header(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
  std::optional<std::string_view> find_header(std::string_view name) const;
  bool is_grpc() const;  // by its content type
};

// Answers made from input (a redirect, an echoed name) must not be able to add header lines.
void remove_control_bytes(std::vector<Header>& headers);

Response text_response(int status, std::string_view text);  // text/plain
Response json_response(int status, std::string json);

// The plain-text answer for a failed operation: status_traits' HTTP status, the message, and
// Retry-After (whole seconds, at least 1) when the Status has a retry delay.
Response status_response(const Status& status);
void add_retry_after(Response& response, const Status& status);

// "Not Found"; empty for codes without a usual phrase.
std::string_view reason_phrase(int http_status);

// ASCII only; the comparison of header names and tokens.
bool equals_ignoring_case(std::string_view left, std::string_view right);

// Calls `visit(item)` for each comma-separated item, trimmed; empty items are skipped.
template <typename Visit>
void for_each_list_item(std::string_view list, Visit visit) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (!item.empty()) visit(item);
  }
}

}  // namespace spoor::net
