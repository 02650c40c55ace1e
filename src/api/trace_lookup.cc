#include "api/trace_lookup.h"

#include "api/tenant.h"

namespace spoor::api {

Result<store::FoundTrace> TraceLookup::find(const net::RequestHead& head) {
  SPOOR_ASSIGN(TenantId tenant, tenant_of(head));
  SPOOR_ASSIGN(TraceId trace_id, parse_trace_id(head.path_param("id")));
  return store_.find_trace(tenant, trace_id);
}

void TraceLookup::run(const net::ExchangePtr& exchange, Answer answer) {
  Status submitted = queries_.submit([this, exchange, answer] {
    if (!exchange->cancelled()) exchange->respond(answer(find(exchange->head())));
  });
  if (!submitted.ok()) exchange->respond(answer(submitted));
}

}  // namespace spoor::api
