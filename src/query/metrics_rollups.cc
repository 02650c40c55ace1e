#include "query/metrics_rollups.h"

#include <algorithm>

#include "query/traceql_evaluate.h"
#include "store/head_rollups.h"
#include "store/section_rollups.h"
#include "store/value_codec.h"
#include "traceql/named_fields.h"

namespace spoor::query {
namespace {

using store::Operation;
using store::OperationMinute;
using traceql::Intrinsic;
using traceql::MetricsFunction;

// What a query asks of operations.
struct Uses {
  bool service = false;
  bool name = false;
  bool kind = false;
  bool status = false;
};

// Nothing if it asks for something else.
std::optional<Uses> uses_of(const MetricsPlan& plan) {
  traceql::Query pipeline;
  pipeline.stages = plan.stages();
  std::vector<traceql::Field> fields = traceql::named_fields(pipeline);
  fields.insert(fields.end(), plan.by().begin(), plan.by().end());
  Uses uses;
  for (const traceql::Field& field : fields) {
    bool is_service = field.kind == traceql::Field::Kind::Attribute &&
                      field.scope == traceql::AttributeScope::Resource &&
                      field.name == "service.name";
    bool is_intrinsic = field.kind == traceql::Field::Kind::Intrinsic;
    if (is_service) {
      uses.service = true;
    } else if (is_intrinsic && field.intrinsic == Intrinsic::Name) {
      uses.name = true;
    } else if (is_intrinsic && field.intrinsic == Intrinsic::Kind) {
      uses.kind = true;
    } else if (is_intrinsic && field.intrinsic == Intrinsic::Status) {
      uses.status = true;
    } else {
      return std::nullopt;
    }
  }
  return uses;
}

bool is_of_rollups(const MetricsPlan& plan) {
  const traceql::MetricsAggregate& aggregate = plan.aggregate();
  switch (plan.cell_kind()) {
    case MetricsCellKind::Count:
      return true;
    case MetricsCellKind::Least:
    case MetricsCellKind::Greatest:
    case MetricsCellKind::PreciseBuckets:
      return false;
    case MetricsCellKind::PowerBuckets:
    case MetricsCellKind::Sum:
      break;
  }
  return aggregate.field == traceql::Field::of(Intrinsic::Duration);
}

// The first one starts after time began, so that no minute is cut.
bool are_minutes(const MetricsIntervals& intervals) {
  uint64_t before = intervals.first().value - 1;
  return !intervals.is_instant() && intervals.step() % kNanosPerMinute == 0 && before != 0 &&
         before % kNanosPerMinute == 0 && intervals.last().value % kNanosPerMinute == 0;
}

bool is_known_status(const store::Shape& shape) {
  return shape.table != store::Table::Span || shape.status <= kStatusError + 1;
}

// A resource whose service has no name has no service.name of another kind.
bool is_named_or_not(const Resource& resource) {
  if (!resource.service_name().empty()) return true;
  const Value* value = find_attribute(resource.attributes, "service.name");
  return value == nullptr || TypedValue::of(*value).is_nil();
}

class RollupCount {
 public:
  RollupCount(const MetricsPlan& plan, const MetricsIntervals& intervals, const Uses& uses,
              MetricsTable& table)
      : plan_(plan), intervals_(intervals), uses_(uses), table_(table) {}

  // REQUIRES: operations keep their places until the next call.
  void begin_operations(std::span<const Operation> operations) {
    operations_ = operations;
    groups_.assign(operations.size(), {});
  }

  void add(const OperationMinute& cell) {
    if (!status_.ok() || !is_possible_) return;
    auto code = static_cast<size_t>(&cell.operation - operations_.data());
    Group& group = groups_[code];
    if (!group.is_known) decide(cell.operation, group);
    if (group.counts && is_possible_) add(cell, group);
  }
  void add_alone(const OperationMinute& cell) {
    begin_operations({&cell.operation, 1});
    add(cell);
  }

  uint64_t spans() const { return spans_; }
  bool is_possible() const { return is_possible_; }
  const Status& status() const { return status_; }

 private:
  struct Group {
    bool is_known = false;
    bool counts = false;
    MetricsKey key;
    MetricsCells* cells = nullptr;  // once something was counted
  };

  void decide(const Operation& operation, Group& group) {
    group.is_known = true;
    bool lacks = (operation.is_other && uses_.name) ||
                 (operation.is_any_service && (uses_.service || uses_.kind));
    if (lacks) {
      is_possible_ = false;
      return;
    }
    KeyValue service{"service.name", Value::of_string(operation.service)};
    SpanBatch batch;
    batch.scopes.emplace_back();
    Resource& resource = batch.resources.emplace_back();
    if (!operation.service.empty()) resource.attributes = {&service, 1};
    Span& span = batch.spans.emplace_back();
    span.name = operation.name;
    span.kind = operation.kind;
    span.status.present = true;
    span.status.code = static_cast<uint32_t>(operation.status);
    span.start = span.end = intervals_.last();
    TraceqlTrace trace(batch);
    status_ = visit_counted(plan_, intervals_, trace,
                            [&](TraceqlTrace&, SpanIndex, const MetricsKey& key) {
                              group.counts = true;
                              group.key = key;
                            });
  }

