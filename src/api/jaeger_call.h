// One request of Jaeger's API on the query pool, and what the endpoints of both generations do
// alike.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/jaeger_search.h"
#include "api/query_call.h"
#include "net/net.h"
#include "query/query.h"
#include "store/store.h"
#include "wire/jaeger_json.h"

namespace spoor::api {

struct JaegerCall {
  net::ExchangePtr exchange;
  net::QueryParams params;
  store::Snapshot snapshot;
  query::QueryContext& context;
  UnixNanos now;

  const net::RequestHead& head() const { return exchange->head(); }
};

struct JaegerEndpoint {
  // The answer of a request that succeeds; a Status becomes the error of the family.
  Result<net::Response> (*handle)(JaegerCall& call);
  std::string (*encode_error)(int http_code, std::string_view message);
};

// As Go's http.Error: plain text that content sniffers keep their hands off.
net::Response jaeger_error_response(const JaegerEndpoint& endpoint, const Status& status);
net::Response go_error_response(int http_status, std::string text);

// The header x-spoor-cursor, if there are more hits.
void add_search_headers(net::Response& response, const query::SearchResult& found);

// Writes the traces that were found, in their order, as elements of the array that `json` is in.
// `write` is called with the spans of one trace in order, on any thread of the query. What the
// answer grows by is charged to the request: Unavailable when memory is short. What could not be
// read is appended to `missing`.
using WriteTrace = std::function<void(JsonWriter& json, SpanBatch& batch)>;
Status write_traces(JaegerCall& call, const query::SearchResult& found, JsonWriter& json,
                    std::vector<std::string>& missing, const WriteTrace& write);

// The spans of a trace in order; NotFound, or DataLoss if there are none and something is
// unreadable.
Result<store::FoundTrace> find_jaeger_trace(JaegerCall& call, const TraceId& id);

// Services by name; one without a name by the name that Jaeger gives it.
std::vector<std::string> jaeger_services(JaegerCall& call, std::vector<std::string>& missing);

// Operations of a service (all services if empty) with the kind (any if empty).
std::vector<wire::JaegerOperation> jaeger_operations(JaegerCall& call, std::string_view service,
                                                     std::string_view kind,
                                                     std::vector<std::string>& missing);

// Edges by parent and child.
std::vector<wire::JaegerDependency> jaeger_dependencies(JaegerCall& call,
                                                        const JaegerDependencyRequest& request,
                                                        std::vector<std::string>& missing);

}  // namespace spoor::api
