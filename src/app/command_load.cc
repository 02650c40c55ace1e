#include <unistd.h>

#include <cstdio>

#include "app/command.h"
#include "app/load_run.h"
#include "app/signals.h"

namespace spoor::app {
namespace {

constexpr uint16_t kGrpcPort = 4317;
constexpr uint16_t kHttpPort = 4318;
constexpr uint64_t kTickMs = 50;
constexpr uint64_t kTicksPerReport = 20;  // a second

double seconds_of(uint64_t nanos) {
  return static_cast<double>(nanos) / static_cast<double>(kNanosPerSecond);
}
double milliseconds_of(uint64_t nanos) {
  return static_cast<double>(nanos) / static_cast<double>(kNanosPerMilli);
}
unsigned long long shown(uint64_t number) {
  return number;
}

Result<LoadOptions> load_options(const CommandLine& line) {
  const Options& options = line.options;
  LoadOptions load;
  SPOOR_ASSIGN(load.server,
               find_server(line.world, options, "load.to", "http|https|grpc|grpcs", 0));
  bool grpc = load.server.scheme.starts_with("grpc");
  if (load.server.port == 0) load.server.port = grpc ? kGrpcPort : kHttpPort;
  load.tenant = options.text("client.tenant");
  SPOOR_ASSIGN(load.encoding, codec::parse_content_encoding(options.text("load.compression")));
  load.connections = static_cast<uint32_t>(options.number("load.connections"));
  load.spans_per_second = options.number("load.rate");
  load.retry_nanos = options.number("load.retry-for");
  return load;
}

Result<LoadSource> load_source(const CommandLine& line) {
  const Options& options = line.options;
  const std::string& corpus = options.text("load.corpus");
  uint64_t spans = options.number("load.spans");
  if (!corpus.empty()) {
    bool all = options.source("load.spans") == OptionSource::Default;
    return corpus_load(line.world, corpus, all ? UINT64_MAX : spans);
  }
  return generated_load(line.world, {options.number("load.seed"), spans,
                                     options.number("load.batch"), options.number("load.history")});
}

void print_progress(const LoadCounts& now, uint64_t before) {
  std::fprintf(stderr, "\r%llu spans acknowledged, %llu/s, %llu requests repeated \x1b[K",
               shown(now.acknowledged), shown(now.acknowledged - before), shown(now.retried));
}

// True if a signal asked for the end.
bool watch(LoadRun& run) {
  bool terminal = isatty(STDERR_FILENO) == 1;
  uint64_t before = 0;
  for (uint64_t tick = 1; !run.is_done(); ++tick) {
    if (wait_for_stop(kTickMs) == Stop::Asked) return true;
    if (!terminal || tick % kTicksPerReport != 0) continue;
    LoadCounts now = run.counts();
    print_progress(now, before);
    before = now.acknowledged;
  }
  if (terminal) std::fprintf(stderr, "\r\x1b[K");
  return false;
}

void print_counts(const LoadCounts& counts) {
  double seconds = seconds_of(counts.nanos);
  double rate = seconds > 0 ? static_cast<double>(counts.acknowledged) / seconds : 0;
  std::printf("spans=%llu acknowledged=%llu refused=%llu lost=%llu\n", shown(counts.sent),
              shown(counts.acknowledged), shown(counts.refused), shown(counts.lost));
  std::printf("requests=%llu retried=%llu seconds=%.2f spans_per_second=%.0f\n",
              shown(counts.requests), shown(counts.retried), seconds, rate);
  std::printf(
      "p50_ms=%.2f p90_ms=%.2f p99_ms=%.2f max_ms=%.2f\n",
      milliseconds_of(counts.latency.quantile(0.5)), milliseconds_of(counts.latency.quantile(0.9)),
      milliseconds_of(counts.latency.quantile(0.99)), milliseconds_of(counts.latency.max()));
}

}  // namespace

int command_load(const CommandLine& line) {
  if (!line.options.positional().empty()) return fail("usage: spoor load [--to URL]", 2);
  Result<LoadOptions> options = load_options(line);
  if (!options.ok()) return fail(options.status().message(), 2);
  Result<LoadSource> source = load_source(line);
  if (!source.ok()) return fail(source.status().message());
  LoadRun run(line.world, *options, *source);
  bool stopped = watch(run);
  run.stop();
  LoadCounts counts = run.counts();
  print_counts(counts);
  if (!run.source_status().ok()) return fail(run.source_status().message());
  if (counts.lost + counts.refused > 0 || (counts.acknowledged == 0 && !stopped)) {
    return fail("not all spans were taken: " + counts.complaint +
                "; --to chooses the server's OTLP port, --tls.ca the authority to trust");
  }
  return 0;
}

}  // namespace spoor::app
