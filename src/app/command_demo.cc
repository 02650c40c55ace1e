#include <unistd.h>

#include <cstdio>

#include "app/command.h"
#include "app/daemon.h"
#include "app/demo_shop.h"
#include "app/signals.h"
#include "base/bytes.h"
#include "base/log.h"
#include "net/client.h"
#include "wire/otlp_encode.h"

namespace spoor::app {
namespace {

constexpr uint64_t kHistoryNanos = 30 * kNanosPerMinute;
constexpr uint64_t kHistoryTraces = 3'600;  // two a second
constexpr uint64_t kLiveEveryMs = 250;      // four traces a second
constexpr uint64_t kReportEveryTicks = 40;  // ten seconds

// The shop's exporter: real OTLP over HTTP to the port that any service would use.
class ShopExporter {
 public:
  ShopExporter(std::string host, uint16_t port) : client_(std::move(host), port) {}

  Status send(SpanBatch& batch) {
    if (batch.spans.empty()) return {};
    auto response =
        client_.request("POST", "/v1/traces", {{"content-type", "application/x-protobuf"}},
                        wire::encode_otlp(batch));
    if (!response.ok()) return response.status();
    if (response->status != 200) {
      return unavailable("OTLP answered " + std::to_string(response->status), 1'000);
    }
    spans_ += batch.spans.size();
    batch.clear();
    return {};
  }

  uint64_t spans() const { return spans_; }

 private:
  net::HttpClient client_;
  uint64_t spans_ = 0;
};

void print_ports(const Daemon& daemon, const std::string& host) {
  std::printf("\n");
  for (const BoundPort& port : daemon.ports()) {
    std::printf("  %-22s %s:%u", port.what.c_str(), host.c_str(), port.port);
    if (port.port != port.wanted) {
      std::printf("   (port %u is taken; --%s chooses)", port.wanted, port.option.c_str());
    }
    std::printf("\n");
  }
  std::printf("\n");
}

// How this program was started, so that the printed command works when pasted.
std::string program_path() {
  char path[4096];
  ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "spoor";
}

// The command with what it needs to find this server.
std::string client_command(const Daemon& daemon, std::string_view arguments) {
  std::string command = program_path() + " " + std::string(arguments);
  for (const BoundPort& port : daemon.ports()) {
    if (port.name == "http" && port.port != port.wanted) {
      command += " --client.address=127.0.0.1:" + std::to_string(port.port);
    }
  }
  return command;
}

Status send_history(os::World& world, DemoShop& shop, ShopExporter& exporter) {
  SpanBatch batch;
  uint64_t begin = world.now().value - kHistoryNanos;
  for (uint64_t i = 0; i < kHistoryTraces; ++i) {
    shop.append_trace(UnixNanos{begin + i * (kHistoryNanos / kHistoryTraces)}, batch);
    if (batch.spans.size() >= DemoShop::kBatchSpans) SPOOR_TRY(exporter.send(batch));
  }
  return exporter.send(batch);
}

Status run_shop(os::World& world, const Daemon& daemon, DemoShop& shop, ShopExporter& exporter) {
  uint64_t last_spans = exporter.spans();
  for (uint64_t tick = 0;; ++tick) {
    SpanBatch batch;
    shop.append_trace(UnixNanos{world.now().value - 2 * kNanosPerSecond}, batch);
    bool report = tick % kReportEveryTicks == 0;
    std::string id = report ? to_hex(TraceId::from_bytes(batch.spans.back().trace_id)) : "";
    SPOOR_TRY(exporter.send(batch));
    if (report) {
      std::printf(
          "%llu spans stored, %llu new; look at one of the traces, or at what failed:\n"
          "  %s\n  %s\n",
          static_cast<unsigned long long>(exporter.spans()),
          static_cast<unsigned long long>(exporter.spans() - last_spans),
          client_command(daemon, "trace " + id).c_str(),
          client_command(daemon, "search error=true --limit=5").c_str());
      std::fflush(stdout);
      last_spans = exporter.spans();
    }
    if (wait_for_stop(kLiveEveryMs) == Stop::Asked) return {};
  }
}

}  // namespace

int command_demo(const CommandLine& line) {
  if (!line.options.text("tls.certificate").empty()) {
    return fail("the shop of the demo sends without TLS; `spoor serve` speaks it", 2);
  }
  bool chosen = line.options.source("storage.path") != OptionSource::Default;
  std::string path = chosen ? line.options.text("storage.path") : "./spoor-demo";
  auto daemon = Daemon::start(line.world, line.options,
                              {.storage_path = path, .taken_port = TakenPort::MoveUp});
  if (!daemon.ok()) return fail(daemon.status().message());
  std::printf("spoor %s, data in %s\n", std::string(version()).c_str(), path.c_str());
  print_ports(**daemon, line.options.text("listen.host"));

  DemoShop shop(line.world.random_u64());
  ShopExporter exporter("127.0.0.1", (*daemon)->port("otlp_http"));
  uint64_t begin = line.world.monotonic_nanos();
  Status sent = send_history(line.world, shop, exporter);
  if (sent.ok()) {
    std::printf("half an hour of a shop of a dozen services: %llu spans stored in %s\n",
                static_cast<unsigned long long>(exporter.spans()),
                format_duration(line.world.monotonic_nanos() - begin).c_str());
    sent = run_shop(line.world, **daemon, shop, exporter);
  }
  Status stopped = (*daemon)->stop();
  if (!sent.ok()) return fail("the shop cannot send: " + sent.message());
  if (!stopped.ok()) return fail("the end was not clean: " + stopped.message());
  std::printf("\n%llu spans are kept in %s; `spoor serve --storage.path=%s` goes on with them\n",
              static_cast<unsigned long long>(exporter.spans()), path.c_str(), path.c_str());
  return 0;
}

}  // namespace spoor::app
