#include "api/serve_tempo.h"

#include "api/query_call.h"
#include "api/tempo_call.h"
#include "wire/tempo_search.h"

namespace spoor::api {
namespace {

Result<net::Response> answer(store::Store& store, UnixNanos now, const TempoEndpoint& endpoint,
                             const net::ExchangePtr& exchange, query::QueryContext& context) {
  SPOOR_ASSIGN(std::vector<store::Snapshot> snapshots, tempo_snapshots(store, exchange->head()));
  SPOOR_ASSIGN(net::QueryParams params, exchange->head().query_params());
  TempoCall call{
      exchange, std::move(params), std::move(snapshots), context, tempo_answer(exchange->head()),
      now};
  return endpoint.handle(call);
}

}  // namespace

void ServeTempo::add(net::Router& router, std::string pattern, TempoEndpoint endpoint) {
  router.get(std::move(pattern), [this, endpoint](const net::ExchangePtr& exchange) {
    auto run = [this, endpoint, exchange](query::QueryContext& context) {
      return answer(store_, world_.now(), endpoint, exchange, context);
    };
    answer_on_pool(pool_, exchange, run, tempo_error_response);
  });
}

void ServeTempo::add_routes(net::Router& router, const std::string& prefix) {
  add_trace_routes(router, prefix);
  add_search_routes(router, prefix);
  add_metrics_routes(router, prefix);
  add_completion_routes(router, prefix);
  router.get(prefix + "/api/echo", [](const net::ExchangePtr& exchange) {
    exchange->respond(net::text_response(200, "echo"));
  });
  router.get(prefix + "/api/status/buildinfo", [this](const net::ExchangePtr& exchange) {
    exchange->respond(
        net::json_response(200, wire::encode_tempo_build_info(kTempoVersion, revision_)));
  });
}

}  // namespace spoor::api
