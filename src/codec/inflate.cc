#include "codec/inflate.h"

#include <libdeflate.h>
#include <snappy.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/checksum.h"

namespace spoor::codec {
namespace {

constexpr size_t kFirstStepBytes = 64 << 10;
// Telemetry shrinks by 5 to 15; a declared size is believed up to this multiple of the input.
constexpr size_t kBelievedRatio = 32;
// The most that deflate can make of one byte.
constexpr size_t kDeflateRatioMax = 1032;
// A zstd context that had to build a window larger than this is not kept by its thread.
constexpr size_t kKeptContextBytes = 1 << 20;

Status over_budget(ContentEncoding encoding, size_t output_bytes_max) {
  return resource_exhausted(std::string(to_string(encoding)) +
                            " body is larger than the limit of " +
                            std::to_string(output_bytes_max) + " bytes after decompression");
}

Status damaged(ContentEncoding encoding, size_t offset, std::string_view reason) {
  return invalid_argument(std::string(to_string(encoding)) +
                          " body is damaged in what begins at byte " + std::to_string(offset) +
                          ": " + std::string(reason));
}

// Where the output goes: what is done so far, and how far it may grow.
struct Output {
  InflateBuffer& buffer;
  size_t bytes_max;
  size_t size = 0;

  char* end() { return buffer.data() + size; }
  size_t capacity() const { return std::min(buffer.capacity(), bytes_max); }
  size_t room() const { return capacity() - size; }
  void grow() { start(std::max(buffer.capacity() * 4, kFirstStepBytes)); }
  void start(size_t capacity) { buffer.grow(std::min(capacity, bytes_max), size); }
};

struct DeflateFree {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};

libdeflate_decompressor* thread_deflate() {
  thread_local std::unique_ptr<libdeflate_decompressor, DeflateFree> context(
      libdeflate_alloc_decompressor());
  return context.get();
}

using DeflateFunction = decltype(&libdeflate_gzip_decompress_ex);

// One gzip member or one deflate stream from the front of `input`. libdeflate cannot resume, so
// a buffer that is too small is enlarged fourfold and the member begun again.
Status inflate_member(ContentEncoding encoding, DeflateFunction function, std::string_view input,
                      size_t offset, Output& output, size_t& consumed) {
  libdeflate_decompressor* context = thread_deflate();
  if (context == nullptr) return internal("no memory for a deflate context");
  while (true) {
    size_t produced = 0;
    libdeflate_result result = function(context, input.data() + offset, input.size() - offset,
                                        output.end(), output.room(), &consumed, &produced);
    if (result == LIBDEFLATE_SUCCESS) {
      output.size += produced;
      return {};
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
      return damaged(encoding, offset, "not a whole and valid stream");
    }
    if (output.capacity() == output.bytes_max) return over_budget(encoding, output.bytes_max);
    output.grow();
  }
}

size_t believed_size(std::string_view input, size_t declared) {
  return std::clamp(declared, std::min(input.size(), kFirstStepBytes),
                    input.size() * kBelievedRatio + kFirstStepBytes);
}

Status inflate_gzip(std::string_view input, Output& output) {
  constexpr size_t kTrailerSizeBytes = 4;  // ISIZE, the size of the last member modulo 2^32
  size_t declared = input.size() < kTrailerSizeBytes
                        ? 0
                        : load_le<uint32_t>(input.data() + input.size() - kTrailerSizeBytes);
  // A bomb that says so costs no memory. What it cannot hold is a damaged trailer.
  if (declared > output.bytes_max && declared / kDeflateRatioMax <= input.size()) {
    return over_budget(ContentEncoding::Gzip, output.bytes_max);
  }
  output.start(believed_size(input, declared));
  size_t offset = 0;
  do {
    size_t consumed = 0;
    SPOOR_TRY(inflate_member(ContentEncoding::Gzip, &libdeflate_gzip_decompress_ex, input, offset,
                             output, consumed));
    offset += consumed;
  } while (offset < input.size());
  return {};
}

// A zlib header says method 8 and is a multiple of 31. As raw deflate the same byte would open a
// stored block whose unused bits are set, which no compressor writes.
bool has_zlib_header(std::string_view input) {
  if (input.size() < 2) return false;
  unsigned cmf = static_cast<unsigned char>(input[0]);
  unsigned flags = static_cast<unsigned char>(input[1]);
  return (cmf & 15) == 8 && (cmf * 256 + flags) % 31 == 0;
}

Status inflate_deflate(std::string_view input, Output& output) {
  output.start(believed_size(input, input.size() * 8));
  DeflateFunction function =
      has_zlib_header(input) ? &libdeflate_zlib_decompress_ex : &libdeflate_deflate_decompress_ex;
  size_t consumed = 0;
  SPOOR_TRY(inflate_member(ContentEncoding::Deflate, function, input, 0, output, consumed));
  if (consumed != input.size()) {
    return damaged(ContentEncoding::Deflate, consumed, "bytes after the end of the stream");
  }
  return {};
}

struct ZstdFree {
  void operator()(ZSTD_DCtx* it) const { ZSTD_freeDCtx(it); }
};
using ZstdContext = std::unique_ptr<ZSTD_DCtx, ZstdFree>;

ZstdContext& thread_zstd() {
  thread_local ZstdContext context;
  if (context == nullptr) {
    context.reset(ZSTD_createDCtx());
    if (context != nullptr) {
      ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }
  }
  return context;
}

// The library checks a frame's window only when it needs a window buffer of its own, which
// depends on the room in the output; here the same frame always gets the same answer. Header
// layout: RFC 8878 section 3.1.1.1. False also for what is too short to tell.
bool has_oversized_window(std::string_view frame) {
  constexpr uint32_t kMagic = 0xfd2fb528;
  constexpr unsigned char kSingleSegment = 0x20;
  if (frame.size() < 6 || load_le<uint32_t>(frame.data()) != kMagic) return false;
  unsigned char descriptor = static_cast<unsigned char>(frame[4]);
  if (descriptor & kSingleSegment) {
    unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    return size < ZSTD_CONTENTSIZE_ERROR && size > (1ull << kZstdWindowLogMax);
  }
  unsigned char window = static_cast<unsigned char>(frame[5]);
  uint64_t base = 1ull << (10 + (window >> 3));
  return base + base / 8 * (window & 7) > (1ull << kZstdWindowLogMax);
}

Status check_window(std::string_view input, size_t offset) {
  if (!has_oversized_window(input.substr(offset))) return {};
  return damaged(ContentEncoding::Zstd, offset, "window larger than the limit of 8 MiB");
}

// The library compares what a frame declares with what came only where all of it fits the room that
// it was given; here the same frame always gets the same answer.
Status check_declared_size(std::string_view frame, size_t offset, size_t size) {
  unsigned long long declared = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (declared >= ZSTD_CONTENTSIZE_ERROR || declared == size) return {};
  return damaged(ContentEncoding::Zstd, offset, "declares another size than it has");
}

// Frames in a row. `output` has one byte beyond the budget, so that passing it is seen.
Status inflate_frames(ZSTD_DCtx* context, std::string_view input, Output& output) {
  ZSTD_inBuffer in{input.data(), input.size(), 0};
  size_t frame_start = 0, size_before = 0;
  SPOOR_TRY(check_window(input, 0));
  while (true) {
    ZSTD_outBuffer out{output.buffer.data(), output.capacity(), output.size};
    size_t left = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(left)) {
      return damaged(ContentEncoding::Zstd, frame_start, ZSTD_getErrorName(left));
    }
    output.size = out.pos;
    if (output.size == output.bytes_max) {
      return over_budget(ContentEncoding::Zstd, output.bytes_max - 1);
    }
    if (left == 0) {
      SPOOR_TRY(
          check_declared_size(input.substr(frame_start), frame_start, output.size - size_before));
      if (in.pos == in.size) return {};
      frame_start = in.pos;
      size_before = output.size;
      SPOOR_TRY(check_window(input, frame_start));
    } else if (output.room() == 0) {
      output.grow();
    } else if (in.pos == in.size) {
      return damaged(ContentEncoding::Zstd, frame_start, "cut short");
    }
  }
}

Status inflate_zstd(std::string_view input, Output& output) {
  ZstdContext& context = thread_zstd();
  if (context == nullptr) return internal("no memory for a zstd context");
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  unsigned long long declared = ZSTD_getFrameContentSize(input.data(), input.size());
  if (declared < ZSTD_CONTENTSIZE_ERROR && declared > output.bytes_max) {
    return over_budget(ContentEncoding::Zstd, output.bytes_max);
  }
  if (declared >= ZSTD_CONTENTSIZE_ERROR) declared = input.size() * 8;
  output.bytes_max += 1;
  output.start(believed_size(input, declared) + 1);
  Status status = inflate_frames(context.get(), input, output);
  if (ZSTD_sizeof_DCtx(context.get()) > kKeptContextBytes) context.reset();
  return status;
}

// One block of snappy's raw format. Its longest copy makes 64 bytes of 3, so a declared size
// beyond that is a lie and costs no memory.
Status inflate_snappy_block(std::string_view block, size_t offset, Output& output) {
  size_t declared = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &declared)) {
    return damaged(ContentEncoding::Snappy, offset, "no size");
  }
  if (declared > output.bytes_max - output.size) {
    return over_budget(ContentEncoding::Snappy, output.bytes_max);
  }
  if (declared > (block.size() / 3 + 1) * 64) {
    return damaged(ContentEncoding::Snappy, offset, "declares more than it can hold");
  }
  if (output.room() < declared) {
    output.start(std::max(output.size + declared, output.buffer.capacity() * 2));
  }
  if (!snappy::RawUncompress(block.data(), block.size(), output.end())) {
    return damaged(ContentEncoding::Snappy, offset, "not a whole and valid block");
  }
  output.size += declared;
  return {};
}

