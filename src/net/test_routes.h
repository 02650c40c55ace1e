// Routes that the tests of several protocols talk to.
#pragma once

#include <utility>

#include "net/router.h"

namespace spoor::net {

// POST /echo answers with the body that came.
inline void add_echo_route(Router& router, size_t body_bytes_max) {
  RouteOptions options;
  options.body_bytes_max = body_bytes_max;
  router.post(
      "/echo",
      [](ExchangePtr exchange) {
        Response response = text_response(200, "");
        response.body = exchange->take_body();
        exchange->respond(std::move(response));
      },
      options);
}

}  // namespace spoor::net
