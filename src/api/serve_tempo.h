// Tempo's HTTP API, as far as it is served: trace by id in both versions, as JSON or protobuf by
// Accept, and what Grafana asks to see whether the data source lives.
#pragma once

#include <string>

#include "api/trace_lookup.h"

namespace spoor::api {

// Adds the routes under `prefix` ("" or "/select/tempo"). `lookup` lives as long as the router.
void add_tempo_routes(net::Router& router, const std::string& prefix, TraceLookup& lookup);

}  // namespace spoor::api
