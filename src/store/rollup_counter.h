// Counts spans per minute and operation, and calls per minute and edge: what both the rollups of
// a section and those of the head come from.
//
// A trace is given depth first with depths, so that a stack of the rows on the way from the root
// gives each row its parent. Nothing is allocated per row once its operation, edge and minute
// were seen.
//
// A row whose parent belongs to another service makes an edge from that; one of kind client or
// producer that names a peer, and none of whose children belongs to another service, an edge to
// the peer; a consumer that names a queue, and whose parent belongs to no other service, an edge
// from the queue. A node that a span names and that has the name of a service is that service;
// edges from a service to itself are left out.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "store/rollup_format.h"
#include "store/span_facts.h"

namespace spoor::store {

class RollupCounter {
 public:
  // The views must outlive the counter.
  explicit RollupCounter(std::vector<std::string_view> services);

  // Rows of a trace, which count as operations and for edges.
  // REQUIRES: a depth at most one more than that of the row before it in the trace.
  void begin_trace() { open_ = 0; }
  // `of_template`: a number from 0 on; all rows that are added with it have one service, kind,
  // status and name.
  static constexpr uint32_t kNoTemplate = ~uint32_t{0};
  void add(const SpanFacts& facts, uint32_t of_template = kNoTemplate) {
    add_operation(facts, of_template);
    add_to_trace(facts);
  }
  void end_trace() { close(0); }

  // One of the two by itself.
  void add_operation(const SpanFacts& facts, uint32_t of_template = kNoTemplate);
  void add_to_trace(const SpanFacts& facts);

  // What the counts take; names are not among them.
  size_t size_bytes() const {
    return operations_.cells.size() * (sizeof(OperationCounts) + kPlaceBytes) +
           edges_.cells.size() * (sizeof(EdgeCounts) + kPlaceBytes);
  }
  // What was counted, in order of minute and code; it is forgotten, codes are kept.
  OperationCells take_operations();
  EdgeCells take_edges();

  const RollupNames& names() const { return names_; }

 private:
  // A row on the way from the trace's root to the row in hand.
  struct Open {
    uint32_t service = 0;
    uint32_t kind = 0;
    uint32_t peer = RollupNames::kNone;  // a node
    PeerKind peer_kind = PeerKind::None;
    bool is_failed = false;
    bool calls_other_service = false;
    uint64_t minute = 0;
    uint64_t duration = 0;
  };
  // 32 bits hold what is counted between two calls of take_...(): a section is written by then.
  struct Durations {
    uint64_t sum = 0;
    std::array<uint32_t, kDurationBuckets> counts{};
    void add(uint64_t duration);
  };
  struct OperationCounts {
    Durations durations;
  };
  struct EdgeCounts {
    uint64_t calls = 0;
    uint64_t failed = 0;
    Durations client, server;
  };
  // Cells lie in order of their first span, so that those of a minute, which are met together,
  // lie together.
  template <typename Counts>
  struct Table {
    boost::unordered_flat_map<uint64_t, uint32_t> places;  // by minute and code
    std::vector<Counts> cells;
    // By code, the minute it was met in last and its cell: rows come nearly in order of time.
    std::vector<std::pair<uint64_t, uint32_t>> last;
    Counts& at(uint64_t minute, uint32_t code);
    uint32_t find(uint64_t minute, uint32_t code);
    // Places in order of minute and code.
    std::vector<std::pair<uint64_t, uint32_t>> sorted() const;
    void clear();
  };
  static constexpr size_t kPlaceBytes = 32;  // of a slot of `places`, at its mean load

  struct OperationKey {
    uint32_t service;
    uint32_t kind;
    RollupStatus status;
    bool has_name;
    std::string_view name;
    bool operator==(const OperationKey&) const = default;
  };
  struct OperationHash {
    using is_avalanching = void;
    size_t operator()(const OperationKey& key) const {
      uint64_t rest = uint64_t{key.service} << 32 ^ uint64_t { key.kind } << 3 ^
                      uint64_t { key.has_name } << 2 ^ static_cast<uint64_t>(key.status);
      return hash_mix(hash64(key.name), rest);
    }
  };
  struct TextHash {
    using is_avalanching = void;
    size_t operator()(std::string_view text) const { return hash64(text); }
  };

  // Ends the rows from this depth on, which is where it shows that they called no other service.
  void close(uint32_t depth);
  void add_call(const Open& parent, const Open& child);
  void count_edge(uint32_t client, uint32_t server, ConnectionType type, uint64_t minute,
                  bool is_failed, const uint64_t* client_duration, const uint64_t* server_duration);

  uint32_t operation_of(const SpanFacts& facts, uint32_t of_template);
  uint32_t find_operation(const SpanFacts& facts);
  uint32_t new_operation(OperationKey key);
  uint32_t edge_of(uint32_t client, uint32_t server, ConnectionType type);
  uint32_t node_of(std::string_view name);
  uint32_t name_of(std::string_view name);

  Arena arena_;  // of the names
  RollupNames names_;
  boost::unordered_flat_map<std::string_view, uint32_t, TextHash> name_codes_;
  boost::unordered_flat_map<std::string_view, uint32_t, TextHash> node_codes_;  // services too
  boost::unordered_flat_map<OperationKey, uint32_t, OperationHash> operation_codes_;
  // By where the name lies, the operation that was met there last. A guess, which is compared:
  // names of shapes and templates keep their place, and a comparison costs less than a hash.
  static constexpr size_t kGuesses = 1024;
  std::array<uint32_t, kGuesses> guesses_{};
  std::vector<uint32_t> operations_of_templates_;  // kNone where none is known yet
  boost::unordered_flat_map<uint64_t, uint32_t> edge_codes_[kConnectionTypes];
  Table<OperationCounts> operations_;
  Table<EdgeCounts> edges_;
  std::vector<Open> path_;
  uint32_t open_ = 0;  // how many of path_ are on the way
};

// end - start, or 0 where that is negative.
constexpr uint64_t rollup_duration(uint64_t start, uint64_t duration) {
  return start + duration < start ? 0 : duration;
}

}  // namespace spoor::store
