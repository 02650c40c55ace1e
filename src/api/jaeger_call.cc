#include "api/jaeger_call.h"

#include <algorithm>
#include <set>

#include "api/cursor.h"
#include "store/catalogue.h"
#include "store/dependencies.h"
#include "wire/jaeger_adjust.h"

namespace spoor::api {
namespace {

// Traces in memory at a time beside their JSON.
constexpr size_t kTracesPerLoad = 32;

// Elements of a JSON array, and what could not be read of them.
struct Slice {
  std::string text;
  std::vector<std::string> missing;
};

std::string shown_service(const std::string& name) {
  return name.empty() ? std::string(wire::kNoServiceName) : name;
}

void append(std::vector<std::string>& target, const std::vector<std::string>& more) {
  target.insert(target.end(), more.begin(), more.end());
}

void write_slice(std::vector<store::FoundTrace>& traces, const WriteTrace& write, Slice& slice) {
  JsonWriter json(slice.text);
  for (store::FoundTrace& trace : traces) {
    append(slice.missing, trace.missing);
    if (trace.batch.spans.empty()) continue;
    wire::order_spans(trace.batch);
    write(json, trace.batch);
  }
}

}  // namespace

net::Response go_error_response(int http_status, std::string text) {
  net::Response response;
  response.status = http_status;
  response.body = std::move(text);
  response.body.push_back('\n');
  response.add_header("content-type", "text/plain; charset=utf-8");
  response.add_header("x-content-type-options", "nosniff");
  return response;
}

net::Response jaeger_error_response(const JaegerEndpoint& endpoint, const Status& status) {
  int http_status = status.http_status();
  net::Response response =
      go_error_response(http_status, endpoint.encode_error(http_status, status.message()));
  net::add_retry_after(response, status);
  return response;
}

void add_search_headers(net::Response& response, const query::SearchResult& found) {
  SPOOR_ASSERT(!found.more || !found.hits.empty());
  if (found.more) response.add_header("x-spoor-cursor", cursor_text(found.hits.back()));
}

Status write_traces(JaegerCall& call, const query::SearchResult& found, JsonWriter& json,
                    std::vector<std::string>& missing, const WriteTrace& write) {
  const std::span<const query::TraceHit> hits = found.hits;
  const std::span<const query::HitPlace> places = found.places;
  size_t written = 0;
  for (size_t at = 0; at < hits.size(); at += kTracesPerLoad) {
    const size_t count = std::min(kTracesPerLoad, hits.size() - at);
    std::vector<Slice> slices(kTracesPerLoad);  // by the first trace; most stay empty
    auto take = [&](size_t slice, std::vector<store::FoundTrace>& traces) -> Status {
      write_slice(traces, write, slices[slice]);
      return {};
    };
    SPOOR_TRY(query::load(call.snapshot, hits.subspan(at, count), places.subspan(at, count),
                          query::TraceReading(), call.context, take));
    const size_t before = written;
    for (const Slice& slice : slices) {
      if (!slice.text.empty()) json.raw(slice.text);
      written += slice.text.size();
      append(missing, slice.missing);
    }
    if (!call.exchange->charge_memory(written - before)) {
      return unavailable("no memory for an answer of more than " + std::to_string(written) +
                             " bytes; ask for fewer traces at once",
                         1'000);
    }
  }
  return {};
}

Result<store::FoundTrace> find_jaeger_trace(JaegerCall& call, const TraceId& id) {
  store::FoundTrace found = store::find_trace(call.snapshot, id);
  wire::order_spans(found.batch);
  if (!found.batch.spans.empty()) return found;
  // Nothing was found and something could not be read: "not found" would be a lie.
  if (!found.missing.empty()) return data_loss(found.missing.front());
  return not_found("trace not found");
}

std::vector<std::string> jaeger_services(JaegerCall& call, std::vector<std::string>& missing) {
  store::ServiceList list = store::services(call.snapshot);
  append(missing, list.missing);
  if (list.is_incomplete) missing.push_back("a part has more operations than it keeps apart");
  for (std::string& name : list.names) name = shown_service(name);
  return std::move(list.names);
}

std::vector<wire::JaegerOperation> jaeger_operations(JaegerCall& call, std::string_view service,
                                                     std::string_view kind,
                                                     std::vector<std::string>& missing) {
  std::vector<std::string> services{service == wire::kNoServiceName ? "" : std::string(service)};
  if (service.empty()) services = store::services(call.snapshot).names;
  std::set<std::pair<std::string, std::string_view>> operations;
  for (const std::string& name : services) {
    store::OperationList list = store::operations(call.snapshot, name);
    append(missing, list.missing);
    if (list.is_incomplete) missing.push_back("a part has more operations than it keeps apart");
    for (store::OperationName& operation : list.operations) {
      std::string_view kind_name = wire::jaeger_kind_name(operation.kind);
      if (!kind.empty() && kind != kind_name) continue;
      operations.emplace(std::move(operation.name), kind_name);
    }
  }
  std::vector<wire::JaegerOperation> result;
  for (const auto& [name, kind_name] : operations) result.push_back({name, std::string(kind_name)});
  return result;
}

std::vector<wire::JaegerDependency> jaeger_dependencies(JaegerCall& call,
                                                        const JaegerDependencyRequest& request,
                                                        std::vector<std::string>& missing) {
  store::Dependencies found = store::dependencies(call.snapshot, request.from, request.to);
  append(missing, found.missing);
  if (found.calls_left_out > 0) missing.push_back("a part has more edges than it keeps apart");
  std::vector<wire::JaegerDependency> result;
  for (const store::Dependency& edge : found.edges) {
    std::string parent = shown_service(edge.parent), child = shown_service(edge.child);
    const std::string& service = request.service;
    if (!service.empty() && parent != service && child != service) continue;
    bool is_same =
        !result.empty() && result.back().parent == parent && result.back().child == child;
    if (is_same) {
      result.back().calls += edge.calls;
    } else {
      result.push_back({std::move(parent), std::move(child), edge.calls});
    }
  }
  return result;
}

}  // namespace spoor::api