// Snappy's framing format (framing_format.txt of google/snappy): chunks of type, 3 bytes of
// length, and for data a masked CRC32C of the uncompressed bytes, of which there are at most
// 65,536.
constexpr std::string_view kSnappyStreamStart("\xff\x06\x00\x00sNaPpY", 10);
constexpr size_t kSnappyChunkBytesMax = 65'536;
enum SnappyChunk : uint8_t {
  kChunkCompressed = 0x00,
  kChunkPlain = 0x01,
  kChunkSkippableFirst = 0x80,
  kChunkStreamStart = 0xff,
};

uint32_t masked_crc(std::string_view bytes) {
  uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

Status inflate_snappy_data(uint8_t type, std::string_view body, size_t offset, Output& output) {
  if (body.size() < 4) return damaged(ContentEncoding::Snappy, offset, "chunk without checksum");
  std::string_view data = body.substr(4);
  size_t start = output.size;
  if (type == kChunkCompressed) {
    SPOOR_TRY(inflate_snappy_block(data, offset, output));
  } else {
    if (data.size() > output.bytes_max - output.size) {
      return over_budget(ContentEncoding::Snappy, output.bytes_max);
    }
    if (output.room() < data.size()) {
      output.start(std::max(output.size + data.size(), output.buffer.capacity() * 2));
    }
    if (!data.empty()) std::memcpy(output.end(), data.data(), data.size());
    output.size += data.size();
  }
  size_t produced = output.size - start;
  if (produced > kSnappyChunkBytesMax) {
    return damaged(ContentEncoding::Snappy, offset, "chunk of more than 65536 bytes");
  }
  if (masked_crc({output.buffer.data() + start, produced}) != load_le<uint32_t>(body.data())) {
    return damaged(ContentEncoding::Snappy, offset, "checksum of the chunk differs");
  }
  return {};
}

Status inflate_snappy_frames(std::string_view input, Output& output) {
  constexpr size_t kChunkHeaderBytes = 4;
  size_t offset = 0;
  while (offset < input.size()) {
    if (input.size() - offset < kChunkHeaderBytes) {
      return damaged(ContentEncoding::Snappy, offset, "cut short");
    }
    uint32_t header = load_le<uint32_t>(input.data() + offset);
    uint8_t type = header & 0xff;
    size_t size = header >> 8;
    if (input.size() - offset - kChunkHeaderBytes < size) {
      return damaged(ContentEncoding::Snappy, offset, "cut short");
    }
    std::string_view chunk = input.substr(offset, kChunkHeaderBytes + size);
    if (type == kChunkCompressed || type == kChunkPlain) {
      SPOOR_TRY(inflate_snappy_data(type, chunk.substr(kChunkHeaderBytes), offset, output));
    } else if (type == kChunkStreamStart ? chunk != kSnappyStreamStart
                                         : type < kChunkSkippableFirst) {
      return damaged(ContentEncoding::Snappy, offset, "unknown chunk");
    }
    offset += chunk.size();
  }
  return {};
}

Status inflate_snappy(std::string_view input, Output& output) {
  if (input.starts_with(kSnappyStreamStart)) return inflate_snappy_frames(input, output);
  return inflate_snappy_block(input, 0, output);
}

Status inflate_into(ContentEncoding encoding, std::string_view bytes, Output& output) {
  switch (encoding) {
    case ContentEncoding::Gzip:
      return inflate_gzip(bytes, output);
    case ContentEncoding::Deflate:
      return inflate_deflate(bytes, output);
    case ContentEncoding::Zstd:
      return inflate_zstd(bytes, output);
    case ContentEncoding::Snappy:
      return inflate_snappy(bytes, output);
    case ContentEncoding::Identity:
      break;
  }
  return internal("not a compressed encoding");
}

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
  });
}

}  // namespace

