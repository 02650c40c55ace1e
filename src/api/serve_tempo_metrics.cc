// GET /api/metrics/query_range and /api/metrics/query: numbers that a TraceQL metrics query
// counts, over time or as one value each.
#include "api/query_call.h"
#include "api/serve_tempo.h"
#include "api/tempo_call.h"
#include "api/tempo_parameters.h"
#include "api/tempo_series.h"

namespace spoor::api {
namespace {

Result<net::Response> answer(TempoCall& call, TempoMetricsForm form) {
  SPOOR_ASSIGN(TempoMetrics asked, parse_tempo_metrics(call.params, form, call.now));
  SPOOR_ASSIGN(TempoSeriesAnswer found,
               tempo_series(call.snapshots, asked, form, call.answer, call.context));
  SPOOR_ASSIGN(net::Response response, tempo_response(call, std::move(found.body)));
  add_partial(response, found.missing);
  return response;
}

Result<net::Response> query_range(TempoCall& call) {
  return answer(call, TempoMetricsForm::Range);
}

Result<net::Response> query_instant(TempoCall& call) {
  return answer(call, TempoMetricsForm::Instant);
}

}  // namespace

void ServeTempo::add_metrics_routes(net::Router& router, const std::string& prefix) {
  add(router, prefix + "/api/metrics/query_range", {query_range});
  add(router, prefix + "/api/metrics/query", {query_instant});
}

}  // namespace spoor::api
