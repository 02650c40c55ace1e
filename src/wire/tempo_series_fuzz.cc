// Any text is read as series, or is refused with a reason.
#include <cstdint>

#include "base/assert.h"
#include "wire/tempo_series.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  auto metrics = wire::decode_tempo_query_range({reinterpret_cast<const char*>(data), size});
  SPOOR_ASSERT(metrics.ok() || !metrics.status().message().empty());
  return 0;
}
