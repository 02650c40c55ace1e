// The endpoints of /api/v3.
#include "wire/jaeger_v3.h"

#include "api/jaeger_call.h"
#include "api/jaeger_v3_parameters.h"
#include "api/serve_jaeger.h"
#include "wire/jaeger_adjust.h"
#include "wire/jaeger_query.h"

namespace spoor::api {
namespace {

void add_total(net::Response& response, const query::SearchResult& found) {
  if (found.total) response.add_header("x-spoor-total", std::to_string(*found.total));
}

Result<net::Response> services(JaegerCall& call) {
  std::vector<std::string> missing;
  std::vector<std::string> names = jaeger_services(call, missing);
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_services(names));
  add_partial(response, missing);
  return response;
}

Result<net::Response> operations(JaegerCall& call) {
  JaegerOperationsRequest request = parse_jaeger_v3_operations(call.params);
  std::vector<std::string> missing;
  auto found = jaeger_operations(call, request.service, request.kind, missing);
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_operations(found));
  add_partial(response, missing);
  return response;
}

Status no_traces_found() {
  return not_found("No traces found");
}

Result<net::Response> trace_by_id(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerTraceRequest request,
               parse_jaeger_v3_trace(call.head().path_param("id"), call.params));
  auto found = find_jaeger_trace(call, request.id);
  if (found.status().code() == Code::NotFound) return no_traces_found();
  if (!found.ok()) return found.status();
  if (!request.is_raw) wire::adjust_trace(found->batch);
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_traces(found->batch));
  add_partial(response, found->missing);
  return response;
}

Result<net::Response> search_traces(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerSearch search, parse_jaeger_v3_search(call.params));
  SPOOR_ASSIGN(query::SearchResult found,
               query::search(call.snapshot, search.request, call.context));
  if (found.hits.empty()) {
    if (!found.missing.empty()) return data_loss(found.missing.front());
    return no_traces_found();
  }
  std::string body;
  wire::JaegerV3Traces traces(body);
  std::vector<std::string> missing = found.missing;
  SPOOR_TRY(
      write_traces(call, found, traces.json(), missing, [&](JsonWriter& json, SpanBatch& batch) {
        if (!search.is_raw) wire::adjust_trace(batch);
        wire::write_jaeger_v3_trace(json, batch);
      }));
  traces.finish();
  net::Response response = net::json_response(200, std::move(body));
  add_search_headers(response, found);
  add_total(response, found);
  add_partial(response, missing);
  return response;
}

wire::JaegerSummary shown(const query::TraceSummary& trace) {
  auto name = [](const std::string& service) {
    return service.empty() ? wire::kNoServiceName : std::string_view(service);
  };
  wire::JaegerSummary summary{.id = trace.id,
                              .root_service = trace.has_root ? name(trace.root_service) : "",
                              .root_name = trace.root_name,
                              .start = trace.start,
                              .end = trace.end,
                              .span_count = trace.span_count,
                              .error_count = trace.error_count,
                              .orphan_count = trace.orphan_count,
                              .services = {}};
  for (const query::TraceSummary::Service& service : trace.services) {
    summary.services.push_back({name(service.name), service.span_count, service.error_count});
  }
  return summary;
}

Result<net::Response> trace_summaries(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerSearch search, parse_jaeger_v3_search(call.params));
  SPOOR_ASSIGN(query::SearchResult found,
               query::search(call.snapshot, search.request, call.context));
  SPOOR_ASSIGN(query::Summaries summaries,
               query::summarize(call.snapshot, found.hits, call.context));
  std::vector<wire::JaegerSummary> list;
  for (const query::TraceSummary& trace : summaries.traces) list.push_back(shown(trace));
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_summaries(list));
  add_search_headers(response, found);
  add_total(response, found);
  std::vector<std::string> missing = found.missing;
  missing.insert(missing.end(), summaries.missing.begin(), summaries.missing.end());
  add_partial(response, missing);
  return response;
}

Result<net::Response> dependencies(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerDependencyRequest request, parse_jaeger_v3_dependencies(call.params));
  std::vector<std::string> missing;
  auto found = jaeger_dependencies(call, request, missing);
  net::Response response = net::json_response(200, wire::encode_jaeger_v3_dependencies(found));
  add_partial(response, missing);
  return response;
}

// The body of a POST says what the query of a GET says; parameters of the URL are kept behind it.
template <Result<net::Response> (*handle)(JaegerCall&)>
Result<net::Response> with_body(JaegerCall& call) {
  auto pairs = wire::decode_jaeger_v3_request(call.exchange->body());
  if (!pairs.ok()) return pairs.status();
  net::QueryParams params;
  for (auto& [name, value] : *pairs) params.add(std::move(name), std::move(value));
  for (const auto& [name, value] : call.params.pairs()) params.add(name, value);
  call.params = std::move(params);
  return handle(call);
}

}  // namespace

void ServeJaeger::add_v3_routes(net::Router& router, const std::string& prefix) {
  using Handle = decltype(JaegerEndpoint::handle);
  auto add_endpoint = [&](net::Method method, const char* path, Handle handle) {
    add(router, method, prefix + path, {handle, wire::encode_jaeger_v3_error});
  };
  add_endpoint(net::Method::Get, "/api/v3/services", services);
  add_endpoint(net::Method::Get, "/api/v3/operations", operations);
  add_endpoint(net::Method::Get, "/api/v3/traces", search_traces);
  add_endpoint(net::Method::Post, "/api/v3/traces", with_body<search_traces>);
  add_endpoint(net::Method::Get, "/api/v3/traces/{id}", trace_by_id);
  add_endpoint(net::Method::Get, "/api/v3/trace-summaries", trace_summaries);
  add_endpoint(net::Method::Post, "/api/v3/trace-summaries", with_body<trace_summaries>);
  add_endpoint(net::Method::Get, "/api/v3/dependencies", dependencies);
}

}  // namespace spoor::api
