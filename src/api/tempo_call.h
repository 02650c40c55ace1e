// One request of Tempo's API on the query pool.
#pragma once

#include "net/net.h"
#include "query/query_context.h"
#include "store/store.h"

namespace spoor::api {

struct TempoCall {
  net::ExchangePtr exchange;
  net::QueryParams params;
  store::Snapshot snapshot;
  query::QueryContext& context;
  UnixNanos now;

  const net::RequestHead& head() const { return exchange->head(); }
};

struct TempoEndpoint {
  // The answer of a request that succeeds; a Status becomes tempo_error_response().
  Result<net::Response> (*handle)(TempoCall& call);
};

// Plain text. What the language has and this program does not run is an error of the request, as
// it is in Tempo.
net::Response tempo_error_response(const Status& status);

}  // namespace spoor::api
