// Whose request it is, by its headers.
#pragma once

#include <vector>

#include "model/ids.h"
#include "net/http.h"

namespace spoor::api {

// The first of: X-Scope-OrgID (Tempo, Loki), x-tenant (Jaeger), AccountID with ProjectID
// (VictoriaTraces; either alone means 0 for the other; the tenant is then "12.34"). Without any
// of them the default tenant. InvalidArgument names the header.
Result<TenantId> tenant_of(const net::RequestHead& head);

// Tenants that one request may read at once: each costs a search of its own.
constexpr size_t kTenantsMax = 32;

// The same where several may be read together, joined by `|` in X-Scope-OrgID or x-tenant:
// "a|b". Sorted, each once, at least one.
Result<std::vector<TenantId>> tenants_of(const net::RequestHead& head);

}  // namespace spoor::api
