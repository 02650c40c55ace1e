// Decompression of request bodies, the first step on the road of a span. The sender is not
// trusted: the output never passes the caller's budget, sizes declared inside the body are only
// hints, and damaged bytes are an error, never a crash.
//
// Formats: gzip (RFC 1952), zlib and raw deflate (RFC 1950, 1951), zstd (RFC 8878, window at most
// 8 MiB), snappy in block and in framed form. Thread-safe: decompressors are per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::codec {

enum class ContentEncoding : uint8_t { Identity, Gzip, Deflate, Zstd, Snappy };

// The value of a Content-Encoding or grpc-encoding header, in any case, with blanks around it:
// empty or identity, gzip or x-gzip, deflate, zstd, snappy or x-snappy-framed. Unimplemented for
// anything else and for several encodings on top of each other.
Result<ContentEncoding> parse_content_encoding(std::string_view header);

std::string_view to_string(ContentEncoding encoding);  // "gzip"

constexpr int kZstdWindowLogMax = 23;

// Memory that inflate() fills, for use again and again by one owner. Growing leaves new bytes
// uninitialised.
class InflateBuffer {
 public:
  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  size_t capacity() const { return capacity_; }

  // Makes room for `capacity` bytes; the first `kept_bytes` survive. Never shrinks.
  void grow(size_t capacity, size_t kept_bytes);

  // Frees the memory if there is more than `bytes_max`: a rare huge body must not stay for ever.
  void release_above(size_t bytes_max);

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
};

// The whole decompressed body. The view is of `buffer`, or of `bytes` itself for Identity.
// ResourceExhausted without a retry delay if the output would pass `output_bytes_max`: work stops
// at that byte. InvalidArgument if the body is damaged, cut short, or followed by other bytes.
// Several gzip members or zstd frames one after another are one body under the one budget.
// The buffer grows to at most output_bytes_max + 1.
Result<std::string_view> inflate(ContentEncoding encoding, std::string_view bytes,
                                 size_t output_bytes_max, InflateBuffer& buffer);

// The same, into a string of its own.
Result<std::string> inflate(ContentEncoding encoding, std::string_view bytes,
                            size_t output_bytes_max);

}  // namespace spoor::codec
