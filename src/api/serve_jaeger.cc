#include "api/serve_jaeger.h"

#include "api/jaeger_call.h"
#include "api/query_call.h"
#include "api/tenant.h"

namespace spoor::api {
namespace {

struct Services {
  store::Store& store;
  os::World& world;
};

Result<net::Response> answer(const Services& services, const JaegerEndpoint& endpoint,
                             const net::ExchangePtr& exchange, query::QueryContext& context) {
  SPOOR_ASSIGN(TenantId tenant, tenant_of(exchange->head()));
  SPOOR_ASSIGN(net::QueryParams params, exchange->head().query_params());
  JaegerCall call{exchange, std::move(params), services.store.snapshot(tenant), context,
                  services.world.now()};
  return endpoint.handle(call);
}

void not_found_page(const net::ExchangePtr& exchange) {
  exchange->respond(go_error_response(404, "404 page not found"));
}

}  // namespace

void ServeJaeger::add(net::Router& router, net::Method method, std::string pattern,
                      const JaegerEndpoint& endpoint, net::RouteOptions options) {
  Services services{store_, world_};
  auto handler = [this, services, endpoint](const net::ExchangePtr& exchange) {
    auto run = [services, endpoint, exchange](query::QueryContext& context) {
      return answer(services, endpoint, exchange, context);
    };
    auto refuse = [endpoint](const Status& status) {
      return jaeger_error_response(endpoint, status);
    };
    answer_on_pool(pool_, exchange, run, refuse);
  };
  router.add(method, std::move(pattern), std::move(handler), std::move(options));
}

void ServeJaeger::add_routes(net::Router& router, const std::string& prefix) {
  add_legacy_routes(router, prefix);
  add_v3_routes(router, prefix);
  router.get(prefix + "/api/{rest...}", not_found_page);
  router.post(prefix + "/api/{rest...}", not_found_page);
}

}  // namespace spoor::api
