// A request that asks the store: what every API does alike to have it answered on the query pool.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/net.h"
#include "os/executor.h"
#include "os/memory_budget.h"
#include "query/counted_pieces.h"
#include "query/query_context.h"

namespace spoor::api {

// Where queries run and what they may use; lives as long as the routes.
struct QueryPool {
  os::Executor& executor;
  os::MemoryBudget& budget;
  query::CountedPieces& counted;
};

// `answer` is called on a thread of the pool, unless the request is cancelled before; its context
// is cancelled with the request. `refuse` makes the answer of its error, and of a pool that takes
// no more.
using AnswerQuery = std::function<Result<net::Response>(query::QueryContext& context)>;
using RefuseQuery = std::function<net::Response(const Status& status)>;
void answer_on_pool(const QueryPool& pool, const net::ExchangePtr& exchange, AnswerQuery answer,
                    RefuseQuery refuse);

// Says in the header x-spoor-partial why the answer may lack something.
void add_partial(net::Response& response, const std::vector<std::string>& missing);

}  // namespace spoor::api
