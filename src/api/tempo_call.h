// One request of Tempo's API on the query pool, and what its endpoints do alike.
#pragma once

#include <string>
#include <vector>

#include "net/net.h"
#include "query/query_context.h"
#include "store/store.h"

namespace spoor::api {

enum class TempoAnswer { Json, Protobuf };

struct TempoCall {
  net::ExchangePtr exchange;
  net::QueryParams params;
  std::vector<store::Snapshot> snapshots;  // of each tenant that is asked, at least one
  query::QueryContext& context;
  TempoAnswer answer = TempoAnswer::Json;  // what Accept asks for
  UnixNanos now;

  const net::RequestHead& head() const { return exchange->head(); }
};

struct TempoEndpoint {
  // The answer of a request that succeeds; a Status becomes tempo_error_response().
  Result<net::Response> (*handle)(TempoCall& call);
};

// Of the tenants that the headers name, which may be several.
Result<std::vector<store::Snapshot>> tempo_snapshots(store::Store& store,
                                                     const net::RequestHead& head);

// As Tempo does: what Accept contains, protobuf before JSON, JSON otherwise.
TempoAnswer tempo_answer(const net::RequestHead& head);

// The body is charged to the request: Unavailable when memory is short.
Result<net::Response> tempo_response(const TempoCall& call, std::string body);

// What the language has and this program does not run is an error of the request, as it is in
// Tempo.
Status tempo_error(const Status& status);
net::Response tempo_error_response(const Status& status);  // plain text

}  // namespace spoor::api