Result<ContentEncoding> parse_content_encoding(std::string_view header) {
  constexpr std::string_view kBlanks = " \t";
  size_t first = header.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return ContentEncoding::Identity;
  std::string_view name = header.substr(first, header.find_last_not_of(kBlanks) - first + 1);
  struct Name {
    std::string_view text;
    ContentEncoding encoding;
  };
  constexpr Name kNames[] = {
      {"identity", ContentEncoding::Identity},
      {"gzip", ContentEncoding::Gzip},
      {"x-gzip", ContentEncoding::Gzip},
      {"deflate", ContentEncoding::Deflate},
      {"zstd", ContentEncoding::Zstd},
      {"snappy", ContentEncoding::Snappy},
      {"x-snappy-framed", ContentEncoding::Snappy},
  };
  for (const Name& known : kNames) {
    if (equal_ignoring_case(name, known.text)) return known.encoding;
  }
  std::string_view reason = name.find(',') == std::string_view::npos
                                ? "content encoding is not supported"
                                : "several content encodings at once are not supported";
  return unimplemented(std::string(reason) +
                       ": expected one of identity, gzip, deflate, zstd, snappy, got \"" +
                       std::string(name.substr(0, 64)) + "\"");
}

std::string_view to_string(ContentEncoding encoding) {
  constexpr std::string_view kNames[] = {"identity", "gzip", "deflate", "zstd", "snappy"};
  return kNames[static_cast<size_t>(encoding)];
}

