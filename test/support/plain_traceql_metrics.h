// The oracle of TraceQL metrics: runs the pipeline by plain_traceql.h on every trace, puts each
// span that is left into a list by labels and interval, and works out every point from its list.
// Slow and plain on purpose; shares no code with src/query. Errors of a query are exceptions, and
// so are sums that cancel out so far that their digits mean nothing. Header only.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/plain_metrics_points.h"
#include "support/plain_metrics_stages.h"
#include "support/plain_traceql.h"

namespace spoor::test {

class PlainMetrics {
 public:
  // The traces outlive the oracle, and are sorted.
  PlainMetrics(const std::map<std::string, PlainTrace>& traces, PlainRange range)
      : traces_(traces), range_(range), ends_(range.ends()) {
    points_.seconds = range.seconds();
  }

  PlainSeries run(const traceql::Query& query) {
    for (const traceql::Hint& hint : query.hints) {
      if (hint.name == "precision") points_.precision = std::get<double>(hint.value);
      if (hint.name == "extrapolate") extrapolates_ = std::get<bool>(hint.value);
    }
    return plain_without_empty(series_of(*query.metrics));
  }

 private:
  using Values = std::vector<PlainValue>;
  using Lists = std::vector<PlainPoints::Values>;  // by interval
  using Groups = std::map<PlainLabels, Lists>;

  PlainSeries series_of(const traceql::MetricsExpression& node) const {
    PlainSeries series =
        node.kind == traceql::MetricsExpression::Kind::Aggregate ? counted(node) : combined(node);
    for (const traceql::SecondStage& stage : node.second_stages)
      plain_apply(stage, ends_.size(), series);
    return series;
  }

  PlainSeries combined(const traceql::MetricsExpression& node) const {
    using Kind = traceql::MetricsExpression::Kind;
    const traceql::MetricsExpression &a = node.operands[0], &b = node.operands[1];
    if (a.kind == Kind::Constant) return plain_with_number(node, series_of(b));
    if (b.kind == Kind::Constant) return plain_with_number(node, series_of(a));
    return plain_joined(node.op, series_of(a), series_of(b));
  }

  PlainSeries counted(const traceql::MetricsExpression& node) const {
    const traceql::MetricsAggregate& aggregate = node.aggregate;
    Groups groups;
    for (const auto& [id, trace] : traces_) {
      traceql::Query pipeline;
      pipeline.stages = node.stages;
      for (const PlainSpanset& spanset : PlainTraceql(trace).run(pipeline)) {
        for (size_t i : spanset.spans) add(aggregate, trace, i, groups);
      }
    }
    bool counts = aggregate.function <= traceql::MetricsFunction::CountOverTime;
    if (groups.empty() && counts && aggregate.by.empty()) {
      groups[labels_of(aggregate, {}, 0)].resize(ends_.size());
    }
    PlainSeries series;
    for (const auto& [labels, lists] : groups) add_series(aggregate, labels, lists, series);
    return series;
  }

  void add(const traceql::MetricsAggregate& aggregate, const PlainTrace& trace, size_t i,
           Groups& groups) const {
    for (size_t k = 0; k < ends_.size(); ++k) {
      if (!range_.contains(trace.rows[i].span->start.value, ends_[k])) continue;
      PlainValue value = plain('i', 0);
      if (aggregate.field) {
        Values values = trace.values(*aggregate.field, i);
        if (values.empty() || !values.front().is_number()) continue;
        value = values.front();
        if (std::isnan(value.number)) continue;
        if (has_buckets(aggregate) && !points_.has_bucket(value)) continue;
      }
      std::vector<Values> keys;
      for (const traceql::Field& field : aggregate.by) keys.push_back(trace.values(field, i));
      double bucket = aggregate.function == traceql::MetricsFunction::HistogramOverTime
                          ? points_.bucket_of(value)
                          : 0;
      Lists& lists = groups[labels_of(aggregate, keys, bucket)];
      lists.resize(ends_.size());
      lists[k].push_back({value, extrapolates_ ? weight_of(*trace.rows[i].span) : 1});
    }
  }

  // Only thresholds of one digit, "ot=th:X" at the end of the state, are known here.
  static double weight_of(const Span& span) {
    size_t place = span.trace_state.rfind("th:");
    if (place == span.trace_state.npos) return 1;
    return 16.0 / (16 - std::stoi(std::string(span.trace_state.substr(place + 3)), nullptr, 16));
  }

  static bool has_buckets(const traceql::MetricsAggregate& aggregate) {
    return aggregate.function == traceql::MetricsFunction::QuantileOverTime ||
           aggregate.function == traceql::MetricsFunction::HistogramOverTime;
  }

  PlainLabels labels_of(const traceql::MetricsAggregate& aggregate, const std::vector<Values>& keys,
                        double bucket) const {
    PlainLabels labels;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!keys[i].empty()) labels[to_string(aggregate.by[i])] = described(keys[i].front());
    }
    if (aggregate.function == traceql::MetricsFunction::HistogramOverTime) {
      labels["__bucket"] = described(plain('f', bucket));
    } else if (aggregate.function == traceql::MetricsFunction::QuantileOverTime) {
      return labels;
    } else if (aggregate.by.empty()) {
      labels["__name__"] = "s" + std::string(traceql::name_of(aggregate.function));
    } else if (labels.empty()) {
      labels[to_string(aggregate.by.front())] = described(PlainValue());
    }
    return labels;
  }

  void add_series(const traceql::MetricsAggregate& aggregate, const PlainLabels& labels,
                  const Lists& lists, PlainSeries& series) const {
    if (aggregate.function != traceql::MetricsFunction::QuantileOverTime) {
      for (const PlainPoints::Values& list : lists)
        series[labels].push_back(points_.point(aggregate.function, list));
      return;
    }
    for (double quantile : aggregate.quantiles) {
      PlainLabels of_quantile = labels;
      of_quantile["p"] = described(plain('f', quantile));
      std::vector<double> points;
      for (const PlainPoints::Values& list : lists)
        points.push_back(points_.quantile_of(quantile, list));
      series[of_quantile] = points;
    }
  }

  const std::map<std::string, PlainTrace>& traces_;
  const PlainRange range_;
  const std::vector<__int128> ends_;
  PlainPoints points_;
  bool extrapolates_ = false;
};

}  // namespace spoor::test
