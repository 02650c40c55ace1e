#include "codec/compress.h"

#include <libdeflate.h>
#include <zstd.h>

#include <memory>

#include "base/assert.h"

namespace spoor::codec {
namespace {

// Those of the OpenTelemetry Collector's exporters.
constexpr int kGzipLevel = 6;
constexpr int kZstdLevel = 3;

struct GzipFree {
  void operator()(libdeflate_compressor* it) const { libdeflate_free_compressor(it); }
};
struct ZstdFree {
  void operator()(ZSTD_CCtx* it) const { ZSTD_freeCCtx(it); }
};

std::string gzip(std::string_view bytes) {
  thread_local std::unique_ptr<libdeflate_compressor, GzipFree> context(
      libdeflate_alloc_compressor(kGzipLevel));
  SPOOR_ASSERT(context != nullptr);
  std::string target(libdeflate_gzip_compress_bound(context.get(), bytes.size()), '\0');
  size_t size = libdeflate_gzip_compress(context.get(), bytes.data(), bytes.size(), target.data(),
                                         target.size());
  SPOOR_ASSERT(size > 0);
  target.resize(size);
  return target;
}

std::string zstd(std::string_view bytes) {
  thread_local std::unique_ptr<ZSTD_CCtx, ZstdFree> context(ZSTD_createCCtx());
  SPOOR_ASSERT(context != nullptr);
  std::string target(ZSTD_compressBound(bytes.size()), '\0');
  size_t size = ZSTD_compressCCtx(context.get(), target.data(), target.size(), bytes.data(),
                                  bytes.size(), kZstdLevel);
  SPOOR_ASSERT(ZSTD_isError(size) == 0);
  target.resize(size);
  return target;
}

}  // namespace

std::string compress(ContentEncoding encoding, std::string_view bytes) {
  if (encoding == ContentEncoding::Gzip) return gzip(bytes);
  if (encoding == ContentEncoding::Zstd) return zstd(bytes);
  SPOOR_ASSERT(encoding == ContentEncoding::Identity);
  return std::string(bytes);
}

}  // namespace spoor::codec
