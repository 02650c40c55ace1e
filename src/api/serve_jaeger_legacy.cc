// The legacy endpoints: /api/services, /api/traces and their like.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "api/jaeger_call.h"
#include "api/jaeger_parameters.h"
#include "api/serve_jaeger.h"
#include "wire/jaeger_adjust.h"
#include "wire/otlp_json_decode.h"

namespace spoor::api {
namespace {

constexpr uint64_t kTransformBytesMax = 64 << 20;

net::Response envelope_response(const JaegerCall& call, std::string body) {
  std::string_view pretty = text_parameter(call.params, "prettyPrint");
  if (!pretty.empty() && pretty != "false") body = wire::indented_json(body);
  return net::json_response(200, std::move(body));
}

void write_trace(JsonWriter& json, SpanBatch& batch, bool is_raw) {
  if (!is_raw) wire::adjust_trace(batch);
  wire::write_jaeger_trace(json, batch);
}

Result<net::Response> services(JaegerCall& call) {
  std::vector<std::string> missing;
  std::vector<std::string> names = jaeger_services(call, missing);
  net::Response response = envelope_response(call, wire::encode_jaeger_names(names));
  add_partial(response, missing);
  return response;
}

Result<net::Response> operations(JaegerCall& call) {
  std::string_view service = text_parameter(call.params, "service");
  if (service.empty()) return invalid_argument("parameter 'service' is required");
  std::vector<std::string> missing;
  auto found = jaeger_operations(call, service, text_parameter(call.params, "spanKind"), missing);
  net::Response response = envelope_response(call, wire::encode_jaeger_operations(found));
  add_partial(response, missing);
  return response;
}

// Names only, each once.
Result<net::Response> operations_of_service(JaegerCall& call) {
  std::vector<std::string> names, missing;
  for (auto& operation : jaeger_operations(call, call.head().path_param("service"), {}, missing)) {
    if (names.empty() || names.back() != operation.name) names.push_back(operation.name);
  }
  net::Response response = envelope_response(call, wire::encode_jaeger_names(names));
  add_partial(response, missing);
  return response;
}

Result<net::Response> trace_by_id(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerTraceRequest request,
               parse_jaeger_trace(call.head().path_param("id"), call.params));
  SPOOR_ASSIGN(store::FoundTrace found, find_jaeger_trace(call, request.id));
  std::string body;
  wire::JaegerEnvelope envelope(body);
  write_trace(envelope.json(), found.batch, request.is_raw);
  envelope.finish({});
  net::Response response = envelope_response(call, std::move(body));
  add_partial(response, found.missing);
  return response;
}

Result<net::Response> traces_by_ids(JaegerCall& call, const JaegerSearch& search) {
  std::string body;
  wire::JaegerEnvelope envelope(body);
  std::vector<std::string> missing;
  std::vector<wire::JaegerError> errors;
  for (const TraceId& id : search.trace_ids) {
    auto found = find_jaeger_trace(call, id);
    if (call.context.cancelled()) return cancelled("the client has gone");
    if (!found.ok()) {
      errors.push_back({0, found.status().message(), wire::jaeger_trace_id(id.view())});
      continue;
    }
    write_trace(envelope.json(), found->batch, search.is_raw);
    missing.insert(missing.end(), found->missing.begin(), found->missing.end());
  }
  envelope.finish({.errors = errors});
  net::Response response = envelope_response(call, std::move(body));
  add_partial(response, missing);
  return response;
}

Result<net::Response> search_traces(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerSearch search, parse_jaeger_search(call.params, call.now));
  if (!search.trace_ids.empty()) return traces_by_ids(call, search);
  SPOOR_ASSIGN(query::SearchResult found,
               query::search(call.snapshot, search.request, call.context));
  std::string body;
  wire::JaegerEnvelope envelope(body);
  std::vector<std::string> missing = found.missing;
  SPOOR_TRY(write_traces(
      call, found, envelope.json(), missing,
      [&](JsonWriter& json, SpanBatch& batch) { write_trace(json, batch, search.is_raw); }));
  envelope.finish({.total = found.total.value_or(0)});
  net::Response response = envelope_response(call, std::move(body));
  add_search_headers(response, found);
  add_partial(response, missing);
  return response;
}

Result<net::Response> dependencies(JaegerCall& call) {
  SPOOR_ASSIGN(JaegerDependencyRequest request, parse_jaeger_dependencies(call.params, call.now));
  std::vector<std::string> missing;
  auto found = jaeger_dependencies(call, request, missing);
  net::Response response = envelope_response(call, wire::encode_jaeger_dependencies(found));
  add_partial(response, missing);
  return response;
}

// OTLP JSON to the UI's JSON; nothing is stored and nothing adjusted.
Result<net::Response> transform(JaegerCall& call) {
  wire::DecodedRequest decoded;
  Status status = wire::decode_otlp_json(call.exchange->body(), {}, decoded);
  if (!status.ok()) {
    return Status(status.code(), "cannot unmarshal OTLP : " + status.message());
  }
  std::vector<std::vector<uint32_t>> traces;
  std::unordered_map<std::string_view, size_t> traces_by_id;
  for (uint32_t i = 0; i < decoded.batch.spans.size(); ++i) {
    auto [found, is_new] = traces_by_id.try_emplace(decoded.batch.spans[i].trace_id, traces.size());
    if (is_new) traces.emplace_back();
    traces[found->second].push_back(i);
  }
  std::string body;
  wire::JaegerEnvelope envelope(body);
  for (const auto& spans : traces) {
    wire::write_jaeger_trace(envelope.json(), decoded.batch, spans);
  }
  envelope.finish({});
  return envelope_response(call, std::move(body));
}

Result<net::Response> archive(JaegerCall& call) {
  SPOOR_TRY(parse_jaeger_trace(call.head().path_param("id"), call.params).status());
  return internal("archive span storage was not configured");
}

Result<net::Response> metrics(JaegerCall& call) {
  if (call.params.all("service").empty()) {
    return invalid_argument(
        "unable to parse param 'service': please provide at least one service name");
  }
  return unimplemented("metrics querying is currently disabled");
}

Result<net::Response> latencies(JaegerCall& call) {
  std::string_view text = text_parameter(call.params, "quantile");
  double quantile = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantile);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid_argument("unable to parse param 'quantile': strconv.ParseFloat: parsing \"" +
                            std::string(text.substr(0, 64)) + "\": invalid syntax");
  }
  return metrics(call);
}

}  // namespace

void ServeJaeger::add_legacy_routes(net::Router& router, const std::string& prefix) {
  using Handle = decltype(JaegerEndpoint::handle);
  auto get = [&](const char* path, Handle handle) {
    add(router, net::Method::Get, prefix + path, {handle, wire::encode_jaeger_error});
  };
  get("/api/services", services);
  get("/api/services/{service}/operations", operations_of_service);
  get("/api/operations", operations);
  get("/api/traces", search_traces);
  get("/api/traces/{id}", trace_by_id);
  get("/api/dependencies", dependencies);
  get("/api/metrics/latencies", latencies);
  get("/api/metrics/calls", metrics);
  get("/api/metrics/errors", metrics);
  add(router, net::Method::Post, prefix + "/api/archive/{id}",
      {archive, wire::encode_jaeger_error});
  net::RouteOptions options;
  options.body_bytes_max = kTransformBytesMax;
  add(router, net::Method::Post, prefix + "/api/transform", {transform, wire::encode_jaeger_error},
      std::move(options));
}

}  // namespace spoor::api
