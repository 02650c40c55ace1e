#include "api/tenant.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace spoor::api {
namespace {

constexpr char kSeparator = '|';

// VictoriaTraces' ids are 32-bit numbers.
Result<std::string> account_number(const net::RequestHead& head, std::string_view header) {
  std::string_view text = head.headers.find(header).value_or("0");
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid_argument("header " + std::string(header) +
                            ": expected a number below 4294967296, got \"" +
                            std::string(text.substr(0, 64)) + "\"");
  }
  return std::to_string(number);
}

// The header that names tenants, if there is one.
struct TenantHeader {
  std::string_view name;
  std::string_view value;
};
std::optional<TenantHeader> tenant_header(const net::RequestHead& head) {
  for (std::string_view name : {"x-scope-orgid", "x-tenant"}) {
    if (auto value = head.headers.find(name)) return TenantHeader{name, *value};
  }
  return std::nullopt;
}

Result<TenantId> parse_tenant(const TenantHeader& header, std::string_view name) {
  Result<TenantId> tenant = TenantId::parse(name);
  if (tenant.ok()) return tenant;
  return invalid_argument("header " + std::string(header.name) + ": " + tenant.status().message());
}

}  // namespace

Result<TenantId> tenant_of(const net::RequestHead& head) {
  if (auto header = tenant_header(head)) {
    if (header->value.find(kSeparator) == std::string_view::npos) {
      return parse_tenant(*header, header->value);
    }
    return invalid_argument(
        "header " + std::string(header->name) +
        ": several tenants at once can only be read through Tempo's API, got \"" +
        std::string(header->value.substr(0, 80)) + "\"");
  }
  if (!head.headers.find("accountid") && !head.headers.find("projectid")) {
    return TenantId::default_tenant();
  }
  SPOOR_ASSIGN(std::string account, account_number(head, "accountid"));
  SPOOR_ASSIGN(std::string project, account_number(head, "projectid"));
  return TenantId::parse(account + "." + project);
}

Result<std::vector<TenantId>> tenants_of(const net::RequestHead& head) {
  std::vector<TenantId> tenants;
  auto header = tenant_header(head);
  if (!header || header->value.find(kSeparator) == std::string_view::npos) {
    SPOOR_ASSIGN(TenantId tenant, tenant_of(head));
    tenants.push_back(std::move(tenant));
    return tenants;
  }
  for (size_t at = 0; at <= header->value.size();) {
    size_t end = std::min(header->value.find(kSeparator, at), header->value.size());
    SPOOR_ASSIGN(TenantId tenant, parse_tenant(*header, header->value.substr(at, end - at)));
    tenants.push_back(std::move(tenant));
    at = end + 1;
  }
  std::ranges::sort(tenants);
  tenants.erase(std::ranges::unique(tenants).begin(), tenants.end());
  if (tenants.size() <= kTenantsMax) return tenants;
  return invalid_argument("header " + std::string(header->name) + ": " +
                          std::to_string(tenants.size()) + " tenants at once, at most " +
                          std::to_string(kTenantsMax));
}

}  // namespace spoor::api
