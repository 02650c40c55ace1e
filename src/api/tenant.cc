#include "api/tenant.h"

#include <charconv>

namespace spoor::api {
namespace {

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

}  // namespace

Result<TenantId> tenant_of(const net::RequestHead& head) {
  for (std::string_view header : {"x-scope-orgid", "x-tenant"}) {
    auto name = head.headers.find(header);
    if (!name) continue;
    Result<TenantId> tenant = TenantId::parse(*name);
    if (tenant.ok()) return tenant;
    return invalid_argument("header " + std::string(header) + ": " + tenant.status().message());
  }
  if (!head.headers.find("accountid") && !head.headers.find("projectid")) {
    return TenantId::default_tenant();
  }
  SPOOR_ASSIGN(std::string account, account_number(head, "accountid"));
  SPOOR_ASSIGN(std::string project, account_number(head, "projectid"));
  return TenantId::parse(account + "." + project);
}

}  // namespace spoor::api