  void add(const OperationMinute& cell, Group& group) {
    const store::DurationHistogram& durations = cell.durations;
    uint64_t count = durations.count();
    size_t interval = intervals_.of({(cell.minute + 1) * kNanosPerMinute});
    // Of these the sum says nothing, or a duration is not what a span says of it.
    bool ran_over = durations.sum == UINT64_MAX ||
                    durations.first_bucket + durations.counts.size() == store::kDurationBuckets;
    if (plan_.cell_kind() != MetricsCellKind::Count && ran_over) {
      is_possible_ = false;
      return;
    }
    switch (plan_.cell_kind()) {
      case MetricsCellKind::Count:
        cells_of(group).add_count(interval, count);
        break;
      case MetricsCellKind::Sum:
        cells_of(group).add_sum(interval, durations.sum, count);
        break;
      default:
        add_buckets(interval, durations, group);
        return;
    }
    spans_ += count;
  }

  void add_buckets(size_t interval, const store::DurationHistogram& durations, Group& group) {
    for (size_t i = 0; i < durations.counts.size(); ++i) {
      uint32_t bucket = durations.first_bucket + static_cast<uint32_t>(i);
      if (durations.counts[i] == 0 || bucket == 0) continue;
      cells_of(group).add_bucket(interval, MetricsBuckets::power_code(bucket), durations.counts[i]);
      spans_ += durations.counts[i];
    }
  }

  MetricsCells& cells_of(Group& group) {
    if (group.cells == nullptr) group.cells = &table_.cells(group.key);
    return *group.cells;
  }

  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  const Uses uses_;
  MetricsTable& table_;
  std::span<const Operation> operations_;
  std::vector<Group> groups_;  // by operation
  uint64_t spans_ = 0;
  bool is_possible_ = true;
  Status status_;
};

// Whether rollups of the section say what its spans do.
Result<bool> is_exact(store::SectionReader& section, const Uses& uses) {
  if (!uses.service && !uses.status) return true;
  SPOOR_ASSIGN(auto metadata, section.metadata());
  const auto& templates = metadata->templates[static_cast<size_t>(store::Table::Span)];
  auto has_known_status = [](const store::Template& one) { return is_known_status(one.shape); };
  if (uses.status && !std::ranges::all_of(templates, has_known_status)) return false;
  return !uses.service || std::ranges::all_of(metadata->resources, is_named_or_not);
}

bool is_exact(const store::HeadView& head, const Uses& uses) {
  if (uses.status) {
    for (const store::Shape* shape : head.shapes) {
      if (!is_known_status(*shape)) return false;
    }
  }
  Arena arena;
  return !uses.service || std::ranges::all_of(head.resources, [&](std::string_view bytes) {
    return is_named_or_not(store::decode_resource(bytes, arena).value());
  });
}

}  // namespace

Result<MetricsOutcome> count_rollups(const store::Snapshot& snapshot, const MetricsPlan& plan,
                                     const MetricsIntervals& intervals, QueryContext& context,
                                     MetricsTable& table, MetricsWork& work) {
  std::optional<Uses> uses = uses_of(plan);
  if (!uses || !plan.has_filters_only() || !is_of_rollups(plan) || !are_minutes(intervals)) {
    return MetricsOutcome::NotPossible;
  }
  for (const auto& shard : snapshot.shards) {
    if (!is_exact(shard->view(), *uses)) return MetricsOutcome::NotPossible;
  }
  const store::TimeRange range{intervals.first(), {intervals.last().value + 1}};
  RollupCount counter(plan, intervals, *uses, table);
  store::visit_head_operations(snapshot, range,
                               [&](const OperationMinute& cell) { counter.add_alone(cell); });
  for (const auto& section : snapshot.sections) {
    if (context.cancelled()) return cancelled("the query was cancelled");
    auto rollups = section->rollups();
    // Rows may be readable where rollups are not.
    if (!rollups.ok()) return MetricsOutcome::NotPossible;
    if (!(*rollups)->touches(range)) continue;
    Result<bool> exact = is_exact(*section, *uses);
    if (!exact.ok() || !*exact) return MetricsOutcome::NotPossible;
    counter.begin_operations((*rollups)->operations());
    Status visited = (*rollups)->visit_operations(
        range, [&](const OperationMinute& cell) { counter.add(cell); });
    if (!visited.ok() || !counter.is_possible()) return MetricsOutcome::NotPossible;
    SPOOR_TRY(counter.status());
    SPOOR_TRY(table.check_groups());
    SPOOR_TRY(context.charge(table.size_bytes()));
  }
  SPOOR_TRY(counter.status());
  if (!counter.is_possible()) return MetricsOutcome::NotPossible;
  work.spans += counter.spans();
  work.missing.insert(work.missing.end(), snapshot.missing.begin(), snapshot.missing.end());
  return MetricsOutcome::Counted;
}

}  // namespace spoor::query
