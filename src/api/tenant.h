// Whose request it is, by its headers.
#pragma once

#include "model/ids.h"
#include "net/http.h"

namespace spoor::api {

// The first of: X-Scope-OrgID (Tempo, Loki), x-tenant (Jaeger), AccountID with ProjectID
// (VictoriaTraces; either alone means 0 for the other; the tenant is then "12.34"). Without any
// of them the default tenant. InvalidArgument names the header.
Result<TenantId> tenant_of(const net::RequestHead& head);

}  // namespace spoor::api
