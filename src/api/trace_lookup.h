// What every "trace by id" endpoint does before it writes its own answer: reads the id and the
// tenant, asks the store on the query pool, and passes on what was found.
#pragma once

#include <functional>

#include "net/net.h"
#include "os/executor.h"
#include "store/store.h"

namespace spoor::api {

class TraceLookup {
 public:
  TraceLookup(store::Store& store, os::Executor& queries) : store_(store), queries_(queries) {}

  // `answer` is called once, on a thread of the pool or on this one, with the trace (no spans if
  // it is not known) or an error: InvalidArgument for a bad id or tenant, Unavailable when too
  // many queries wait. The id is the path parameter `id`.
  using Answer = std::function<net::Response(const Result<store::FoundTrace>&)>;
  void run(const net::ExchangePtr& exchange, Answer answer);

 private:
  Result<store::FoundTrace> find(const net::RequestHead& head);

  store::Store& store_;
  os::Executor& queries_;
};

}  // namespace spoor::api
