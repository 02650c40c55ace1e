// Any bytes decode or are refused; what decodes comes back from its JSON and from its protobuf.
#include <cstdint>

#include "support/arbitrary_spans.h"
#include "wire/otlp_decode.h"
#include "wire/otlp_encode.h"
#include "wire/otlp_json_decode.h"
#include "wire/otlp_json_encode.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  wire::DecodeLimits limits;
  limits.spans = 1000;
  limits.attributes = 50;
  limits.memory_bytes = 16 << 20;
  auto first = wire::decode_otlp_json({reinterpret_cast<const char*>(data), size}, limits);
  if (!first.ok()) return 0;
  auto from_json = wire::decode_otlp_json(wire::encode_otlp_json(first->batch), limits);
  SPOOR_ASSERT(from_json.ok() && from_json->defects.empty());
  SPOOR_ASSERT(test::same_spans(first->batch, from_json->batch));
  std::string bytes = wire::encode_otlp(first->batch);
  auto from_protobuf = wire::decode_otlp(bytes, limits);
  SPOOR_ASSERT(from_protobuf.ok());
  SPOOR_ASSERT(test::same_spans(first->batch, from_protobuf->batch));
  return 0;
}
