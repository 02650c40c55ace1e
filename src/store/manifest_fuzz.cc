// Any bytes are a manifest or are refused; what is one comes back from its encoding.
#include "store/manifest.h"

#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/checksum.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  using namespace spoor::store;
  constexpr uint64_t kGeneration = 7;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)decode_manifest(input, kGeneration);

  // The same bytes as content, with a head and a checksum that fit.
  std::string bytes(kManifestMagic);
  append_le(bytes, kManifestVersion);
  append_le(bytes, static_cast<uint32_t>(size));
  append_le(bytes, kGeneration);
  bytes.append(input);
  append_le(bytes, crc32c_at_place(kGeneration, 0, bytes));
  auto manifest = decode_manifest(bytes, kGeneration);
  if (!manifest.ok()) return 0;
  auto again = decode_manifest(encode(*manifest), kGeneration);
  SPOOR_ASSERT(again.ok() && again->tenants == manifest->tenants);
  SPOOR_ASSERT(again->parts.size() == manifest->parts.size());
  SPOOR_ASSERT(again->log_floor == manifest->log_floor);
  return 0;
}
