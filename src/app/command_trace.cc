#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "app/command.h"
#include "app/server_address.h"
#include "app/trace_tree.h"
#include "wire/otlp_decode.h"

namespace spoor::app {
namespace {

constexpr uint16_t kHttpPort = 10428;

TraceTreeOptions terminal_options() {
  TraceTreeOptions options;
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1) {
    options.colour = TraceTreeOptions::Colour::On;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      options.columns = size.ws_col;
    }
  }
  return options;
}

}  // namespace

int command_trace(const CommandLine& line) {
  if (line.options.positional().size() != 1) return fail("usage: spoor trace ID", 2);
  Result<TraceId> id = parse_trace_id(line.options.positional()[0]);
  if (!id.ok()) return fail(id.status().message(), 2);
  Result<ServerAddress> address =
      find_server(line.world, line.options, "client.address", "http|https", kHttpPort);
  if (!address.ok()) return fail(address.status().message(), 2);

  net::HttpClient client(address->host, address->port, address->client);
  std::vector<net::Header> headers = {{"accept", "application/protobuf"}};
  const std::string& tenant = line.options.text("client.tenant");
  if (!tenant.empty()) headers.push_back({"x-scope-orgid", tenant});
  auto response = client.request("GET", "/select/tempo/api/traces/" + to_hex(*id), headers);
  if (!response.ok()) {
    return fail("no answer from " + line.options.text("client.address") + " (" +
                response.status().message() +
                "); is `spoor serve` running? choose another server with --client.address");
  }
  if (response->status == 404) return fail("trace " + to_hex(*id) + " is not known");
  if (response->status != 200) {
    return fail("the server answered " + std::to_string(response->status) + ": " + response->body);
  }
  auto decoded = wire::decode_otlp(response->body);
  if (!decoded.ok()) return fail("the answer cannot be read: " + decoded.status().message());
  std::string tree = render_trace_tree(decoded->batch, terminal_options());
  std::fwrite(tree.data(), 1, tree.size(), stdout);
  return 0;
}

}  // namespace spoor::app
