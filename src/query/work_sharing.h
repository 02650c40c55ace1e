// Cuts a query's work over the threads that are free: the calling thread works itself, helpers
// join when the pool has time, and nobody waits for a helper that has not begun.
#pragma once

#include <cstddef>
#include <functional>

#include "query/query_context.h"

namespace spoor::query {

// Calls work(0), work(1), ... work(count - 1), each once, begun in this order, some at the same
// time. Returns when all that were begun are done: the first error, after which no more are
// begun, or Cancelled.
Status share_work(size_t count, QueryContext& context, const std::function<Status(size_t)>& work);

}  // namespace spoor::query
