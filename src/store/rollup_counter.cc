#include "store/rollup_counter.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// A counter's key, so that sorting by it gives the order of pages:
// minute (29 bits) | code (26 bits) | side (2 bits) | bucket (7 bits).
constexpr unsigned kBucketBits = 7;
constexpr unsigned kSideBits = 2;
constexpr unsigned kCodeBits = 26;
constexpr unsigned kCodeShift = kBucketBits + kSideBits;
constexpr unsigned kMinuteShift = kCodeShift + kCodeBits;
static_assert(~uint64_t{0} / kNanosPerMinute >> (64 - kMinuteShift) == 0);
static_assert(kDurationBuckets <= 1 << kBucketBits);
static_assert(kRollupOperationsMax + kRollupOtherOperationsMax + 3 <= 1 << kCodeBits);

uint64_t key_of(uint64_t minute, uint32_t code) {
  return minute << kMinuteShift | uint64_t{code} << kCodeShift;
}
uint64_t minute_of(uint64_t key) {
  return key >> kMinuteShift;
}
uint32_t code_of(uint64_t key) {
  return static_cast<uint32_t>(key >> kCodeShift & ((1 << kCodeBits) - 1));
}
uint32_t side_of(uint64_t key) {
  return static_cast<uint32_t>(key >> kBucketBits & ((1 << kSideBits) - 1));
}
uint32_t bucket_of(uint64_t key) {
  return static_cast<uint32_t>(key & ((1 << kBucketBits) - 1));
}

uint64_t saturating_add(uint64_t a, uint64_t b) {
  return a + b < a ? ~uint64_t{0} : a + b;
}

template <typename Counters>
auto sorted(const Counters& counters) {
  std::vector<std::pair<uint64_t, typename Counters::mapped_type>> entries(counters.begin(),
                                                                           counters.end());
  std::ranges::sort(entries, {}, [](const auto& entry) { return entry.first; });
  return entries;
}

// Puts the next bucket of a histogram behind those before it. Buckets come ascending.
void add_bucket(CellHistogram& place, uint32_t bucket, uint64_t count, uint64_t sum,
                std::vector<uint64_t>& counts) {
  if (place.buckets == 0) {
    place.first_bucket = bucket;
    place.first_count = counts.size();
  }
  place.buckets = bucket - place.first_bucket + 1;
  counts.resize(place.first_count + place.buckets);
  counts.back() = count;
  place.sum = saturating_add(place.sum, sum);
}

ConnectionType type_of(PeerKind kind) {
  if (kind == PeerKind::Database) return ConnectionType::Database;
  return kind == PeerKind::Messaging ? ConnectionType::Messaging : ConnectionType::Other;
}

}  // namespace

RollupCounter::RollupCounter(std::vector<std::string_view> services) {
  names_.services = std::move(services);
  for (uint32_t i = 0; i < names_.services.size(); ++i) {
    service_codes_.emplace(names_.services[i], i);
  }
}

uint32_t RollupCounter::name_of(std::string_view name) {
  auto found = name_codes_.find(name);
  if (found != name_codes_.end()) return found->second;
  uint32_t code = static_cast<uint32_t>(names_.names.size());
  names_.names.push_back(arena_.copy(name));
  name_codes_.emplace(names_.names.back(), code);
  return code;
}

uint32_t RollupCounter::node_of(std::string_view name) {
  auto service = service_codes_.find(name);
  if (service != service_codes_.end()) return service->second;
  // Edges to it would be too many as well.
  if (names_.names.size() >= kRollupNamesMax && !name_codes_.contains(name)) {
    return RollupNames::kNone;
  }
  return static_cast<uint32_t>(names_.services.size()) + name_of(name);
}

uint32_t RollupCounter::operation_of(const SpanFacts& facts) {
  OperationKey key{facts.service, facts.kind, facts.status, true, facts.name};
  auto found = operation_codes_.find(key);
  return found != operation_codes_.end() ? found->second : new_operation(key);
}

uint32_t RollupCounter::new_operation(OperationKey key) {
  RollupNames::StoredOperation operation{key.service, RollupNames::kNone, key.kind, key.status};
  if (names_.operations.size() < kRollupOperationsMax) {
    operation.name = name_of(key.name);
    key.name = names_.names[operation.name];
  } else {
    if (names_.operations.size() >= kRollupOperationsMax + kRollupOtherOperationsMax) {
      key.service = operation.service = RollupNames::kNone;
      key.kind = operation.kind = 0;
    }
    key.has_name = false;
    key.name = {};
    auto found = operation_codes_.find(key);
    if (found != operation_codes_.end()) return found->second;
  }
  uint32_t code = static_cast<uint32_t>(names_.operations.size());
  names_.operations.push_back(operation);
  operation_codes_.emplace(key, code);
  return code;
}

uint32_t RollupCounter::edge_of(uint32_t client, uint32_t server, ConnectionType type) {
  auto& codes = edge_codes_[static_cast<size_t>(type)];
  auto key = [&] { return uint64_t{client} << 32 | server; };
  auto found = codes.find(key());
  if (found != codes.end()) return found->second;
  if (names_.edges.size() >= kRollupEdgesMax) {
    client = server = RollupNames::kNone;
    found = codes.find(key());
    if (found != codes.end()) return found->second;
  }
  uint32_t code = static_cast<uint32_t>(names_.edges.size());
  names_.edges.push_back({client, server, type});
  codes.emplace(key(), code);
  return code;
}

