// Minute rollups: what a section says of its spans per minute, and their reading over a
// snapshot. The bytes are in docs/format/part.md, "Rollups"; sections write them with their rows
// (rollup_builder.h), the head's are counted from its rows when they are asked for.
//
// Minutes are right-closed: minute m is the time after m minutes since 1970 up to m + 1 minutes,
// so that intervals named by their ends, as those of metrics queries are, are sums of minutes.
// Two tables. Operations: for each (minute of the span's start, service, name, kind, status) the
// spans' durations. Edges of the service graph: for each (minute, client, server, type) the
// calls, how many failed, and the durations that either side measured.
//
// What counts is what is stored: spans that are equal in every field and lie in two sections, or
// in a section and the head, count twice until a merge brings them together, and a call whose
// two spans lie in two sections counts only once they are in one.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace spoor::store {

struct Snapshot;

// The minute that a time belongs to.
constexpr uint64_t rollup_minute(uint64_t nanos) {
  return nanos == 0 ? 0 : (nanos - 1) / kNanosPerMinute;
}

// From `from` to before `to`. Rollups know whole minutes: those that the range touches count.
struct TimeRange {
  UnixNanos from{0};
  UnixNanos to{~uint64_t{0}};

  bool is_empty() const { return from >= to; }
  uint64_t first_minute() const { return rollup_minute(from.value); }
  uint64_t last_minute() const { return is_empty() ? 0 : rollup_minute(to.value - 1); }
};

// A span's status code as rollups keep it; numbers that OTLP does not know count as Unset.
enum class RollupStatus : uint8_t { Unset = 0, Ok = 1, Error = 2 };

// Numbers are stored.
enum class ConnectionType : uint8_t {
  Call = 0,
  Messaging = 1,
  Database = 2,
  Other = 3,  // a node that is known by peer.service only
};
constexpr uint8_t kConnectionTypes = 4;

// What spans are counted by. `is_other`: the section has more operations than it may keep apart
// (kRollupOperationsMax); this one collects the rest of the service, kind and status, and has no
// name. `is_any_service` then means that even that was too many.
struct Operation {
  std::string_view service;
  std::string_view name;
  uint32_t kind = 0;  // the sender's number
  RollupStatus status = RollupStatus::Unset;
  bool is_other = false;
  bool is_any_service = false;
  bool operator==(const Operation&) const = default;
};

// `is_other`: one of the edges beyond kRollupEdgesMax, of the type, without names.
struct Edge {
  std::string_view client;
  std::string_view server;
  ConnectionType type = ConnectionType::Call;
  bool is_other = false;
  bool operator==(const Edge&) const = default;
};

// Durations in buckets by powers of two: bucket b counts those above 2^(b-1) up to 2^b
// nanoseconds; bucket 0 those of 0 and 1, among them spans that end before they start.
constexpr uint32_t kDurationBuckets = 65;
constexpr uint32_t duration_bucket(uint64_t nanos) {
  return nanos == 0 ? 0 : static_cast<uint32_t>(std::bit_width(nanos - 1));
}
struct DurationHistogram {
  uint64_t sum = 0;  // of the durations in nanoseconds; stays at the largest number
  uint32_t first_bucket = 0;
  std::span<const uint64_t> counts;  // of first_bucket and those that follow; the rest are zero

  uint64_t count() const;
};

// One cell. References and views are lent for the call; an Operation or Edge keeps its address
// while one section or the head is visited.
struct OperationMinute {
  uint64_t minute = 0;  // since 1970
  const Operation& operation;
  DurationHistogram durations;
};
struct EdgeMinute {
  uint64_t minute = 0;  // of the start of the server's span; of the client's where there is none
  const Edge& edge;
  uint64_t calls = 0;
  uint64_t failed = 0;
  DurationHistogram client;  // of the calls whose client span is of kind client or producer
  DurationHistogram server;  // none of virtual nodes
};
using OperationVisitor = std::function<void(const OperationMinute&)>;
using EdgeVisitor = std::function<void(const EdgeMinute&)>;

// Why an answer may lack something, as in FoundTrace; empty if it is whole.
using Missing = std::vector<std::string>;

// Gives all cells of the minutes that the range touches, in no order; the same minute and
// operation may come several times, and are to be added up.
Missing visit_rollups(const Snapshot& snapshot, const TimeRange& range,
                      const OperationVisitor& visitor);
Missing visit_edges(const Snapshot& snapshot, const TimeRange& range, const EdgeVisitor& visitor);

}  // namespace spoor::store
