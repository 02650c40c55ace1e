#include "api/query_call.h"

#include <memory>

namespace spoor::api {

void answer_on_pool(const QueryPool& pool, const net::ExchangePtr& exchange, AnswerQuery answer,
                    RefuseQuery refuse) {
  Status submitted = pool.executor.submit([pool, exchange, answer = std::move(answer), refuse] {
    auto context =
        std::make_shared<query::QueryContext>(&pool.executor, &pool.budget, &pool.counted);
    exchange->on_cancel([context] { context->cancel(); });
    if (exchange->cancelled()) return;
    auto response = answer(*context);
    exchange->respond(response.ok() ? std::move(*response) : refuse(response.status()));
  });
  if (!submitted.ok()) exchange->respond(refuse(submitted));
}

void add_partial(net::Response& response, const std::vector<std::string>& missing) {
  if (!missing.empty()) response.add_header("x-spoor-partial", missing.front());
}

}  // namespace spoor::api
