// The first lines of an HTTP/1 message: request line or status line, then header fields.
// Strict where leniency has been used to smuggle requests: no bare LF, no folded lines, no
// space before the colon, no control bytes. Pure functions over complete blocks; untrusted
// input.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http.h"
#include "net/limits.h"
#include "net/router.h"

namespace spoor::net {

// What the header fields say about the rest of the message and of the connection.
struct MessageFraming {
  std::optional<uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;
  bool expects_continue = false;
};

// Looks for the empty line that ends a block of lines, line by line, so that bytes are looked
// at once however they arrive.
class BlockScanner {
 public:
  enum class State { NeedMore, Complete, BareLineFeed, FirstLineTooLong, BlockTooLong };

  BlockScanner(uint32_t first_line_bytes_max, uint32_t block_bytes_max)
      : first_line_bytes_max_(first_line_bytes_max), block_bytes_max_(block_bytes_max) {}

  // `block` is everything since the start of the block, with new bytes at its end.
  State scan(std::string_view block);
  // REQUIRES: Complete. The bytes of the block including the empty line.
  size_t block_bytes() const { return scanned_; }
  void reset() { scanned_ = line_start_ = first_line_bytes_ = 0; }

 private:
  uint32_t first_line_bytes_max_;
  uint32_t block_bytes_max_;
  size_t scanned_ = 0;
  size_t line_start_ = 0;
  size_t first_line_bytes_ = 0;  // 0 until its end is seen
};

// Each takes a complete block. A refusal has the HTTP status to answer with; nothing is OK.
std::optional<Refusal> parse_request_block(std::string_view block, const Limits& limits,
                                           RequestHead& head, MessageFraming& framing);
Status parse_response_block(std::string_view block, const Limits& limits, int& status,
                            HeaderList& headers, MessageFraming& framing);

// "name: value" lines up to the empty line. For heads and for trailers.
std::optional<Refusal> parse_header_lines(std::string_view lines, const Limits& limits,
                                          HeaderList& headers);

// Digits only, at most 2^63-1.
std::optional<uint64_t> parse_content_length(std::string_view text);

Refusal make_refusal(int http_status, std::string message);

}  // namespace spoor::net
