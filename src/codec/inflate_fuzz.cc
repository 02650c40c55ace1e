// The first byte chooses the encoding, the rest is the body.
#include "codec/inflate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor::codec;
  if (size == 0) return 0;
  constexpr size_t kBudget = 1 << 18;
  auto encoding = static_cast<ContentEncoding>(data[0] % 5);
  std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  static InflateBuffer reused;
  auto first = inflate(encoding, body, kBudget);
  auto second = inflate(encoding, body, kBudget, reused);
  SPOOR_ASSERT(first.ok() == second.ok());
  if (first.ok()) SPOOR_ASSERT(*first == *second && first->size() <= kBudget);
  return 0;
}
