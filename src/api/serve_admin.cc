#include "api/serve_admin.h"

#include "base/json_writer.h"
#include "os/resources.h"

namespace spoor::api {
namespace {

void write_parts(JsonWriter& json, const store::StoreStatus& status) {
  uint64_t spans = 0, bytes = 0;
  for (const store::ManifestPart& part : status.manifest.parts) {
    spans += part.spans;
    bytes += part.size_bytes;
  }
  json.key("parts"), json.begin_object();
  json.key("count"), json.number_unsigned(status.manifest.parts.size());
  json.key("spans"), json.number_unsigned(spans);
  json.key("bytes"), json.number_unsigned(bytes);
  json.key("generation"), json.number_unsigned(status.manifest.generation);
  json.key("quarantined"), json.begin_array();
  for (const store::QuarantinedPart& part : status.quarantined) {
    json.begin_object();
    json.key("path"), json.string(part.path);
    json.key("reason"), json.string(part.reason);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_log(JsonWriter& json, const store::StoreStatus& status) {
  json.key("log"), json.begin_object();
  json.key("sync"),
      json.string(status.sync_mode == store::SyncMode::Always ? "always" : "interval");
  json.key("end"), json.string(to_string(status.log_end));
  json.key("acknowledged"), json.string(to_string(status.acknowledged));
  json.key("floor"), json.string(to_string(status.manifest.log_floor));
  json.key("fenced"), json.string(status.fence.message());
  json.key("damages"), json.begin_array();
  for (const store::LogDamage& damage : status.log_damages) {
    json.begin_object();
    json.key("path"), json.string(damage.path);
    json.key("offset"), json.number_unsigned(damage.offset);
    json.key("bytes"), json.number_unsigned(damage.bytes);
    json.key("reason"), json.string(damage.reason);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_merges(JsonWriter& json, const store::MergeStatus& merges) {
  json.key("merges"), json.begin_object();
  json.key("done"), json.number_unsigned(merges.done);
  json.key("parts_in"), json.number_unsigned(merges.parts);
  json.key("spans"), json.number_unsigned(merges.spans);
  json.key("failed"), json.number_unsigned(merges.failed);
  json.key("last_failure"), json.string(merges.last_failure);
  json.key("damaged_parts"), json.number_unsigned(merges.unmergeable);
  if (merges.running.parts > 0) {
    json.key("running"), json.begin_object();
    json.key("day"), json.string(to_string(merges.running.day));
    json.key("parts"), json.number_unsigned(merges.running.parts);
    json.key("bytes"), json.number_unsigned(merges.running.bytes);
    json.end_object();
  }
  json.end_object();
}

void write_retention(JsonWriter& json, const store::StoreStatus& status) {
  json.key("retention"), json.begin_object();
  if (!status.manifest.parts.empty()) {
    json.key("oldest_day"), json.string(to_string(status.manifest.parts.front().day));
    json.key("newest_day"), json.string(to_string(status.manifest.parts.back().day));
  }
  json.key("dropped_days"), json.number_unsigned(status.retention.dropped_days);
  json.key("dropped_spans"), json.number_unsigned(status.retention.dropped_spans);
  json.key("dropped_bytes"), json.number_unsigned(status.retention.dropped_bytes);
  json.key("disk_low"), json.boolean(status.retention.is_disk_low);
  json.end_object();
}

// Who sends spans that are refused for their start time.
void write_out_of_time(JsonWriter& json, const ingest::OutOfTimeByService& counts) {
  json.key("refused_by_time"), json.begin_array();
  for (const auto& [service, refused] : counts) {
    json.begin_object();
    json.key("service"), json.string(service);
    json.key("too_old"), json.number_unsigned(refused.too_old);
    json.key("too_new"), json.number_unsigned(refused.too_new);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

ServeAdmin::ServeAdmin(store::Store& store, const ingest::Ingest& ingest, os::World& world,
                       MetricRegistry& metrics, os::MemoryBudget& budget, os::Executor& queries,
                       Facts facts)
    : store_(store),
      ingest_(ingest),
      world_(world),
      metrics_(metrics),
      budget_(budget),
      queries_(queries),
      facts_(std::move(facts)) {
  metrics_.gauge("spoor_build_info", "the version that runs", {{"version", facts_.version}}).set(1);
}

std::string ServeAdmin::status_json() {
  store::StoreStatus status = store_.status();
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("version"), json.string(facts_.version);
  json.key("started"), json.string(to_rfc3339(facts_.started));
  json.key("now"), json.string(to_rfc3339(world_.now()));
  json.key("ready"), json.boolean(ready_);
  json.key("storage"), json.begin_object();
  json.key("path"), json.string(facts_.data_path);
  json.key("head"), json.begin_object();
  json.key("spans"), json.number_unsigned(status.head_spans);
  json.key("bytes"), json.number_unsigned(status.head_bytes);
  json.end_object();
  write_parts(json, status);
  write_log(json, status);
  write_merges(json, status.merges);
  write_retention(json, status);
  json.key("tenants"), json.begin_array();
  for (const auto& [number, name] : status.manifest.tenants) json.string(name);
  json.end_array();
  json.end_object();
  write_out_of_time(json, ingest_.out_of_time());
  json.key("memory"), json.begin_object();
  json.key("tracked_bytes"), json.number_unsigned(budget_.used_bytes());
  json.key("limit_bytes"), json.number_unsigned(budget_.limit_bytes());
  json.key("resident_bytes"), json.number_unsigned(os::process_facts().resident_bytes);
  json.end_object();
  json.end_object();
  return out;
}

std::string ServeAdmin::expose_metrics() {
  store::StoreStatus status = store_.status();
  uint64_t spans = 0, bytes = 0;
  for (const store::ManifestPart& part : status.manifest.parts) {
    spans += part.spans;
    bytes += part.size_bytes;
  }
  auto gauge = [&](std::string_view name, std::string_view help, uint64_t value) {
    metrics_.gauge(name, help).set(static_cast<int64_t>(value));
  };
  gauge("spoor_storage_spans", "spans in parts", spans);
  gauge("spoor_storage_bytes", "bytes of parts", bytes);
  gauge("spoor_storage_parts", "parts in force", status.manifest.parts.size());
  gauge("spoor_storage_quarantined_parts", "parts that cannot be read", status.quarantined.size());
  gauge("spoor_storage_merges", "merges done since the start", status.merges.done);
  gauge("spoor_storage_failed_merges", "merges failed since the start", status.merges.failed);
  gauge("spoor_storage_dropped_spans", "spans of days that retention dropped since the start",
        status.retention.dropped_spans);
  gauge("spoor_disk_low", "1 while spans are refused for want of free space",
        status.retention.is_disk_low ? 1 : 0);
  gauge("spoor_storage_head_spans", "spans not in parts yet", status.head_spans);
  gauge("spoor_storage_head_bytes", "memory of spans not in parts yet", status.head_bytes);
  gauge("spoor_wal_fenced", "1 while the log cannot be written", status.fence.ok() ? 0 : 1);
  gauge("spoor_memory_used_bytes", "memory charged to the budget", budget_.used_bytes());
  gauge("spoor_memory_limit_bytes", "the budget", budget_.limit_bytes());
  auto space = world_.disk_space(facts_.data_path);
  if (space.ok()) {
    gauge("spoor_disk_free_bytes", "space left for the data directory", space->available_bytes);
  }
  os::ProcessFacts process = os::process_facts();
  gauge("process_resident_memory_bytes", "resident memory", process.resident_bytes);
  gauge("process_open_fds", "open descriptors", process.open_descriptors);
  metrics_.gauge_function("process_cpu_seconds_total", "user and system time",
                          [] { return os::process_facts().cpu_seconds; });
  return metrics_.expose();
}

void ServeAdmin::add_routes(net::Router& router) {
  router.get("/health",
             [](net::ExchangePtr exchange) { exchange->respond(net::text_response(200, "ok\n")); });
  router.get("/ready", [this](net::ExchangePtr exchange) {
    exchange->respond(ready_ ? net::text_response(200, "ready\n")
                             : net::text_response(503, "not ready: starting or stopping\n"));
  });
  router.get("/metrics", [this](net::ExchangePtr exchange) {
    net::Response response = net::text_response(200, expose_metrics());
    response.headers = {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}};
    exchange->respond(std::move(response));
  });
  router.get("/status", [this](net::ExchangePtr exchange) {
    exchange->respond(net::json_response(200, status_json()));
  });
  auto post = [&](const char* path, const char* done, Status (store::Store::*work)()) {
    router.post(path, [this, done, work](net::ExchangePtr exchange) {
      Status submitted = queries_.submit([this, done, work, exchange] {
        Status status = (store_.*work)();
        exchange->respond(status.ok() ? net::text_response(200, done)
                                      : net::status_response(status));
      });
      if (!submitted.ok()) exchange->respond(submitted);
    });
  };
  post("/internal/force_flush", "flushed\n", &store::Store::flush);
  post("/internal/force_merge", "merged\n", &store::Store::merge_all);
}

}  // namespace spoor::api
