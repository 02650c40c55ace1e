#include "app/daemon.h"

#include <algorithm>

#include "api/api.h"
#include "api/decode_body.h"
#include "base/log.h"
#include "os/executor.h"
#include "os/memory_budget.h"
#include "os/resources.h"
#include "query/counted_pieces.h"
#include "store/store.h"

#ifndef SPOOR_VERSION
#error "the build gives the version"
#endif

namespace spoor::app {
namespace {

// Of the memory that the process may use: the rest is for code, stacks, the page cache and what
// is not tracked.
constexpr uint64_t kBudgetPercent = 60;
// A head larger than this makes parts no smaller, and a flush that much longer.
constexpr uint64_t kHeadBytesMax = 48 << 20;
constexpr uint64_t kHeadBytesMin = 4 << 20;
// What metrics queries counted: panels of a day in minutes take 1 to 6 MB each.
constexpr uint64_t kCountedBytesMax = 32 << 20;
constexpr uint64_t kMemoryPerCounted = 32;
// How far a port may move up in a demo.
constexpr uint16_t kPortMovesMax = 50;

uint64_t memory_limit(const Options& options, const os::Resources& resources) {
  uint64_t configured = options.number("memory.limit");
  return configured != 0 ? configured : resources.memory_bytes / 100 * kBudgetPercent;
}

uint64_t head_bytes(const Options& options, uint64_t memory_limit_bytes) {
  uint64_t configured = options.number("storage.head-bytes");
  return configured != 0 ? configured
                         : std::clamp(memory_limit_bytes / 12, kHeadBytesMin, kHeadBytesMax);
}

uint32_t thread_count(const Options& options, const os::Resources& resources) {
  uint64_t configured = options.number("threads");
  return configured != 0 ? static_cast<uint32_t>(configured) : resources.cores;
}

store::StoreOptions store_options(const Options& options, const std::string& path,
                                  uint64_t memory_limit_bytes, uint32_t threads) {
  store::StoreOptions store;
  store.path = path;
  if (auto interval = options.choice_nanos("wal.sync")) {
    store.sync_mode = store::SyncMode::Interval;
    store.sync_interval_ms = std::max<uint64_t>(1, *interval / kNanosPerMilli);
  }
  store.head_bytes = head_bytes(options, memory_limit_bytes);
  store.flush_age_ms = options.number("storage.flush-age") / kNanosPerMilli;
  store.shards_per_tenant = threads;
  store.retention_nanos = options.number("storage.retention");
  store.retention_bytes = options.number("storage.retention-bytes");
  store.retention_disk_percent = options.number("storage.retention-disk-percent");
  if (uint64_t reserve = options.number("storage.min-free"); reserve != 0) {
    store.free_bytes_reserve = reserve;
  }
  store.decode = api::decode_record;
  return store;
}

net::TlsFiles tls_files(const Options& options) {
  return {options.text("tls.certificate"), options.text("tls.key"), options.text("tls.client-ca")};
}

}  // namespace

std::string_view version() {
  return SPOOR_VERSION;
}

// Members go in the opposite order of their making: first the server, whose handlers use the
// rest, last the store.
struct Daemon::Road {
  Road(os::World& given_world, uint64_t memory_limit_bytes, uint32_t threads)
      : world(given_world),
        budget(memory_limit_bytes),
        counted(std::min(memory_limit_bytes / kMemoryPerCounted, kCountedBytesMax)),
        queries({.name = "query", .threads = threads, .queue_capacity = 1024}) {}

  void add_routes(const Options& options);

