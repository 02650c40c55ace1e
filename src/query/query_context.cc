#include "query/query_context.h"

#include <string>

namespace spoor::query {
namespace {

constexpr uint32_t kMemoryRetryMs = 1'000;

}  // namespace

Status QueryContext::charge(uint64_t bytes_in_all) {
  if (bytes_in_all > kQueryBytesMax) {
    return resource_exhausted("the query needs more than " + std::to_string(kQueryBytesMax >> 20) +
                              " MiB; ask for a shorter time range or a lower limit");
  }
  MutexLock lock(mutex_);
  if (has_budget_ && !reservation_.grow_to(bytes_in_all)) {
    return unavailable("memory for queries is full", kMemoryRetryMs);
  }
  return {};
}

}  // namespace spoor::query
