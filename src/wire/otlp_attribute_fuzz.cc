// The short way and the general one read any bytes as the same attribute, or refuse them.
#include <cstdint>

#include "wire/test_attribute.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  SPOOR_ASSERT(wire::ways_agree({reinterpret_cast<const char*>(data), size}));
  return 0;
}
