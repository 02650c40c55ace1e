#include "api/serve_jaeger.h"

#include "wire/jaeger_v3.h"

namespace spoor::api {
namespace {

net::Response trace_response(const Result<store::FoundTrace>& found) {
  if (!found.ok()) {
    int http_status = found.status().http_status();
    net::Response response = net::json_response(
        http_status, wire::encode_jaeger_v3_error(http_status, found.status().message()));
    net::add_retry_after(response, found.status());
    return response;
  }
  if (found->batch.spans.empty() && found->missing.empty()) {
    return net::json_response(404, wire::encode_jaeger_v3_not_found());
  }
  // Nothing was found and something could not be read: "not found" would be a lie.
  if (found->batch.spans.empty()) {
    return net::json_response(500, wire::encode_jaeger_v3_error(500, found->missing.front()));
  }
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_traces(found->batch));
  // The format has no field for it.
  if (!found->missing.empty()) response.add_header("x-spoor-partial", found->missing.front());
  return response;
}

}  // namespace

void add_jaeger_routes(net::Router& router, const std::string& prefix, TraceLookup& lookup) {
  router.get(prefix + "/api/v3/traces/{id}",
             [&lookup](net::ExchangePtr exchange) { lookup.run(exchange, trace_response); });
}

}  // namespace spoor::api
