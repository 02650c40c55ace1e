// Any query string is a search that the engine's limits allow, or is refused with a reason; the
// first byte chooses whose parameters it has.
#include <cstdint>

#include "api/jaeger_parameters.h"
#include "api/jaeger_v3_parameters.h"

namespace {

template <typename T>
void expect_reason(const spoor::Result<T>& result) {
  SPOOR_ASSERT(result.ok() || !result.status().message().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spoor;
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0)
    text +=
        "&query.startTimeMin=2023-11-14T00:00:00Z"
        "&query.startTimeMax=2023-11-15T00:00:00Z";
  auto params = net::parse_query(text);
  if (!params.ok()) return 0;
  constexpr UnixNanos kNow{1'700'000'000 * kNanosPerSecond};
  auto search = data[0] % 2 == 0 ? api::parse_jaeger_v3_search(*params)
                                 : api::parse_jaeger_search(*params, kNow);
  expect_reason(search);
  if (search.ok()) {
    SPOOR_ASSERT(search->request.limit >= 1);
    SPOOR_ASSERT(search->request.start_min <= search->request.start_max);
    SPOOR_ASSERT(query::check(search->request.condition).ok());
    SPOOR_ASSERT(!query::to_string(search->request.condition).empty());
  }
  expect_reason(api::parse_jaeger_trace(text, *params));
  expect_reason(api::parse_jaeger_v3_trace(text, *params));
  expect_reason(api::parse_jaeger_dependencies(*params, kNow));
  expect_reason(api::parse_jaeger_v3_dependencies(*params));
  return 0;
}
