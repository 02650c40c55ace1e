// What operators and orchestrators ask: /health, /ready, /metrics, /status, and
// POST /internal/force_flush and /internal/force_merge.
#pragma once

#include <atomic>
#include <string>

#include "base/metric.h"
#include "ingest/ingest.h"
#include "net/net.h"
#include "os/executor.h"
#include "os/memory_budget.h"
#include "os/world.h"
#include "store/store.h"

namespace spoor::api {

// Everything lives as long as the router. Thread-safe.
class ServeAdmin {
 public:
  struct Facts {
    std::string version;
    std::string data_path;
    UnixNanos started;
  };
  ServeAdmin(store::Store& store, const ingest::Ingest& ingest, os::World& world,
             MetricRegistry& metrics, os::MemoryBudget& budget, os::Executor& queries, Facts facts);

  void add_routes(net::Router& router);

  // /ready answers 200 between the two.
  void set_ready() { ready_ = true; }
  void set_draining() { ready_ = false; }

 private:
  std::string status_json();
  std::string expose_metrics();

  store::Store& store_;
  const ingest::Ingest& ingest_;
  os::World& world_;
  MetricRegistry& metrics_;
  os::MemoryBudget& budget_;
  os::Executor& queries_;
  const Facts facts_;
  std::atomic<bool> ready_{false};
};

}  // namespace spoor::api
