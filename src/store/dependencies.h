// Which service calls which, summed over time: the edges of the service graph without minutes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/rollup.h"

namespace spoor::store {

// Both ends by name. An end of a messaging, database or other connection may be no service that
// sends spans but one that spans name: a queue, a database, a peer.
struct Dependency {
  std::string parent;  // the client
  std::string child;   // the server
  ConnectionType type = ConnectionType::Call;
  uint64_t calls = 0;
  uint64_t failed = 0;
  bool operator==(const Dependency&) const = default;
};

struct Dependencies {
  std::vector<Dependency> edges;  // ordered by parent, child, type; each once
  uint64_t calls_left_out = 0;    // of edges beyond the limit of a section (kRollupEdgesMax)
  Missing missing;
};

// The calls of all minutes that [from, to) touches. Spans that are equal in every field and lie
// in two sections count twice until they are merged.
Dependencies dependencies(const Snapshot& snapshot, UnixNanos from, UnixNanos to);

}  // namespace spoor::store
