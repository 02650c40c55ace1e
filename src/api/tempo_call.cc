#include "api/tempo_call.h"

#include "api/tenant.h"

namespace spoor::api {

Result<std::vector<store::Snapshot>> tempo_snapshots(store::Store& store,
                                                     const net::RequestHead& head) {
  SPOOR_ASSIGN(std::vector<TenantId> tenants, tenants_of(head));
  std::vector<store::Snapshot> snapshots;
  for (const TenantId& tenant : tenants) snapshots.push_back(store.snapshot(tenant));
  return snapshots;
}

TempoAnswer tempo_answer(const net::RequestHead& head) {
  std::string_view accept = head.headers.find_or_empty("accept");
  return accept.find("application/protobuf") != std::string_view::npos ? TempoAnswer::Protobuf
                                                                       : TempoAnswer::Json;
}

Result<net::Response> tempo_response(const TempoCall& call, std::string body) {
  if (!call.exchange->charge_memory(body.size())) {
    return unavailable("no memory for an answer of " + std::to_string(body.size()) +
                           " bytes; ask for less at once",
                       1'000);
  }
  net::Response response;
  response.body = std::move(body);
  bool is_protobuf = call.answer == TempoAnswer::Protobuf;
  response.add_header("content-type", is_protobuf ? "application/protobuf" : "application/json");
  return response;
}

Status tempo_error(const Status& status) {
  return status.code() == Code::Unimplemented ? invalid_argument(status.message()) : status;
}

net::Response tempo_error_response(const Status& status) {
  return net::status_response(tempo_error(status));
}

}  // namespace spoor::api
