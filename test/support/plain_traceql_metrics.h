// The oracle of TraceQL metrics: runs the pipeline by plain_traceql.h on every trace, puts each
// span that is left into a list by labels and interval, and works out every point from its list.
// Slow and plain on purpose; shares no code with src/query. Errors of a query are exceptions, and
// so are sums that cancel out so far that their digits mean nothing. Header only.
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/plain_traceql.h"

namespace spoor::test {

struct PlainRange {
  uint64_t start = 0, end = 0, step = 0;  // nanoseconds
  bool is_instant = false;                // NOLINT: as the API has it

  // The ends of the intervals.
  std::vector<__int128> ends() const {
    if (is_instant) return {end};
    std::vector<__int128> result;
    __int128 last = (static_cast<__int128>(end) + step - 1) / step * step;
    for (__int128 t = start / step * step; t <= last; t += step) result.push_back(t);
    return result;
  }
  bool contains(uint64_t time, __int128 interval_end) const {
    if (is_instant) return time >= start && time <= end;
    return time > interval_end - step && time <= interval_end;
  }
  double seconds() const { return static_cast<double>(is_instant ? end - start : step) / 1e9; }
};

// By name; a name is there once.
using PlainLabels = std::map<std::string, std::string>;
// By labels; NaN where there is no point.
using PlainSeries = std::map<PlainLabels, std::vector<double>>;

class PlainMetrics {
 public:
  // The traces outlive the oracle, and are sorted.
  PlainMetrics(const std::map<std::string, PlainTrace>& traces, PlainRange range)
      : traces_(traces), range_(range), ends_(range.ends()) {}

  PlainSeries run(const traceql::Query& query) {
    for (const traceql::Hint& hint : query.hints) {
      if (hint.name == "precision") precision_ = std::get<double>(hint.value);
    }
    return without_empty(series_of(*query.metrics));
  }

 private:
  using Values = std::vector<PlainValue>;
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  // By labels, then by interval.
  using Groups = std::map<PlainLabels, std::vector<Values>>;

  PlainSeries series_of(const traceql::MetricsExpression& node) const {
    PlainSeries series =
        node.kind == traceql::MetricsExpression::Kind::Aggregate ? counted(node) : combined(node);
    for (const traceql::SecondStage& stage : node.second_stages) apply(stage, series);
    return series;
  }

