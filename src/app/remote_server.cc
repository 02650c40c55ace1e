#include "app/remote_server.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

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

Result<RemoteServer> RemoteServer::find(const CommandLine& line) {
  SPOOR_ASSIGN(ServerAddress address,
               find_server(line.world, line.options, "client.address", "http|https", kHttpPort));
  return RemoteServer(
      line.options.text("client.address"), line.options.text("client.tenant"),
      std::make_unique<net::HttpClient>(address.host, address.port, address.client));
}

Result<std::string> RemoteServer::get(const std::string& target, std::string_view accept) {
  std::vector<net::Header> headers = {{"accept", std::string(accept)}};
  if (!tenant_.empty()) headers.push_back({"x-scope-orgid", tenant_});
  auto response = client_->request("GET", target, headers);
  if (!response.ok()) {
    return Status(response.status().code(),
                  "no answer from " + address_ + " (" + response.status().message() +
                      "); is `spoor serve` running? choose another server with --client.address");
  }
  if (response->status == 200) return std::move(response->body);
  Code code = response->status == 404 ? Code::NotFound : Code::Unknown;
  return Status(code, "the server answered " + std::to_string(response->status) + ": " +
                          escape_for_terminal(response->body));
}

Result<SpanBatch> RemoteServer::get_trace(const TraceId& id) {
  auto body = get("/select/tempo/api/traces/" + to_hex(id), "application/protobuf");
  if (!body.ok() && body.status().code() == Code::NotFound) {
    return not_found("trace " + to_hex(id) + " is not known");
  }
  SPOOR_TRY(body.status());
  // What is decoded points into the body.
  auto storage = std::make_shared<std::string>(std::move(*body));
  auto decoded = wire::decode_otlp(*storage);
  if (!decoded.ok()) return internal("the answer cannot be read: " + decoded.status().message());
  decoded->batch.pinned.push_back(storage);
  return std::move(decoded->batch);
}

void print_trace_tree(const SpanBatch& batch) {
  std::string tree = render_trace_tree(batch, terminal_options());
  std::fwrite(tree.data(), 1, tree.size(), stdout);
}

}  // namespace spoor::app
