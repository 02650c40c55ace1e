#include "api/serve_tempo.h"

#include "api/tempo_call.h"
#include "api/tenant.h"
#include "wire/tempo.h"
#include "wire/tempo_search.h"

namespace spoor::api {
namespace {

enum class AnswerType { Json, Protobuf };

// As Tempo does: what Accept contains, protobuf before JSON, JSON otherwise.
AnswerType answer_type(const net::RequestHead& head) {
  std::string_view accept = head.headers.find_or_empty("accept");
  return accept.find("application/protobuf") != std::string_view::npos ? AnswerType::Protobuf
                                                                       : AnswerType::Json;
}

net::Response found_response(AnswerType type, std::string body) {
  net::Response response;
  response.body = std::move(body);
  response.add_header("content-type",
                      type == AnswerType::Protobuf ? "application/protobuf" : "application/json");
  return response;
}

net::Response trace_v1(AnswerType type, const Result<store::FoundTrace>& found) {
  if (!found.ok()) return net::status_response(found.status());
  if (found->batch.spans.empty()) {
    if (!found->missing.empty()) return net::text_response(500, found->missing.front());
    net::Response not_found;
    not_found.status = 404;  // with an empty body, as clients of Tempo expect
    return not_found;
  }
  return found_response(type, type == AnswerType::Protobuf
                                  ? wire::encode_tempo_trace_v1(found->batch)
                                  : wire::encode_tempo_trace_v1_json(found->batch));
}

net::Response trace_v2(AnswerType type, const Result<store::FoundTrace>& found) {
  if (!found.ok()) return net::status_response(found.status());
  wire::TempoTraceOutcome outcome;
  std::string message;
  if (!found->missing.empty()) {
    message = "spans may be missing: " + found->missing.front();
    outcome = {wire::TempoTraceStatus::Partial, message};
  }
  return found_response(type, type == AnswerType::Protobuf
                                  ? wire::encode_tempo_trace_v2(found->batch, outcome)
                                  : wire::encode_tempo_trace_v2_json(found->batch, outcome));
}

using Version = net::Response (*)(AnswerType, const Result<store::FoundTrace>&);

void add_trace_route(net::Router& router, const std::string& path, TraceLookup& lookup,
                     Version version) {
  router.get(path, [&lookup, version](net::ExchangePtr exchange) {
    AnswerType type = answer_type(exchange->head());
    lookup.run(exchange, [version, type](const Result<store::FoundTrace>& found) {
      return version(type, found);
    });
  });
}

Result<net::Response> answer(store::Store& store, UnixNanos now, const TempoEndpoint& endpoint,
                             const net::ExchangePtr& exchange, query::QueryContext& context) {
  SPOOR_ASSIGN(TenantId tenant, tenant_of(exchange->head()));
  SPOOR_ASSIGN(net::QueryParams params, exchange->head().query_params());
  TempoCall call{exchange, std::move(params), store.snapshot(tenant), context, now};
  return endpoint.handle(call);
}

}  // namespace

net::Response tempo_error_response(const Status& status) {
  bool is_unimplemented = status.code() == Code::Unimplemented;
  return net::status_response(is_unimplemented ? invalid_argument(status.message()) : status);
}

void ServeTempo::add(net::Router& router, std::string pattern, TempoEndpoint endpoint) {
  router.get(std::move(pattern), [this, endpoint](const net::ExchangePtr& exchange) {
    Status submitted = queries_.submit([this, endpoint, exchange] {
      auto context = std::make_shared<query::QueryContext>(&queries_, &budget_);
      exchange->on_cancel([context] { context->cancel(); });
      if (exchange->cancelled()) return;
      auto response = answer(store_, world_.now(), endpoint, exchange, *context);
      exchange->respond(response.ok() ? std::move(*response)
                                      : tempo_error_response(response.status()));
    });
    if (!submitted.ok()) exchange->respond(tempo_error_response(submitted));
  });
}

void ServeTempo::add_trace_routes(net::Router& router, const std::string& prefix) {
  add_trace_route(router, prefix + "/api/traces/{id}", lookup_, trace_v1);
  add_trace_route(router, prefix + "/api/v2/traces/{id}", lookup_, trace_v2);
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
