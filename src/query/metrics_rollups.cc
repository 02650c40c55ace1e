#include "query/metrics_rollups.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>

#include "query/metrics_total.h"
#include "query/traceql_evaluate.h"
#include "query/work_sharing.h"
#include "store/head_rollups.h"
#include "store/section_rollups.h"
#include "store/value_codec.h"
#include "traceql/named_fields.h"

namespace spoor::query {
namespace {

using store::Operation;
using store::OperationCell;
using store::OperationCells;
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
  fields.insert(fields.end(), plan.key_fields().begin(), plan.key_fields().end());
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

uint64_t spans_of(std::span<const uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

// Counts one section, or the head.
class RollupCount {
 public:
  RollupCount(const MetricsPlan& plan, const MetricsIntervals& intervals, const Uses& uses)
      : plan_(plan), intervals_(intervals), uses_(uses), table_(plan, intervals_) {}

  // REQUIRES: operations keep their places until the next call.
  void begin_operations(std::span<const Operation> operations) {
    operations_ = operations;
    groups_.assign(operations.size(), {});
  }

  void add(std::span<const OperationCell> cells, const OperationCells& page) {
    for (const OperationCell& cell : cells) {
      add(cell.minute, cell.code, page.histogram(cell.durations));
    }
  }
  void add_alone(const OperationMinute& cell) {
    begin_operations({&cell.operation, 1});
    add(cell.minute, 0, cell.durations);
  }

  // What it has counted. REQUIRES: is_possible().
  CountedPiece take() { return {table_.take_cells(), intervals_.first(), spans_}; }
  bool is_possible() const { return is_possible_; }
  // Why it could not go on.
  Status status() const { return status_.ok() ? table_.check_groups() : status_; }

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

  void add(uint64_t minute, size_t code, const store::DurationHistogram& durations) {
    if (!status_.ok() || !is_possible_) return;
    Group& group = groups_[code];
    if (!group.is_known) decide(operations_[code], group);
    if (!group.counts || !is_possible_) return;
    if (minute != minute_) {
      minute_ = minute;
      interval_ = intervals_.of({(minute + 1) * kNanosPerMinute});
    }
    // Of these the sum says nothing, or a duration is not what a span says of it.
    bool ran_over = durations.sum == UINT64_MAX ||
                    durations.first_bucket + durations.counts.size() == store::kDurationBuckets;
    if (plan_.cell_kind() != MetricsCellKind::Count && ran_over) {
      is_possible_ = false;
      return;
    }
    const uint64_t count = spans_of(durations.counts);
    switch (plan_.cell_kind()) {
      case MetricsCellKind::Count:
        cells_of(group).add_count(interval_, count);
        break;
      case MetricsCellKind::Sum:
        cells_of(group).add_sum(interval_, durations.sum, count);
        break;
      default:
        add_buckets(durations, group);
        return;
    }
    spans_ += count;
  }

  // Bucket 0 has what is left out.
  void add_buckets(const store::DurationHistogram& durations, Group& group) {
    const uint32_t left_out = durations.first_bucket == 0 && !durations.counts.empty() ? 1 : 0;
    auto counts = durations.counts.subspan(left_out);
    const uint64_t spans = spans_of(counts);
    if (spans == 0) return;
    const auto first = MetricsBuckets::power_code(durations.first_bucket + left_out);
    cells_of(group).add_buckets(interval_, first, counts);
    spans_ += spans;
  }

  MetricsCells& cells_of(Group& group) {
    if (group.cells == nullptr) group.cells = &table_.cells(group.key);
    return *group.cells;
  }

  const MetricsPlan& plan_;
  const MetricsIntervals intervals_;
  const Uses uses_;
  MetricsTable table_;
  uint64_t minute_ = ~uint64_t{0};  // of the cell before, and its interval
  size_t interval_ = 0;
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

// Sections are counted by the threads that are free, each into a table for its own time.
class RollupSections {
 public:
  RollupSections(const store::Snapshot& snapshot, const MetricsPlan& plan,
                 const MetricsIntervals& intervals, const Uses& uses, QueryContext& context,
                 MetricsTable& table)
      : snapshot_(snapshot),
        plan_(plan),
        intervals_(intervals),
        uses_(uses),
        context_(context),
        total_(plan, intervals, context, table) {}

  Result<MetricsOutcome> run(MetricsWork& work) {
    RollupCount of_head(plan_, intervals_, uses_);
    store::visit_head_operations(snapshot_, range_of(intervals_),
                                 [&](const OperationMinute& cell) { of_head.add_alone(cell); });
    if (!of_head.is_possible()) return MetricsOutcome::NotPossible;
    SPOOR_TRY(of_head.status());
    SPOOR_TRY(total_.add(of_head.take()));
    SPOOR_TRY(share_work(snapshot_.sections.size(), context_,
                         [&](size_t i) { return count(*snapshot_.sections[i]); }));
    if (!is_possible_) return MetricsOutcome::NotPossible;
    SPOOR_TRY(total_.finish(work));
    work.missing.insert(work.missing.end(), snapshot_.missing.begin(), snapshot_.missing.end());
    return MetricsOutcome::Counted;
  }

 private:
  static store::TimeRange range_of(const MetricsIntervals& intervals) {
    return {intervals.first(), {intervals.last().value + 1}};
  }

  Status count(store::SectionReader& section) {
    if (!is_possible_) return {};
    const store::SectionFooter& footer = section.footer();
    const MetricsTotal::Place place{
        section.number(), CountedPieces::kWholeSection, {footer.start_min}, {footer.end_max}};
    SPOOR_ASSIGN(bool is_known, total_.add_known(place));
    if (is_known) return {};
    const UnixNanos first = std::max(place.first, intervals_.first());
    const UnixNanos last = std::min(place.last, intervals_.last());
    if (first > last) return {};
    auto rollups = section.rollups();
    // Rows may be readable where rollups are not.
    if (!rollups.ok()) return hand_over();
    const MetricsIntervals of_section = intervals_.part(first, last);
    if (!(*rollups)->touches(range_of(of_section))) return {};
    Result<bool> exact = is_exact(section, uses_);
    if (!exact.ok() || !*exact) return hand_over();
    RollupCount counter(plan_, of_section, uses_);
    counter.begin_operations((*rollups)->operations());
    Status visited = (*rollups)->visit_operation_cells(
        range_of(of_section), [&](std::span<const OperationCell> cells,
                                  const OperationCells& page) { counter.add(cells, page); });
    if (!visited.ok()) return hand_over();
    if (!counter.is_possible()) return hand_over();
    SPOOR_TRY(counter.status());
    return total_.add(place, counter.take());
  }

  // To a road that reads rows.
  Status hand_over() {
    is_possible_ = false;
    return {};
  }

  const store::Snapshot& snapshot_;
  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  const Uses uses_;
  QueryContext& context_;
  std::atomic<bool> is_possible_{true};
  MetricsTotal total_;
};

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
  return RollupSections(snapshot, plan, intervals, *uses, context, table).run(work);
}

}  // namespace spoor::query
