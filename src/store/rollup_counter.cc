#include "store/rollup_counter.h"

#include <algorithm>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

// A cell's key, so that sorting by it gives the order of pages: minute (29 bits) and code.
constexpr unsigned kCodeBits = 32;
static_assert(~uint64_t{0} / kNanosPerMinute >> (64 - kCodeBits) == 0);

uint64_t key_of(uint64_t minute, uint32_t code) {
  return minute << kCodeBits | code;
}
uint64_t minute_of(uint64_t key) {
  return key >> kCodeBits;
}
uint32_t code_of(uint64_t key) {
  return static_cast<uint32_t>(key);
}

uint64_t saturating_add(uint64_t a, uint64_t b) {
  return a + b < a ? ~uint64_t{0} : a + b;
}

// Puts a histogram's buckets, from the first to the last that is not zero, behind the others.
template <typename Durations>
CellHistogram take_histogram(const Durations& durations, std::vector<uint64_t>& counts) {
  CellHistogram place;
  place.sum = durations.sum;
  uint32_t end = kDurationBuckets;
  while (end > 0 && durations.counts[end - 1] == 0) --end;
  while (place.first_bucket < end && durations.counts[place.first_bucket] == 0) {
    ++place.first_bucket;
  }
  if (end == 0) place.first_bucket = 0;
  place.buckets = end - place.first_bucket;
  place.first_count = counts.size();
  counts.insert(counts.end(), durations.counts.begin() + place.first_bucket,
                durations.counts.begin() + end);
  return place;
}

ConnectionType type_of(PeerKind kind) {
  if (kind == PeerKind::Database) return ConnectionType::Database;
  return kind == PeerKind::Messaging ? ConnectionType::Messaging : ConnectionType::Other;
}

}  // namespace

RollupCounter::RollupCounter(std::vector<std::string_view> services) {
  names_.services = std::move(services);
  for (uint32_t i = 0; i < names_.services.size(); ++i) {
    node_codes_.emplace(names_.services[i], i);
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
  auto found = node_codes_.find(name);
  if (found != node_codes_.end()) return found->second;
  // Edges to it would be too many as well.
  if (names_.names.size() >= kRollupNamesMax) return RollupNames::kNone;
  uint32_t of_name = name_of(name);
  uint32_t node = static_cast<uint32_t>(names_.services.size()) + of_name;
  node_codes_.emplace(names_.names[of_name], node);
  return node;
}

uint32_t RollupCounter::operation_of(const SpanFacts& facts, uint32_t of_template) {
  if (of_template == kNoTemplate) return find_operation(facts);
  if (of_template >= operations_of_templates_.size()) {
    operations_of_templates_.resize(of_template + size_t{1}, RollupNames::kNone);
  }
  uint32_t& known = operations_of_templates_[of_template];
  if (known == RollupNames::kNone) known = find_operation(facts);
  return known;
}

uint32_t RollupCounter::find_operation(const SpanFacts& facts) {
  uint64_t place = reinterpret_cast<uintptr_t>(facts.name.data());
  uint32_t& guess = guesses_[(place >> 3 ^ place >> 13 ^ facts.service << 5 ^ facts.kind << 2 ^
                              static_cast<uint32_t>(facts.status)) %
                             kGuesses];
  if (guess < names_.operations.size()) {
    const RollupNames::StoredOperation& known = names_.operations[guess];
    bool is_it = known.service == facts.service && known.kind == facts.kind &&
                 known.status == facts.status && known.name != RollupNames::kNone &&
                 names_.names[known.name] == facts.name;
    if (is_it) return guess;
  }
  OperationKey key{facts.service, facts.kind, facts.status, true, facts.name};
  auto found = operation_codes_.find(key);
  guess = found != operation_codes_.end() ? found->second : new_operation(key);
  return guess;
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

void RollupCounter::Durations::add(uint64_t duration) {
  ++counts[duration_bucket(duration)];
  sum = saturating_add(sum, duration);
}

template <typename Counts>
Counts& RollupCounter::Table<Counts>::at(uint64_t minute, uint32_t code) {
  // No span starts in the largest minute of 64 bits.
  if (code >= last.size()) last.resize(code + size_t{1}, {~uint64_t{0}, 0});
  auto& [last_minute, cell] = last[code];
  if (last_minute != minute) {
    last_minute = minute;
    cell = find(minute, code);
  }
  return cells[cell];
}

template <typename Counts>
uint32_t RollupCounter::Table<Counts>::find(uint64_t minute, uint32_t code) {
  auto [place, inserted] =
      places.try_emplace(key_of(minute, code), static_cast<uint32_t>(cells.size()));
  if (inserted) cells.emplace_back();
  return place->second;
}

template <typename Counts>
std::vector<std::pair<uint64_t, uint32_t>> RollupCounter::Table<Counts>::sorted() const {
  std::vector<std::pair<uint64_t, uint32_t>> entries(places.begin(), places.end());
  std::ranges::sort(entries);
  return entries;
}

template <typename Counts>
void RollupCounter::Table<Counts>::clear() {
  places.clear();
  cells.clear();
  last.clear();
}

void RollupCounter::count_edge(uint32_t client, uint32_t server, ConnectionType type,
                               uint64_t minute, bool is_failed, const uint64_t* client_duration,
                               const uint64_t* server_duration) {
  if (client == server && client != RollupNames::kNone) return;
  if (client == RollupNames::kNone || server == RollupNames::kNone) {
    client = server = RollupNames::kNone;
  }
  EdgeCounts& counts = edges_.at(minute, edge_of(client, server, type));
  ++counts.calls;
  counts.failed += is_failed ? 1 : 0;
  if (client_duration != nullptr) counts.client.add(*client_duration);
  if (server_duration != nullptr) counts.server.add(*server_duration);
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

void RollupCounter::add_operation(const SpanFacts& facts, uint32_t of_template) {
  SPOOR_ASSERT(facts.service < names_.services.size());
  operations_.at(rollup_minute(facts.start), operation_of(facts, of_template))
      .durations.add(rollup_duration(facts.start, facts.duration));
}

void RollupCounter::add_to_trace(const SpanFacts& facts) {
  SPOOR_ASSERT(facts.service < names_.services.size());
  SPOOR_ASSERT(facts.depth <= open_);
  if (facts.depth < open_) close(facts.depth);
  if (open_ == path_.size()) path_.emplace_back();
  Open& row = path_[open_++];
  row.service = facts.service;
  row.kind = facts.kind;
  row.peer_kind = facts.peer_kind;
  row.is_failed = facts.status == RollupStatus::Error;
  row.calls_other_service = false;
  row.minute = rollup_minute(facts.start);
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
  for (const auto& [key, place] : operations_.sorted()) {
    taken.cells.push_back({minute_of(key), code_of(key),
                           take_histogram(operations_.cells[place].durations, taken.counts)});
  }
  operations_.clear();
  return taken;
}

EdgeCells RollupCounter::take_edges() {
  EdgeCells taken;
  for (const auto& [key, place] : edges_.sorted()) {
    const EdgeCounts& counts = edges_.cells[place];
    taken.cells.push_back({minute_of(key), code_of(key), counts.calls, counts.failed,
                           take_histogram(counts.client, taken.counts),
                           take_histogram(counts.server, taken.counts)});
  }
  edges_.clear();
  return taken;
}

}  // namespace spoor::store
