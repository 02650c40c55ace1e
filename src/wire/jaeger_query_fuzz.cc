// Any text is read as tags, as a filter and as a request, or is refused with a reason.
#include <cstdint>

#include "base/assert.h"
#include "wire/jaeger_query.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto tags = wire::decode_jaeger_tags(text);
  SPOOR_ASSERT(tags.ok() || !tags.status().message().empty());
  auto filter = wire::decode_jaeger_filter(text);
  SPOOR_ASSERT(!filter.ok() || !filter->name.empty());
  auto request = wire::decode_jaeger_v3_request(text);
  SPOOR_ASSERT(request.ok() || !request.status().message().empty());
  return 0;
}
