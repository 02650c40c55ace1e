// Jaeger's HTTP API v3, as far as it is served: GET /api/v3/traces/{id}.
#pragma once

#include <string>

#include "api/trace_lookup.h"

namespace spoor::api {

// Adds the routes under `prefix` ("" or "/select/jaeger"). `lookup` lives as long as the router.
void add_jaeger_routes(net::Router& router, const std::string& prefix, TraceLookup& lookup);

}  // namespace spoor::api
