// Which handler takes a request: by method and path.
//
// A pattern is a path whose segments are literal, `{name}` (one segment) or, at its end,
// `{name...}` (the rest, possibly empty). Segments are compared after percent-decoding; where
// several patterns match, the one with the longer literal beginning wins. HEAD is answered by
// the GET route, OPTIONS by the CORS policy, an unknown path with 404 and a known one with
// another method with 405 and Allow.
//
// Filled before the server listens and not changed afterwards; then usable from all threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/cors.h"
#include "net/exchange.h"
#include "net/http.h"
#include "net/limits.h"

namespace spoor::net {

using Handler = std::function<void(ExchangePtr)>;

// Called when the headers are there and the body is not. A Response refuses the request; the
// body is then dropped unread.
using Admit = std::function<std::optional<Response>(Exchange&)>;

// A refusal by the server itself: too large, no memory, too late.
struct Refusal {
  int http_status = 0;
  Status status;
};

// Puts a refusal into the form that the route's clients understand.
using Refuse = std::function<Response(const RequestHead&, const Refusal&)>;

struct RouteOptions {
  uint64_t body_bytes_max = kBodyBytesMaxDefault;
  Admit admit;
  Refuse refuse;                   // default: the router's
  std::optional<CorsPolicy> cors;  // default: the router's
};

struct Route {
  Method method = Method::Get;
  std::string pattern;
  Handler handler;
  RouteOptions options;
};

class Router {
 public:
  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // REQUIRES: the pattern is well formed and not yet taken for this method.
  void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});

  void get(std::string pattern, Handler handler, RouteOptions options = {}) {
    add(Method::Get, std::move(pattern), std::move(handler), std::move(options));
  }
  void post(std::string pattern, Handler handler, RouteOptions options = {}) {
    add(Method::Post, std::move(pattern), std::move(handler), std::move(options));
  }

  void set_cors(CorsPolicy cors) { cors_ = std::move(cors); }
  void set_refuse(Refuse refuse) { refuse_ = std::move(refuse); }

  struct Match {
    const Route* route = nullptr;  // null: `refusal` says why
    Refusal refusal;
    std::string allow;                 // for 405 and OPTIONS: "GET, HEAD"
    const CorsPolicy* cors = nullptr;  // never null
  };
  // Sets head.path_params.
  Match match(RequestHead& head) const;

  // The answer for a refusal, in the form of the route (null: of the router).
  Response refuse(const Route* route, const RequestHead& head, const Refusal& refusal) const;

  // All routes in the order they were added.
  std::vector<const Route*> routes() const;

 private:
  struct Pattern;
  const Pattern* find_exact(std::string_view path) const;

  CorsPolicy cors_;
  Refuse refuse_;
  std::vector<std::unique_ptr<Pattern>> patterns_;  // most literal first
  std::vector<std::unique_ptr<Route>> routes_;
  std::unordered_map<std::string_view, const Pattern*> exact_;  // keys point into patterns_
};

// Text for a browser or curl; gRPC trailers if the request is gRPC.
Response default_refusal(const RequestHead& head, const Refusal& refusal);

}  // namespace spoor::net
