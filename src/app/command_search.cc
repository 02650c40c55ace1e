#include <cstdio>

#include "app/command.h"
#include "app/remote_server.h"
#include "app/trace_table.h"
#include "base/json_writer.h"
#include "net/http.h"
#include "wire/jaeger_summaries.h"

namespace spoor::app {
namespace {

constexpr std::string_view kUsage =
    "usage: spoor search [KEY=VALUE...]: a tag for each, as error=true or http.status_code>=500";

// The positional arguments as a JSON object of tags. An operator before the first `=` stays at
// the end of the key, which is how the API takes it.
Result<std::string> tags_of(const std::vector<std::string>& arguments) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const std::string& argument : arguments) {
    size_t split = argument.find('=');
    if (split == std::string::npos || split == 0) {
      return invalid_argument("expected KEY=VALUE, got " + argument + "; " + std::string(kUsage));
    }
    json.key(std::string_view(argument).substr(0, split));
    json.string(std::string_view(argument).substr(split + 1));
  }
  json.end_object();
  return text;
}

Result<std::string> target_of(const CommandLine& line) {
  const Options& options = line.options;
  std::string target = "/select/jaeger/api/v3/trace-summaries?query.searchDepth=" +
                       std::to_string(options.number("search.limit"));
  auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    target.append("&query.").append(name).append("=").append(net::percent_encoded(value));
  };
  UnixNanos now = line.world.now();
  uint64_t since = options.number("search.since");
  add("startTimeMin", to_rfc3339(UnixNanos{now.value - std::min(now.value, since)}));
  add("startTimeMax", to_rfc3339(UnixNanos{now.value + kNanosPerDay}));
  add("serviceName", options.text("search.service"));
  add("operationName", options.text("search.operation"));
  if (uint64_t nanos = options.number("search.min-duration")) {
    add("durationMin", std::to_string(nanos) + "ns");
  }
  if (uint64_t nanos = options.number("search.max-duration")) {
    add("durationMax", std::to_string(nanos) + "ns");
  }
  if (!options.positional().empty()) {
    SPOOR_ASSIGN(std::string tags, tags_of(options.positional()));
    add("attributes", tags);
  }
  return target;
}

int print_trees(RemoteServer& server, const std::vector<wire::ListedTrace>& traces) {
  for (const wire::ListedTrace& trace : traces) {
    Result<SpanBatch> spans = server.get_trace(trace.id);
    if (!spans.ok()) return fail(spans.status().message());
    print_trace_tree(*spans);
    std::fputc('\n', stdout);
  }
  return 0;
}

}  // namespace

int command_search(const CommandLine& line) {
  Result<std::string> target = target_of(line);
  if (!target.ok()) return fail(target.status().message(), 2);
  Result<RemoteServer> server = RemoteServer::find(line);
  if (!server.ok()) return fail(server.status().message(), 2);
  Result<std::string> body = server->get(*target, "application/json");
  if (!body.ok()) return fail(body.status().message());
  const std::string& output = line.options.text("search.output");
  if (output == "json") {
    std::printf("%s\n", body->c_str());
    return 0;
  }
  auto traces = wire::decode_jaeger_v3_summaries(*body);
  if (!traces.ok()) return fail("the answer cannot be read: " + traces.status().message());
  if (output == "tree") return print_trees(*server, *traces);
  std::string table = render_trace_table(*traces);
  std::fwrite(table.data(), 1, table.size(), stdout);
  if (traces->empty())
    std::fputs("no trace matches; a longer --since looks further back\n", stderr);
  return 0;
}

}  // namespace spoor::app
