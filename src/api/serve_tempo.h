// Tempo's API, as far as it is served: trace by id in both versions, search, metrics and completion
// in both versions, over HTTP as JSON or protobuf by Accept and as streams over gRPC, and what
// Grafana asks to see whether the data source lives and what it can do. docs/tempo.md lists the
// endpoints and what differs from Tempo.
#pragma once

#include <string>

#include "api/query_call.h"
#include "net/net.h"
#include "os/world.h"
#include "store/store.h"

namespace spoor::api {

// The Tempo release whose API this is: Grafana enables features by it.
constexpr std::string_view kTempoVersion = "3.0.0";

// Everything lives as long as the router. Thread-safe.
class ServeTempo {
 public:
  // `revision` says in the build information which program answers.
  ServeTempo(store::Store& store, os::World& world, const QueryPool& pool, std::string revision)
      : store_(store), world_(world), pool_(pool), revision_(std::move(revision)) {}

  // Adds the routes under `prefix` ("" or "/select/tempo").
  void add_routes(net::Router& router, const std::string& prefix);
  // Adds the gRPC service tempopb.StreamingQuerier.
  void add_streaming(net::Router& router);

 private:
  void add_trace_routes(net::Router& router, const std::string& prefix);
  void add_search_routes(net::Router& router, const std::string& prefix);
  void add_metrics_routes(net::Router& router, const std::string& prefix);
  void add_completion_routes(net::Router& router, const std::string& prefix);
  // Adds a route whose handler runs on the query pool.
  void add(net::Router& router, std::string pattern, struct TempoEndpoint endpoint);

  store::Store& store_;
  os::World& world_;
  const QueryPool pool_;
  const std::string revision_;
};

}  // namespace spoor::api
