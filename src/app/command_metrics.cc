#include <cstdio>

#include "app/command.h"
#include "app/remote_server.h"
#include "app/series_table.h"
#include "net/http.h"
#include "wire/tempo_series.h"

namespace spoor::app {
namespace {

std::string seconds_text(uint64_t nanos) {
  char text[48];
  std::snprintf(text, sizeof text, "%llu.%09llu",
                static_cast<unsigned long long>(nanos / kNanosPerSecond),
                static_cast<unsigned long long>(nanos % kNanosPerSecond));
  return text;
}

std::string target_of(const Options& options) {
  std::string target = "/select/tempo/api/metrics/query_range?q=" +
                       net::percent_encoded(options.positional().front()) +
                       "&since=" + seconds_text(options.number("metrics.since")) + "s";
  if (uint64_t step = options.number("metrics.step")) target += "&step=" + seconds_text(step);
  return target + "&maxSeries=" + std::to_string(options.number("metrics.limit"));
}

}  // namespace

int command_metrics(const CommandLine& line) {
  if (line.options.positional().size() != 1) {
    return fail("usage: spoor metrics 'QUERY', in TraceQL: '{ status = error } | rate()'", 2);
  }
  Result<RemoteServer> server = RemoteServer::find(line);
  if (!server.ok()) return fail(server.status().message(), 2);
  Result<std::string> body = server->get(target_of(line.options), "application/json");
  if (!body.ok()) return fail(body.status().message());
  if (line.options.text("metrics.output") == "json") {
    std::printf("%s\n", body->c_str());
    return 0;
  }
  auto metrics = wire::decode_tempo_query_range(*body);
  if (!metrics.ok()) return fail("the answer cannot be read: " + metrics.status().message());
  std::string table = render_series_table(metrics->series);
  std::fwrite(table.data(), 1, table.size(), stdout);
  if (!metrics->message.empty()) std::fprintf(stderr, "%s\n", metrics->message.c_str());
  if (metrics->series.empty())
    std::fputs("no span counts; a longer --since looks further back\n", stderr);
  return 0;
}

}  // namespace spoor::app
