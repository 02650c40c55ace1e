// Any bytes decode or are refused; what decodes without defects comes back from its encoding.
#include <cstdint>

#include "support/arbitrary_spans.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  wire::DecodeLimits limits;
  limits.spans = 1000;
  limits.attributes = 50;
  limits.memory_bytes = 16 << 20;
  auto first = wire::decode_otlp({reinterpret_cast<const char*>(data), size}, limits);
  if (!first.ok()) return 0;
  std::string bytes = wire::encode_otlp(first->batch);
  auto second = wire::decode_otlp(bytes, limits);
  SPOOR_ASSERT(second.ok() && second->defects.empty());
  SPOOR_ASSERT(test::same_spans(first->batch, second->batch));
  return 0;
}
