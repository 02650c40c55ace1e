#include "query/metrics.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "query/metrics_exemplars.h"
#include "query/metrics_scan.h"
#include "query/metrics_stages.h"
#include "query/metrics_traces.h"
#include "traceql/named_fields.h"

namespace spoor::query {
namespace {

class MetricsQuery {
 public:
  MetricsQuery(std::span<const store::Snapshot> snapshots, const MetricsRequest& request,
               const MetricsHints& hints, QueryContext& context)
      : snapshots_(snapshots),
        request_(request),
        hints_(hints),
        context_(context),
        fields_(traceql::named_fields(request.query)) {
    result_.intervals = request.intervals;
    size_t wanted = hints.exemplars.value_or(request.exemplars);
    if (!request.intervals.is_instant()) exemplars_ = std::min(wanted, kMetricsExemplarsMax);
  }

  Result<MetricsResult> run() {
    SPOOR_ASSIGN(MetricsSeriesList series, series_of(*request_.query.metrics));
    std::erase_if(series, [](const MetricsSeries& one) { return !has_points(one); });
    sort_series(series);
    if (series.size() > request_.series_max) {
      result_.series_left_out = series.size() - request_.series_max;
      series.resize(request_.series_max);
    }
    for (MetricsSeries& one : series) finish_exemplars(one);
    std::ranges::sort(work_.missing);
    work_.missing.erase(std::ranges::unique(work_.missing).begin(), work_.missing.end());
    result_.series = std::move(series);
    result_.missing = std::move(work_.missing);
    result_.spans_counted = work_.spans;
    return std::move(result_);
  }

 private:
  Result<MetricsSeriesList> series_of(const traceql::MetricsExpression& node) {  // NOLINT
    MetricsSeriesList series;
    if (node.kind == traceql::MetricsExpression::Kind::Aggregate) {
      SPOOR_ASSIGN(series, counted(node));
    } else {
      SPOOR_ASSERT(node.operands.size() == 2);
      MetricsOperand left, right;
      for (auto [operand, side] :
           {std::pair(&node.operands[0], &left), {&node.operands[1], &right}}) {
        if (operand->kind == traceql::MetricsExpression::Kind::Constant) {
          side->number = &operand->literal;
        } else {
          SPOOR_ASSIGN(side->series, series_of(*operand));
        }
      }
      series = combine(node.op, std::move(left), std::move(right), result_.arena);
    }
    for (const traceql::SecondStage& stage : node.second_stages) {
      series = apply_stage(stage, std::move(series));
    }
    return series;
  }

  Result<MetricsSeriesList> counted(const traceql::MetricsExpression& node) {
    SPOOR_ASSIGN(auto plan, MetricsPlan::make(node, hints_));
    MetricsTable table(*plan, request_.intervals);
    for (const store::Snapshot& snapshot : snapshots_) {
      SPOOR_TRY(count(snapshot, *plan, table));
    }
    for (const store::Snapshot& snapshot : snapshots_) {
      SPOOR_TRY(add_samples(snapshot, *plan, request_.intervals, fields_, exemplars_, context_,
                            table, result_.arena));
    }
    SPOOR_ASSIGN(MetricsSeriesList series, table.finish(result_.arena, context_));
    uint64_t bytes = result_.arena.size_bytes() + table.size_bytes();
    for (const MetricsSeries& one : series) {
      bytes += sizeof(one) + one.values.size() * sizeof(double);
    }
    SPOOR_TRY(context_.charge(bytes));
    return series;
  }

  // Adds what the snapshot's spans count, on the first road that leads to an answer.
  Status count(const store::Snapshot& snapshot, const MetricsPlan& plan, MetricsTable& table) {
    struct Road {
      MetricsRoad road;
      Result<MetricsOutcome> (*count)(const store::Snapshot&, const MetricsPlan&,
                                      const MetricsIntervals&, QueryContext&, MetricsTable&,
                                      MetricsWork&);
    };
    for (const Road& one :
         {Road{MetricsRoad::Rollups, count_rollups}, Road{MetricsRoad::Scan, count_scan}}) {
      if (one.road < request_.first_road) continue;
      MetricsTable counted(plan, request_.intervals);
      SPOOR_ASSIGN(MetricsOutcome outcome,
                   one.count(snapshot, plan, request_.intervals, context_, counted, work_));
      if (outcome == MetricsOutcome::Counted) {
        result_.road = std::max(result_.road, one.road);
        table.add(std::move(counted));
        return table.check_groups();
      }
    }
    result_.road = MetricsRoad::Traces;
    return count_traces(snapshot, plan, request_.intervals, context_, table, work_);
  }

  // Exemplars of functions that count lie on the line of their series.
  void finish_exemplars(MetricsSeries& series) const {
    for (MetricsExemplar& exemplar : series.exemplars) {
      double point = series.values[request_.intervals.of(exemplar.time)];
      if (std::isnan(exemplar.value)) exemplar.value = point;
      if (std::isnan(point)) exemplar.value = point;
    }
    std::erase_if(series.exemplars,
                  [](const MetricsExemplar& one) { return std::isnan(one.value); });
    std::ranges::stable_sort(series.exemplars, {}, &MetricsExemplar::time);
  }

  const std::span<const store::Snapshot> snapshots_;
  const MetricsRequest& request_;
  const MetricsHints& hints_;
  QueryContext& context_;
  const std::vector<traceql::Field> fields_;
  size_t exemplars_ = 0;
  MetricsWork work_;
  MetricsResult result_;
};

}  // namespace

Result<MetricsResult> metrics(std::span<const store::Snapshot> snapshots,
                              const MetricsRequest& request, QueryContext& context) {
  SPOOR_ASSERT(request.query.metrics.has_value());
  const MetricsHints hints = MetricsHints::of(request.query.hints);
  return MetricsQuery(snapshots, request, hints, context).run();
}

}  // namespace spoor::query
