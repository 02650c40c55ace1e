#include "api/serve_tempo.h"

#include "wire/tempo.h"

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

}  // namespace

void add_tempo_routes(net::Router& router, const std::string& prefix, TraceLookup& lookup) {
  add_trace_route(router, prefix + "/api/traces/{id}", lookup, trace_v1);
  add_trace_route(router, prefix + "/api/v2/traces/{id}", lookup, trace_v2);
  router.get(prefix + "/api/echo",
             [](net::ExchangePtr exchange) { exchange->respond(net::text_response(200, "echo")); });
}

}  // namespace spoor::api
