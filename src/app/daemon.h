// The server: everything that `serve` runs, put together. Made by start(), ended by stop().
//
// Owns the parts in the order of the road; they go in the opposite order. start() and stop()
// are called by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "os/world.h"

namespace spoor::app {

// What to do about a port that another program has.
enum class TakenPort { Refuse, MoveUp };

struct DaemonOptions {
  std::string storage_path;
  TakenPort taken_port = TakenPort::Refuse;
};

// A port as it was bound.
struct BoundPort {
  std::string name;    // "otlp_grpc"
  std::string option;  // "listen.otlp-grpc-port"
  std::string what;    // "OTLP over gRPC"
  uint16_t wanted = 0;
  uint16_t port = 0;
};

class Daemon {
 public:
  // Opens the store, listens on every port, then says ready. An error names what failed and the
  // option that changes it.
  static Result<std::unique_ptr<Daemon>> start(os::World& world, const Options& options,
                                               const DaemonOptions& daemon_options);
  ~Daemon();

  // Not ready any more, no new connections, requests under way end (shutdown.drain), all spans
  // go into parts, the log is closed.
  Status stop();

  const std::vector<BoundPort>& ports() const { return ports_; }
  uint16_t port(std::string_view name) const;

 private:
  struct Road;
  Daemon();
  Status use_tls(os::World& world, const Options& options);
  Status listen(const Options& options, TakenPort taken_port);

  std::unique_ptr<Road> road_;
  std::vector<BoundPort> ports_;
  uint64_t drain_ms_ = 0;
};

// The version of this build.
std::string_view version();

}  // namespace spoor::app