void RollupCounter::count_duration(Counters& counters, uint64_t key, uint64_t duration) {
  Counts& counts = counters[key | static_cast<uint64_t>(std::bit_width(duration))];
  ++counts.first;
  counts.second = saturating_add(counts.second, duration);
}

void RollupCounter::count_edge(uint32_t client, uint32_t server, ConnectionType type,
                               uint64_t minute, bool is_failed, const uint64_t* client_duration,
                               const uint64_t* server_duration) {
  if (client == server && client != RollupNames::kNone) return;
  if (client == RollupNames::kNone || server == RollupNames::kNone) {
    client = server = RollupNames::kNone;
  }
  uint64_t key = key_of(minute, edge_of(client, server, type));
  Counts& counts = edge_counts_[key];
  ++counts.first;
  counts.second += is_failed ? 1 : 0;
  auto of_side = [&](Side side) { return key | static_cast<uint64_t>(side) << kBucketBits; };
  if (client_duration != nullptr) {
    count_duration(edge_counts_, of_side(Side::Client), *client_duration);
  }
  if (server_duration != nullptr) {
    count_duration(edge_counts_, of_side(Side::Server), *server_duration);
  }
}

void RollupCounter::add_call(const Open& parent, const Open& child) {
  bool by_message = parent.kind == kKindProducer || child.kind == kKindConsumer;
  bool measured = parent.kind == kKindClient || parent.kind == kKindProducer;
  count_edge(parent.service, child.service,
             by_message ? ConnectionType::Messaging : ConnectionType::Call, child.minute,
             parent.is_failed || child.is_failed, measured ? &parent.duration : nullptr,
             &child.duration);
}

void RollupCounter::close(uint32_t depth) {
  while (open_ > depth) {
    const Open& row = path_[--open_];
    if (row.peer_kind == PeerKind::None || row.calls_other_service) continue;
    if (row.kind != kKindClient && row.kind != kKindProducer) continue;
    count_edge(row.service, row.peer, type_of(row.peer_kind), row.minute, row.is_failed,
               &row.duration, nullptr);
  }
}

void RollupCounter::add_operation(const SpanFacts& facts) {
  SPOOR_ASSERT(facts.service < names_.services.size());
  count_duration(operation_counts_, key_of(facts.start / kNanosPerMinute, operation_of(facts)),
                 rollup_duration(facts.start, facts.duration));
}

void RollupCounter::add(const SpanFacts& facts) {
  add_operation(facts);
  SPOOR_ASSERT(facts.depth <= open_);
  if (facts.depth < open_) close(facts.depth);
  if (open_ == path_.size()) path_.emplace_back();
  Open& row = path_[open_++];
  row.service = facts.service;
  row.kind = facts.kind;
  row.peer_kind = facts.peer_kind;
  row.is_failed = facts.status == RollupStatus::Error;
  row.calls_other_service = false;
  row.minute = facts.start / kNanosPerMinute;
  row.duration = rollup_duration(facts.start, facts.duration);
  if (row.peer_kind != PeerKind::None) row.peer = node_of(facts.peer);
  if (facts.depth > 0) {
    Open& parent = path_[facts.depth - 1];
    if (parent.service != row.service) {
      parent.calls_other_service = true;
      add_call(parent, row);
      return;
    }
  }
  if (row.kind == kKindConsumer && row.peer_kind == PeerKind::Messaging) {
    count_edge(row.peer, row.service, ConnectionType::Messaging, row.minute, row.is_failed, nullptr,
               &row.duration);
  }
}

OperationCells RollupCounter::take_operations() {
  OperationCells taken;
  for (const auto& [key, counts] : sorted(operation_counts_)) {
    uint64_t minute = minute_of(key);
    uint32_t code = code_of(key);
    if (taken.cells.empty() || taken.cells.back().minute != minute ||
        taken.cells.back().code != code) {
      taken.cells.push_back({minute, code, {}});
    }
    add_bucket(taken.cells.back().durations, bucket_of(key), counts.first, counts.second,
               taken.counts);
  }
  operation_counts_.clear();
  return taken;
}

EdgeCells RollupCounter::take_edges() {
  EdgeCells taken;
  for (const auto& [key, counts] : sorted(edge_counts_)) {
    // The calls of a cell sort before its buckets.
    Side side = static_cast<Side>(side_of(key));
    if (side == Side::Calls) {
      EdgeCell& cell = taken.cells.emplace_back();
      cell.minute = minute_of(key);
      cell.code = code_of(key);
      cell.calls = counts.first;
      cell.failed = counts.second;
      continue;
    }
    EdgeCell& cell = taken.cells.back();
    add_bucket(side == Side::Client ? cell.client : cell.server, bucket_of(key), counts.first,
               counts.second, taken.counts);
  }
  edge_counts_.clear();
  return taken;
}

}  // namespace spoor::store
