#include "codec/block.h"

#include <zstd.h>

#include <memory>

#include "base/assert.h"
#include "base/bytes.h"

namespace spoor::codec {
namespace {

enum class BlockKind : uint8_t { Raw = 0, Zstd = 1 };

// Level 1 costs half of level 3 and is 3 % larger on pages of 1,024 attribute values.
constexpr int kZstdLevel = 1;
constexpr size_t kCompressBytesMin = 32;  // below, a zstd frame is larger than its content

// Creating a context costs more than compressing a page, so each thread keeps one.
ZSTD_CCtx* compressor() {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* decompressor() {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  thread_local std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

void encode_block(std::string_view raw, std::string& target) {
  size_t start = target.size();
  if (raw.size() >= kCompressBytesMin) {
    target.push_back(static_cast<char>(BlockKind::Zstd));
    append_varint(target, raw.size());
    size_t header_end = target.size();
    size_t bound = ZSTD_compressBound(raw.size());
    target.resize(header_end + bound);
    size_t size = ZSTD_compressCCtx(compressor(), target.data() + header_end, bound, raw.data(),
                                    raw.size(), kZstdLevel);
    SPOOR_ASSERT(!ZSTD_isError(size));
    // Raw reads quicker: take zstd only where it saves a sixteenth.
    if (size + raw.size() / 16 < raw.size()) {
      target.resize(header_end + size);
      return;
    }
    target.resize(start);
  }
  target.push_back(static_cast<char>(BlockKind::Raw));
  target.append(raw);
}

Result<std::vector<char>> decode_block(std::string_view block, size_t raw_bytes_max) {
  ByteReader reader(block);
  auto kind = static_cast<BlockKind>(reader.fixed<uint8_t>());
  if (reader.failed()) return data_loss("block: empty");
  if (kind == BlockKind::Raw) {
    std::string_view raw = reader.bytes(reader.remaining());
    if (raw.size() > raw_bytes_max) return data_loss("block: larger than allowed");
    return std::vector<char>(raw.begin(), raw.end());
  }
  if (kind != BlockKind::Zstd) return data_loss("block: unknown kind");
  uint64_t raw_size = reader.varint();
  if (reader.failed() || raw_size > raw_bytes_max) {
    return data_loss("block: expected at most " + std::to_string(raw_bytes_max) +
                     " raw bytes, got " + std::to_string(raw_size));
  }
  std::vector<char> raw(raw_size);
  std::string_view packed = reader.bytes(reader.remaining());
  size_t size =
      ZSTD_decompressDCtx(decompressor(), raw.data(), raw.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) || size != raw_size) return data_loss("block: damaged zstd frame");
  return raw;
}

}  // namespace spoor::codec
