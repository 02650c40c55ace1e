#include "net/http1_head.h"

#include <array>
#include <cstring>
#include <string>

namespace spoor::net {
namespace {

// RFC 9110's tchar.
constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kToken = make_token_table();

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

bool is_field_value(std::string_view text) {
  for (char c : text) {
    if (is_control(c)) return false;
  }
  return true;
}

// The next line without its CRLF; the block is known to consist of CRLF lines.
std::string_view take_line(std::string_view& block) {
  size_t end = block.find("\r\n");
  std::string_view line = block.substr(0, end);
  block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
  return line;
}

bool is_host(std::string_view host) {
  for (char c : host) {
    auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '/' || c == '?' || c == '#' || c == '@' || c == ',') {
      return false;
    }
  }
  return true;
}

// Splits a target into authority, path and query. False for a form that is not accepted.
bool parse_target(std::string_view target, RequestHead& head) {
  for (char c : target) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#') return false;
  }
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    size_t end = std::min(target.find_first_of("/?"), target.size());
    head.authority = target.substr(0, end);
    if (head.authority.empty() || !is_host(head.authority)) return false;
    target.remove_prefix(end);
    break;
  }
  if (target == "*") {
    head.path = "*";
    return head.method == Method::Options;
  }
  size_t question = target.find('?');
  head.path = target.substr(0, question);
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  if (head.path.empty() && !head.authority.empty()) head.path = "/";
  return head.path.starts_with('/');
}

std::optional<Refusal> parse_request_line(std::string_view line, RequestHead& head) {
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return make_refusal(400, "request line is not of the form method target version");
  }
  std::string_view method = line.substr(0, first);
  std::string_view target = line.substr(first + 1, last - first - 1);
  std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 32) return make_refusal(400, "method is not a token");
  head.method = parse_method(method);
  head.method_text = method;
  if (version == "HTTP/1.1") {
    head.protocol = Protocol::Http11;
  } else if (version == "HTTP/1.0") {
    head.protocol = Protocol::Http10;
  } else if (version.starts_with("HTTP/")) {
    return make_refusal(505, "only HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here");
  } else {
    return make_refusal(400, "request line has no HTTP version");
  }
  if (!parse_target(target, head)) return make_refusal(400, "request target is malformed");
  return std::nullopt;
}

// Transfer-Encoding and Content-Length, the two fields whose doubt lets requests be smuggled.
std::optional<Refusal> parse_body_framing(const HeaderList& headers, Protocol protocol,
                                          MessageFraming& framing) {
  bool encoded = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers.name(i) == "transfer-encoding") {
      if (encoded) return make_refusal(400, "transfer-encoding is given twice");
      encoded = true;
      if (!equals_ignoring_case(headers.value(i), "chunked")) {
        return make_refusal(501, "the only transfer-encoding known here is chunked");
      }
      framing.chunked = true;
    } else if (headers.name(i) == "content-length") {
      auto length = parse_content_length(headers.value(i));
      if (!length) return make_refusal(400, "content-length is not a number");
      if (framing.content_length && *framing.content_length != *length) {
        return make_refusal(400, "content-length is given twice with different values");
      }
      framing.content_length = length;
    }
  }
  if (encoded && framing.content_length) {
    return make_refusal(400, "both transfer-encoding and content-length are given");
  }
  if (encoded && protocol == Protocol::Http10) {
    return make_refusal(400, "HTTP/1.0 has no transfer-encoding");
  }
  return std::nullopt;
}

void parse_connection(const HeaderList& headers, Protocol protocol, MessageFraming& framing) {
  bool close = false, keep_alive = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers.name(i) != "connection") continue;
    for_each_list_item(headers.value(i), [&](std::string_view option) {
      close = close || equals_ignoring_case(option, "close");
      keep_alive = keep_alive || equals_ignoring_case(option, "keep-alive");
    });
  }
  framing.keep_alive = !close && (protocol == Protocol::Http11 || keep_alive);
}

std::optional<Refusal> parse_host(RequestHead& head) {
  size_t hosts = head.headers.count("host");
  if (hosts > 1) return make_refusal(400, "host is given twice");
  if (hosts == 0 && head.protocol == Protocol::Http11) {
    return make_refusal(400, "host is missing");
  }
  std::string_view host = head.headers.find_or_empty("host");
  if (!is_host(host)) return make_refusal(400, "host is malformed");
  if (head.authority.empty()) head.authority = host;
  return std::nullopt;
}

}  // namespace

