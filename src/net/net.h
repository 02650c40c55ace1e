// The facade of net: bytes from and to other machines. Knows HTTP and gRPC, and no spans.
//
//   limits.h    every limit and its reason
//   http.h      RequestHead, Response, QueryParams: values of both HTTP versions
//   exchange.h  one request and its answer, from any thread
//   router.h    method and path to handler; CORS (cors.h)
//   server.h    listeners, event loops, graceful end
//   body_stream.h  the body of an answer that is sent as it is made
//   grpc.h      unary gRPC methods as routes, health service
//   grpc_stream.h  the answer of a server-streaming method
//   tls.h       which files make a server or a client speak TLS
//   client.h    a blocking HTTP/1.1 client
//   grpc_client.h  the same for unary gRPC
//   url.h       where a client goes
//
//   net::Router router;
//   router.get("/health", [](net::ExchangePtr exchange) {
//     exchange->respond(net::text_response(200, "ok"));
//   });
//   net::Server server({.budget = &budget, .metrics = &metrics});
//   SPOOR_ASSIGN(uint16_t port, server.listen({.name = "http", .port = 10428,
//                                              .router = &router}));
//   ...
//   server.drain(15'000);
#pragma once

#include "net/client.h"
#include "net/exchange.h"
#include "net/grpc.h"
#include "net/grpc_client.h"
#include "net/grpc_stream.h"
#include "net/http.h"
#include "net/limits.h"
#include "net/router.h"
#include "net/server.h"
#include "net/tls.h"
#include "net/url.h"
