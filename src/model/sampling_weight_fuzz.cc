// Any bytes as a trace state: a weight is from 1 to 2^56.
#include "model/sampling_weight.h"

#include <cstdint>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  double weight = spoor::sampling_weight({reinterpret_cast<const char*>(data), size});
  SPOOR_ASSERT(weight >= 1 && weight <= 0x1p56);
  return 0;
}