Refusal make_refusal(int http_status, std::string message) {
  Code code = Code::InvalidArgument;
  if (http_status == 501 || http_status == 505 || http_status == 405) code = Code::Unimplemented;
  if (http_status == 413 || http_status == 414 || http_status == 431) {
    code = Code::ResourceExhausted;
  }
  if (http_status == 408 || http_status == 504) code = Code::DeadlineExceeded;
  return {http_status, Status(code, std::move(message))};
}

BlockScanner::State BlockScanner::scan(std::string_view block) {
  while (scanned_ < block.size()) {
    const char* from = block.data() + scanned_;
    const void* found = std::memchr(from, '\n', block.size() - scanned_);
    if (found == nullptr) {
      scanned_ = block.size();
      break;
    }
    auto feed = static_cast<size_t>(static_cast<const char*>(found) - block.data());
    scanned_ = feed + 1;
    // Lengths first, so that the verdict does not depend on how the bytes are cut.
    if (first_line_bytes_ == 0 && scanned_ > size_t{first_line_bytes_max_} + 2) {
      return State::FirstLineTooLong;
    }
    if (first_line_bytes_ > 0 && scanned_ - first_line_bytes_ > block_bytes_max_) {
      return State::BlockTooLong;
    }
    if (feed == line_start_ || block[feed - 1] != '\r') return State::BareLineFeed;
    bool empty_line = feed - 1 == line_start_;
    if (first_line_bytes_ == 0) first_line_bytes_ = scanned_;
    line_start_ = scanned_;
    if (empty_line) return State::Complete;
  }
  if (first_line_bytes_ == 0) {
    return scanned_ > size_t{first_line_bytes_max_} + 1 ? State::FirstLineTooLong : State::NeedMore;
  }
  return scanned_ - first_line_bytes_ > block_bytes_max_ ? State::BlockTooLong : State::NeedMore;
}

std::optional<uint64_t> parse_content_length(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

std::optional<Refusal> parse_header_lines(std::string_view lines, const Limits& limits,
                                          HeaderList& headers) {
  headers.reserve_bytes(lines.size());
  while (true) {
    std::string_view line = take_line(lines);
    if (line.empty()) return std::nullopt;
    if (line.front() == ' ' || line.front() == '\t') {
      return make_refusal(400, "a folded header line");
    }
    size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return make_refusal(400, "a header line without a proper name");
    }
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
      value.remove_prefix(1);
    }
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) {
      value.remove_suffix(1);
    }
    if (!is_field_value(value)) return make_refusal(400, "a header value with a control byte");
    if (headers.size() == limits.headers_max) {
      return make_refusal(431, "more than " + std::to_string(limits.headers_max) + " headers");
    }
    headers.add(line.substr(0, colon), value);
  }
}

std::optional<Refusal> parse_request_block(std::string_view block, const Limits& limits,
                                           RequestHead& head, MessageFraming& framing) {
  if (auto refusal = parse_request_line(take_line(block), head)) return refusal;
  if (auto refusal = parse_header_lines(block, limits, head.headers)) return refusal;
  if (auto refusal = parse_body_framing(head.headers, head.protocol, framing)) return refusal;
  if (auto refusal = parse_host(head)) return refusal;
  parse_connection(head.headers, head.protocol, framing);
  if (auto expect = head.headers.find("expect")) {
    if (!equals_ignoring_case(*expect, "100-continue")) {
      return make_refusal(417, "the only expectation known here is 100-continue");
    }
    framing.expects_continue = head.protocol == Protocol::Http11;
  }
  return std::nullopt;
}

Status parse_response_block(std::string_view block, const Limits& limits, int& status,
                            HeaderList& headers, MessageFraming& framing) {
  std::string_view line = take_line(block);
  bool valid =
      line.size() >= 12 && (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 "));
  status = 0;
  for (size_t i = 9; valid && i < 12; ++i) {
    valid = line[i] >= '0' && line[i] <= '9';
    status = status * 10 + (line[i] - '0');
  }
  if (!valid || status < 100) return unavailable("the answer is not HTTP/1", 0);
  Protocol protocol = line[7] == '1' ? Protocol::Http11 : Protocol::Http10;
  auto refusal = parse_header_lines(block, limits, headers);
  if (!refusal) refusal = parse_body_framing(headers, protocol, framing);
  if (refusal) return unavailable("the answer is malformed: " + refusal->status.message(), 0);
  parse_connection(headers, protocol, framing);
  return {};
}

}  // namespace spoor::net