  static PlainSeries without_empty(PlainSeries series) {
    std::erase_if(series, [](const auto& entry) {
      for (double value : entry.second) {
        if (!std::isnan(value)) return false;
      }
      return true;
    });
    return series;
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
        if (has_buckets(aggregate) && !has_bucket(value)) continue;
      }
      std::vector<Values> keys;
      for (const traceql::Field& field : aggregate.by) keys.push_back(trace.values(field, i));
      double bucket =
          aggregate.function == traceql::MetricsFunction::HistogramOverTime ? bucket_of(value) : 0;
      std::vector<Values>& lists = groups[labels_of(aggregate, keys, bucket)];
      lists.resize(ends_.size());
      lists[k].push_back(value);
    }
  }

  static bool has_buckets(const traceql::MetricsAggregate& aggregate) {
    return aggregate.function == traceql::MetricsFunction::QuantileOverTime ||
           aggregate.function == traceql::MetricsFunction::HistogramOverTime;
  }
  bool has_bucket(const PlainValue& value) const {
    if (std::isinf(value.number)) return false;
    if (precision_ > 0) return true;
    return value.type == 'f' ? value.number > 0 : value.number >= 2;
  }
  // The upper end.
  double bucket_of(const PlainValue& value) const {
    double end = 1;
    if (precision_ > 0) throw std::runtime_error("ends of precise buckets are not known here");
    while (end < value.number) end *= 2;
    while (end / 2 >= value.number) end /= 2;
    return value.type == 'd' ? end / 1e9 : end;
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
                  const std::vector<Values>& lists, PlainSeries& series) const {
    if (aggregate.function != traceql::MetricsFunction::QuantileOverTime) {
      for (const Values& list : lists) series[labels].push_back(point(aggregate.function, list));
      return;
    }
    for (double quantile : aggregate.quantiles) {
      PlainLabels of_quantile = labels;
      of_quantile["p"] = described(plain('f', quantile));
      std::vector<double> points;
      for (const Values& list : lists) points.push_back(quantile_of(quantile, list));
      series[of_quantile] = points;
    }
  }

  static long double in_seconds(const PlainValue& value, long double number) {
    return value.type == 'd' ? number / 1'000'000'000 : number;
  }

  double point(traceql::MetricsFunction function, const Values& list) const {
    using traceql::MetricsFunction;
    auto count = static_cast<double>(list.size());
    if (function == MetricsFunction::Rate) return count / range_.seconds();
    if (function == MetricsFunction::CountOverTime) return count;
    if (function == MetricsFunction::HistogramOverTime) return count;
    if (list.empty()) return kNone;
    long double least = list.front().number, most = least, real = 0, size = 0;
    __int128 whole = 0;
    for (const PlainValue& value : list) {
      least = std::min(least, value.number);
      most = std::max(most, value.number);
      size += std::abs(value.number);
      if (value.type == 'f') real += value.number;
      if (value.type != 'f') whole += static_cast<__int128>(value.number);
    }
    if (function == MetricsFunction::MinOverTime) {
      return static_cast<double>(in_seconds(list.front(), least));
    }
    if (function == MetricsFunction::MaxOverTime) {
      return static_cast<double>(in_seconds(list.front(), most));
    }
    long double sum = static_cast<long double>(whole) + real;
    bool is_vague = std::isfinite(size) && size > 1'000 * std::abs(sum) && size > 0;
    if (is_vague || size > 1e300L) throw std::runtime_error("a sum that cancels out");
    sum = in_seconds(list.front(), sum);
    return static_cast<double>(function == MetricsFunction::SumOverTime ? sum : sum / count);
  }

  // The number that so many are not above.
  double quantile_of(double quantile, const Values& list) const {
    if (list.empty()) return 0;
    auto wanted = static_cast<size_t>(std::ceil(quantile * static_cast<double>(list.size())));
    wanted = std::max<size_t>(wanted, 1);
    if (precision_ > 0) {
      std::vector<long double> sorted;
      for (const PlainValue& value : list) sorted.push_back(value.number);
      std::sort(sorted.begin(), sorted.end());
      return static_cast<double>(in_seconds(list.front(), sorted[wanted - 1]));
    }
    std::map<double, size_t> buckets;
    for (const PlainValue& value : list) ++buckets[bucket_of(value)];
    long double before = static_cast<long double>(buckets.begin()->first) / 2;
    for (const auto& [end, count] : buckets) {
      if (count >= wanted) {
        auto share = static_cast<long double>(wanted) / static_cast<long double>(count);
        return static_cast<double>(before * std::pow(end / before, share));
      }
      wanted -= count;
      before = end;
    }
    return static_cast<double>(before);
  }

  void apply(const traceql::SecondStage& stage, PlainSeries& series) const {
    for (size_t k = 0; k < ends_.size(); ++k) {
      if (stage.kind == traceql::SecondStage::Kind::Filter) {
        for (auto& [labels, points] : series) {
          if (!plain_order(stage.comparison, points[k], number_of(stage.literal))) {
            points[k] = kNone;
          }
        }
        continue;
      }
      bool is_top = stage.kind == traceql::SecondStage::Kind::TopK;
      std::vector<double> order;
      for (auto& [labels, points] : series) {
        if (!std::isnan(points[k])) order.push_back(points[k]);
      }
      std::sort(order.begin(), order.end());
      if (is_top) std::reverse(order.begin(), order.end());
      if (order.size() <= static_cast<size_t>(stage.count)) continue;
      double last = order[static_cast<size_t>(stage.count) - 1];
      // Which of equal ones are kept is up to their labels' order.
      bool is_tie = order[static_cast<size_t>(stage.count)] == last;
      if (is_tie) throw std::runtime_error("a tie");
      for (auto& [labels, points] : series) {
        if (is_top ? points[k] < last : points[k] > last) points[k] = kNone;
      }
    }
    series = without_empty(series);
  }

  static double number_of(const traceql::Literal& literal) {
    PlainValue value = plain(literal);
    return static_cast<double>(in_seconds(value, value.number));
  }

  static double computed(traceql::Operator op, double a, double b) {
    if (op == traceql::Operator::Add) return a + b;
    if (op == traceql::Operator::Subtract) return a - b;
    if (op == traceql::Operator::Multiply) return a * b;
    return b == 0 ? kNone : a / b;
  }

  PlainSeries combined(const traceql::MetricsExpression& node) const {
    using Kind = traceql::MetricsExpression::Kind;
    const traceql::MetricsExpression &a = node.operands[0], &b = node.operands[1];
    std::string symbol = " " + std::string(traceql::symbol_of(node.op)) + " ";
    PlainSeries result;
    if (a.kind == Kind::Constant || b.kind == Kind::Constant) {
      bool is_left = a.kind == Kind::Constant;
      double number = number_of(is_left ? a.literal : b.literal);
      std::string text = to_string(traceql::FieldExpression::of(is_left ? a.literal : b.literal));
      for (auto& [labels, points] : series_of(is_left ? b : a)) {
        PlainLabels named = labels;
        if (named.contains("__name__")) {
          std::string name = named["__name__"].substr(1);
          named["__name__"] =
              is_left ? "s(" + text + symbol + name + ")" : "s(" + name + symbol + text + ")";
        }
        for (double point : points) {
          if (!std::isnan(point)) {
            point = is_left ? computed(node.op, number, point) : computed(node.op, point, number);
          }
          result[named].push_back(point);
        }
      }
      return result;
    }
    PlainSeries left = series_of(a), right = series_of(b);
    for (const auto& [x, lefts] : left) {
      for (const auto& [y, rights] : right) {
        PlainLabels p = x, q = y;
        bool both = p.erase("__name__") + q.erase("__name__") == 2;
        // A side's series without labels stands in for those that the side does not have.
        bool meets = p == q || (has_labels(right, {}) ? q.empty() && !has_labels(right, p)
                                                      : p.empty() && !has_labels(left, q));
        if (!meets) continue;
        PlainLabels labels = p.empty() ? q : p;
        if (both) {
          labels["__name__"] =
              "s(" + x.at("__name__").substr(1) + symbol + y.at("__name__").substr(1) + ")";
        }
        for (size_t k = 0; k < lefts.size(); ++k) {
          auto or_zero = [](double value) { return std::isnan(value) ? 0 : value; };
          result[labels].push_back(computed(node.op, or_zero(lefts[k]), or_zero(rights[k])));
        }
      }
    }
    return result;
  }

  // Whether a series of the list has these, its name left aside.
  static bool has_labels(const PlainSeries& series, const PlainLabels& labels) {
    for (const auto& [of, points] : series) {
      PlainLabels plain = of;
      plain.erase("__name__");
      if (plain == labels) return true;
    }
    return false;
  }

  const std::map<std::string, PlainTrace>& traces_;
  const PlainRange range_;
  const std::vector<__int128> ends_;
  double precision_ = 0;
};

}  // namespace spoor::test