  os::World& world;
  MetricRegistry metrics;
  os::MemoryBudget budget;
  query::CountedPieces counted;
  os::Executor queries;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ingest::Ingest> ingest;
  std::unique_ptr<api::ReceiveOtlp> otlp;
  std::unique_ptr<api::ServeJaeger> jaeger_api;
  std::unique_ptr<api::ServeTempo> tempo_api;
  std::unique_ptr<api::ServeAdmin> admin;
  net::GrpcHealth health;
  net::Router http, otlp_grpc, otlp_http, jaeger, tempo;
  std::unique_ptr<net::Server> server;
};

Daemon::Daemon() = default;

Daemon::~Daemon() {
  if (!road_) return;
  road_->server.reset();
  road_->queries.stop();
}

void Daemon::Road::add_routes(const Options& options) {
  net::CorsPolicy cors;
  cors.origins = options.list("cors.origins");
  for (net::Router* router : {&http, &otlp_grpc, &otlp_http, &jaeger, &tempo}) {
    router->set_cors(cors);
  }
  otlp->add_grpc(otlp_grpc);
  health.add_to(otlp_grpc);
  health.set("opentelemetry.proto.collector.trace.v1.TraceService", net::GrpcHealth::Serving::Yes);
  otlp->add_http(otlp_http, "/v1/traces");
  otlp->add_http(http, "/insert/opentelemetry/v1/traces");
  jaeger_api->add_routes(jaeger, "");
  jaeger_api->add_routes(http, "/select/jaeger");
  tempo_api->add_routes(tempo, "");
  tempo_api->add_routes(http, "/select/tempo");
  // On the ports of the HTTP API: Grafana asks both at one address.
  tempo_api->add_streaming(tempo);
  tempo_api->add_streaming(http);
  admin->add_routes(http);
}

Result<std::unique_ptr<Daemon>> Daemon::start(os::World& world, const Options& options,
                                              const DaemonOptions& daemon_options) {
  os::Resources resources = os::detect_resources();
  uint64_t limit = memory_limit(options, resources);
  uint32_t threads = thread_count(options, resources);
  std::unique_ptr<Daemon> daemon(new Daemon());
  daemon->drain_ms_ = options.number("shutdown.drain") / kNanosPerMilli;
  daemon->road_ = std::make_unique<Road>(world, limit, threads);
  Road& road = *daemon->road_;

  store::StoreOptions store = store_options(options, daemon_options.storage_path, limit, threads);
  store.budget = &road.budget;
  SPOOR_ASSIGN(road.store, store::Store::open(world, store));
  ingest::AdmissionLimits limits;
  uint64_t past = options.number("limits.past");
  limits.past_nanos = past != 0 ? past : options.number("storage.retention");
  limits.future_nanos = options.number("limits.future");
  road.ingest = std::make_unique<ingest::Ingest>(*road.store, limits, road.metrics);
  road.otlp = std::make_unique<api::ReceiveOtlp>(
      *road.ingest, world,
      api::ReceiveOtlp::Options{.request_bytes_max = options.number("limits.request-bytes")});
  const api::QueryPool pool{road.queries, road.budget, road.counted};
  road.jaeger_api = std::make_unique<api::ServeJaeger>(*road.store, road.world, pool);
  road.tempo_api = std::make_unique<api::ServeTempo>(*road.store, road.world, pool,
                                                     "spoor " + std::string(version()));
  road.admin = std::make_unique<api::ServeAdmin>(
      *road.store, *road.ingest, world, road.metrics, road.budget, road.queries,
      api::ServeAdmin::Facts{std::string(version()), daemon_options.storage_path, world.now()});
  road.add_routes(options);
  road.server = std::make_unique<net::Server>(net::ServerOptions{
      .loops = threads, .limits = {}, .budget = &road.budget, .metrics = &road.metrics});
  SPOOR_TRY(daemon->use_tls(world, options));
  SPOOR_TRY(daemon->listen(options, daemon_options.taken_port));
  road.admin->set_ready();
  log_info("ready", {{"version", std::string(version())},
                     {"path", daemon_options.storage_path},
                     {"memory_limit", std::to_string(limit)},
                     {"head_bytes", std::to_string(store.head_bytes)},
                     {"threads", std::to_string(threads)}});
  return daemon;
}

Status Daemon::use_tls(os::World& world, const Options& options) {
  net::TlsFiles files = tls_files(options);
  if (files.empty()) return {};
  Status status = road_->server->use_tls(world, files);
  if (status.ok()) return status;
  return Status(status.code(), status.message() +
                                   "; the files are those of --tls.certificate, --tls.key and "
                                   "--tls.client-ca");
}

Status Daemon::listen(const Options& options, TakenPort taken_port) {
  struct Wanted {
    const char* name;
    const char* option;
    const char* what;
    const net::Router* router;
  };
  const Wanted all[] = {
      {"otlp_grpc", "listen.otlp-grpc-port", "OTLP over gRPC", &road_->otlp_grpc},
      {"otlp_http", "listen.otlp-http-port", "OTLP over HTTP", &road_->otlp_http},
      {"jaeger", "listen.jaeger-port", "Jaeger API", &road_->jaeger},
      {"tempo", "listen.tempo-port", "Tempo API", &road_->tempo},
      {"http", "listen.http-port", "everything over HTTP", &road_->http},
  };
  for (const Wanted& wanted : all) {
    BoundPort bound{wanted.name, wanted.option, wanted.what,
                    static_cast<uint16_t>(options.number(wanted.option)), 0};
    Status last;
    for (uint32_t move = 0; move <= kPortMovesMax && bound.wanted + move <= 65535; ++move) {
      Result<uint16_t> port =
          road_->server->listen({.name = wanted.name,
                                 .host = options.text("listen.host"),
                                 .port = static_cast<uint16_t>(bound.wanted + move),
                                 .router = wanted.router});
      last = port.status();
      if (port.ok()) bound.port = *port;
      if (port.ok() || taken_port == TakenPort::Refuse) break;
    }
    if (!last.ok()) {
      return Status(last.code(), last.message() + "; choose another with --" + wanted.option);
    }
    ports_.push_back(bound);
  }
  return {};
}

uint16_t Daemon::port(std::string_view name) const {
  auto found = std::ranges::find(ports_, name, &BoundPort::name);
  SPOOR_ASSERT(found != ports_.end());
  return found->port;
}

Status Daemon::stop() {
  road_->admin->set_draining();
  road_->health.set("", net::GrpcHealth::Serving::No);
  if (!road_->server->drain(drain_ms_)) {
    log_warning("requests were cut off after shutdown.drain");
  }
  road_->queries.stop();
  return road_->store->close();
}

}  // namespace spoor::app
