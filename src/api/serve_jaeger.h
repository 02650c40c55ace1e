// Jaeger's HTTP API: the legacy one (/api/...) that Grafana and older UIs speak, and /api/v3.
// docs/jaeger.md lists the endpoints, what differs from Jaeger and what goes beyond it.
#pragma once

#include <string>

#include "api/query_call.h"
#include "net/net.h"
#include "os/world.h"
#include "store/store.h"

namespace spoor::api {

// Everything lives as long as the router. Thread-safe.
class ServeJaeger {
 public:
  ServeJaeger(store::Store& store, os::World& world, const QueryPool& pool)
      : store_(store), world_(world), pool_(pool) {}

  // Adds the routes under `prefix` ("" or "/select/jaeger").
  void add_routes(net::Router& router, const std::string& prefix);

 private:
  void add_legacy_routes(net::Router& router, const std::string& prefix);
  void add_v3_routes(net::Router& router, const std::string& prefix);
  // Adds a route whose handler runs on the query pool.
  void add(net::Router& router, net::Method method, std::string pattern,
           const struct JaegerEndpoint& endpoint, net::RouteOptions options = {});

  store::Store& store_;
  os::World& world_;
  const QueryPool pool_;
};

}  // namespace spoor::api
