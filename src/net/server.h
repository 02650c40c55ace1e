// The HTTP server: listeners, event loops, connections.
//
// Every port speaks HTTP/1.1 and HTTP/2: without TLS by prior knowledge, with it (use_tls) by
// what the client offers. Each loop is one thread
// ("net-0", ...) and owns its connections; a listener hands new ones to the loops in turn.
// Handlers run on a loop's thread and must not block it: long work goes to an executor, which
// answers through the exchange.
//
// The router, budget and metrics must outlive the server and all exchanges.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/metric.h"
#include "base/status.h"
#include "net/limits.h"
#include "net/router.h"
#include "net/tls.h"
#include "os/memory_budget.h"

namespace spoor::net {

struct ServerOptions {
  size_t loops = 0;  // 0: one per core
  Limits limits;
  os::MemoryBudget* budget = nullptr;  // request bodies are charged to it
  MetricRegistry* metrics = nullptr;
};

struct Listener {
  std::string name;  // the label in metrics: "otlp_grpc"
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  const Router* router = nullptr;
};

class Server {
 public:
  explicit Server(ServerOptions options = {});
  // Closes everything at once; drain() first for a polite end.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // All listeners speak TLS only; before the first of them, at most once. The files are looked
  // at again while the server runs, see Limits::tls_check_ms. `world` must outlive the server.
  // InvalidArgument names the file and what is wrong with it.
  Status use_tls(os::World& world, const TlsFiles& files);

  // Binds and accepts from now on; gives the bound port. A port that is taken is
  // FailedPrecondition with the address and the system's reason.
  Result<uint16_t> listen(const Listener& listener);

  // Stops accepting, tells HTTP/2 peers to go (GOAWAY) and HTTP/1.1 peers to close, waits up
  // to `deadline_ms` for the exchanges in flight and closes what is left. True if none was
  // cut off. Not from a loop's thread.
  bool drain(uint64_t deadline_ms);

  uint64_t connections() const;
  uint64_t exchanges_in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor::net
