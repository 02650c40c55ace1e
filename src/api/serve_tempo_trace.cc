// The endpoints of one trace, by its id.
#include "api/query_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_trace_parameters.h"
#include "query/query.h"
#include "wire/jaeger_adjust.h"
#include "wire/tempo.h"

namespace spoor::api {
namespace {

// Its spans in order, wherever they lie.
Result<query::FederatedTrace> find(TempoCall& call, const TempoTraceRequest& request) {
  std::optional<query::TraceqlPlan> plan;
  std::optional<query::TraceFilter> filter;
  if (request.filter) {
    SPOOR_ASSIGN(plan, query::TraceqlPlan::make(*request.filter));
    filter.emplace(
        query::TraceFilter{*plan, request.levels_of_parents, request.levels_of_children});
  }
  SPOOR_ASSIGN(query::FederatedTrace trace,
               query::find_trace(call.snapshots, request.id, filter ? &*filter : nullptr));
  wire::order_spans(trace.found.batch);
  return trace;
}

Result<net::Response> trace_v1(TempoCall& call) {
  SPOOR_ASSIGN(TempoTraceRequest request, parse_tempo_trace_v1(call.head(), call.params));
  SPOOR_ASSIGN(query::FederatedTrace trace, find(call, request));
  const store::FoundTrace& found = trace.found;
  if (found.batch.spans.empty()) {
    if (!found.missing.empty()) return data_loss(found.missing.front());
    net::Response not_found;
    not_found.status = 404;  // with an empty body, as clients of Tempo expect
    return not_found;
  }
  SPOOR_ASSIGN(net::Response response,
               tempo_response(call, call.answer == TempoAnswer::Protobuf
                                        ? wire::encode_tempo_trace_v1(found.batch)
                                        : wire::encode_tempo_trace_v1_json(found.batch)));
  add_partial(response, found.missing);
  return response;
}

// Why the answer is not the whole trace; empty if it is.
std::string partial_message(const TempoTraceRequest& request, const query::FederatedTrace& trace) {
  std::string message;
  if (request.filter && trace.spans > 0) {
    message = "filtered: " + std::to_string(trace.filtered.matched) + " of " +
              std::to_string(trace.spans) + " spans match, " + std::to_string(trace.filtered.kept) +
              " are shown";
  }
  if (!trace.found.missing.empty()) {
    if (!message.empty()) message += "; ";
    message += "spans may be missing: " + trace.found.missing.front();
  }
  return message;
}

Result<net::Response> trace_v2(TempoCall& call) {
  SPOOR_ASSIGN(TempoTraceRequest request, parse_tempo_trace_v2(call.head(), call.params));
  SPOOR_ASSIGN(query::FederatedTrace trace, find(call, request));
  const std::string message = partial_message(request, trace);
  wire::TempoTraceOutcome outcome;
  if (!message.empty()) outcome = {wire::TempoTraceStatus::Partial, message};
  const SpanBatch& batch = trace.found.batch;
  return tempo_response(call, call.answer == TempoAnswer::Protobuf
                                  ? wire::encode_tempo_trace_v2(batch, outcome)
                                  : wire::encode_tempo_trace_v2_json(batch, outcome));
}

}  // namespace

void ServeTempo::add_trace_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/traces/{id}", {trace_v1});
  add(router, prefix + "/api/v2/traces/{id}", {trace_v2});
}

}  // namespace spoor::api
