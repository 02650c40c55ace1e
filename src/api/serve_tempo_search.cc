// GET /api/search: the traces that a TraceQL query finds.
#include "api/cursor.h"
#include "api/query_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_found.h"
#include "api/tempo_parameters.h"
#include "api/tempo_values.h"
#include "query/query.h"
#include "wire/tempo_search_proto.h"

namespace spoor::api {
namespace {

Result<net::Response> search(TempoCall& call) {
  SPOOR_ASSIGN(TempoSearch asked, parse_tempo_search(call.params));
  const query::TraceqlRequest request{.query = asked.query,
                                      .start_min = asked.range.from,
                                      .start_max = asked.range.to,
                                      .limit = asked.limit,
                                      .after = asked.after,
                                      .spans_per_spanset = asked.spans_per_spanset};
  SPOOR_ASSIGN(query::FederatedResult result, query::search(call.snapshots, request, call.context));
  const query::TraceqlResult& found = result.found;
  wire::TempoSearchMetrics metrics;
  metrics.inspected_traces = static_cast<uint32_t>(found.traces_evaluated);
  metrics.inspected_spans = found.spans_evaluated;
  metrics.completed_jobs = metrics.total_jobs = 1;
  const TempoFound shown(found);
  std::string body = call.answer == TempoAnswer::Protobuf
                         ? wire::encode_tempo_search_proto(shown.traces(), metrics)
                         : wire::encode_tempo_search(shown.traces(), metrics);
  SPOOR_ASSIGN(net::Response response, tempo_response(call, std::move(body)));
  if (found.more) {
    response.add_header("x-spoor-cursor", cursor_text(found.traces.back().hit()));
  }
  if (found.total) response.add_header("x-spoor-total", std::to_string(*found.total));
  add_partial(response, found.missing);
  return response;
}

}  // namespace

void ServeTempo::add_search_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/search", {search});
}

}  // namespace spoor::api