void InflateBuffer::grow(size_t capacity, size_t kept_bytes) {
  if (capacity <= capacity_) return;
  SPOOR_ASSERT(kept_bytes <= capacity_);
  if (kept_bytes == 0) release_above(0);  // not both at once
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (kept_bytes > 0) std::memcpy(bytes.get(), bytes_.get(), kept_bytes);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

void InflateBuffer::release_above(size_t bytes_max) {
  if (capacity_ <= bytes_max) return;
  bytes_.reset();
  capacity_ = 0;
}

Result<std::string_view> inflate(ContentEncoding encoding, std::string_view bytes,
                                 size_t output_bytes_max, InflateBuffer& buffer) {
  if (encoding == ContentEncoding::Identity) {
    if (bytes.size() > output_bytes_max) return over_budget(encoding, output_bytes_max);
    return bytes;
  }
  if (bytes.empty()) return damaged(encoding, 0, "empty");
  SPOOR_ASSERT(output_bytes_max < SIZE_MAX / 64);
  Output output{buffer, output_bytes_max};
  SPOOR_TRY(inflate_into(encoding, bytes, output));
  return std::string_view(buffer.data(), output.size);
}

Result<std::string> inflate(ContentEncoding encoding, std::string_view bytes,
                            size_t output_bytes_max) {
  InflateBuffer buffer;
  SPOOR_ASSIGN(std::string_view view, inflate(encoding, bytes, output_bytes_max, buffer));
  return std::string(view);
}

}  // namespace spoor::codec
