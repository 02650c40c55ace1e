#include "store/verify_rollups.h"

#include <algorithm>

#include "base/bytes.h"

namespace spoor::store {
namespace {

Status wrong(std::string_view what, uint64_t expected, uint64_t got) {
  return data_loss("rollups: " + std::string(what) + ": expected " + std::to_string(expected) +
                   ", got " + std::to_string(got));
}

uint64_t saturating_add(uint64_t a, uint64_t b) {
  return a + b < a ? ~uint64_t{0} : a + b;
}

std::string key_of(const Operation& operation) {
  std::string key;
  append_varint(key, operation.kind);
  key.push_back(static_cast<char>(operation.status));
  key.push_back(static_cast<char>(operation.is_other + operation.is_any_service));
  append_sized(key, operation.service);
  key.append(operation.name);
  return key;
}

}  // namespace

RollupCheck::RollupCheck(const SectionRollups& rollups) : rollups_(rollups) {
  for (const Operation& operation : rollups.operations()) {
    by_key_.emplace(key_of(operation), &operation);
  }
}

// By name; else among those that collect the rest.
const Operation* RollupCheck::operation_of(std::string_view service, const Span& span) const {
  Operation operation{.service = service, .name = span.name, .kind = span.kind};
  if (span.status.present && span.status.code <= kStatusError) {
    operation.status = static_cast<RollupStatus>(span.status.code);
  }
  auto find = [&] {
    auto found = by_key_.find(key_of(operation));
    return found == by_key_.end() ? nullptr : found->second;
  };
  if (const Operation* found = find()) return found;
  operation.is_other = true;
  operation.name = {};
  if (const Operation* found = find()) return found;
  operation.is_any_service = true;
  operation.service = {};
  operation.kind = 0;
  return find();
}

void RollupCheck::add(const SpanBatch& trace) {
  for (const Span& span : trace.spans) {
    uint64_t minute = rollup_minute(span.start.value);
    ++rows_of_minute_[minute];
    const Operation* operation = operation_of(trace.resources[span.resource].service_name(), span);
    if (operation == nullptr) {
      ++unknown_;
      continue;
    }
    uint64_t duration = span.end < span.start ? 0 : span.end.value - span.start.value;
    Counted& counted = rows_[{minute, operation}];
    ++counted.buckets[duration_bucket(duration)];
    counted.sum = saturating_add(counted.sum, duration);
  }
}

Status RollupCheck::check_operations() const {
  Counts said;
  SPOOR_TRY(rollups_.visit_operations({}, [&](const OperationMinute& cell) {
    Counted& counted = said[{cell.minute, &cell.operation}];
    for (size_t i = 0; i < cell.durations.counts.size(); ++i) {
      counted.buckets[cell.durations.first_bucket + i] += cell.durations.counts[i];
    }
    counted.sum = saturating_add(counted.sum, cell.durations.sum);
  }));
  if (unknown_ != 0) return wrong("spans of operations that are not named", 0, unknown_);
  if (said.size() != rows_.size()) return wrong("minutes of operations", rows_.size(), said.size());
  for (const auto& [place, counted] : rows_) {
    auto found = said.find(place);
    std::string what = "operation " + std::string(place.second->name) + " of service " +
                       std::string(place.second->service) + " in minute " +
                       std::to_string(place.first);
    if (found == said.end()) return data_loss("rollups: " + what + " is not there");
    if (found->second.buckets != counted.buckets) return data_loss("rollups: counts of " + what);
    if (found->second.sum != counted.sum) return wrong(what, counted.sum, found->second.sum);
  }
  return {};
}

Status RollupCheck::check_edges() const {
  std::map<uint64_t, uint64_t> calls_of_minute;
  Status failed;
  SPOOR_TRY(rollups_.visit_edges({}, [&](const EdgeMinute& cell) {
    calls_of_minute[cell.minute] += cell.calls;
    uint64_t calls_max = std::max({cell.failed, cell.client.count(), cell.server.count()});
    if (calls_max > cell.calls) failed = wrong("calls of an edge", calls_max, cell.calls);
  }));
  SPOOR_TRY(failed);
  for (const auto& [minute, calls] : calls_of_minute) {
    auto rows = rows_of_minute_.find(minute);
    // A span is called by its parent, and may call a peer itself.
    uint64_t calls_max = rows == rows_of_minute_.end() ? 0 : 2 * rows->second;
    if (calls > calls_max) return wrong("calls of a minute at most", calls_max, calls);
  }
  return {};
}

Status RollupCheck::check() const {
  SPOOR_TRY(check_operations());
  return check_edges();
}

}  // namespace spoor::store
