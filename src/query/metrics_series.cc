#include "query/metrics_series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "query/metrics_key.h"
#include "query/work_sharing.h"
#include "traceql/names.h"

namespace spoor::query {
namespace {

using traceql::MetricsFunction;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double nanos_as_seconds(double nanos) {
  return nanos / static_cast<double>(kNanosPerSecond);
}

// A group and how often each of its spans counts.
struct Weighted {
  double weight = 1;
  const MetricsGroup* group = nullptr;
};
// What makes one series, or those of one set of labels.
using WeightedGroups = std::span<const Weighted>;

// Visits all intervals in their order as MetricsCells::visit_buckets() does.
void visit_buckets(WeightedGroups groups, size_t intervals,
                   const MetricsCells::BucketsVisitor& visitor) {
  using Counts = std::vector<MetricsBuckets::Count>;
  if (groups.size() == 1 && groups[0].weight == 1) {
    groups[0].group->cells.visit_buckets(visitor);
    return;
  }
  std::vector<Counts> sums(intervals);
  for (const Weighted& one : groups) {
    one.group->cells.visit_buckets([&](size_t i, std::span<const MetricsBuckets::Count> counts) {
      for (const auto& [code, count] : counts) sums[i].emplace_back(code, count * one.weight);
    });
  }
  for (size_t i = 0; i < intervals; ++i) {
    Counts counts;
    std::ranges::stable_sort(sums[i], {}, &MetricsBuckets::Count::first);
    for (const auto& [code, count] : sums[i]) {
      if (counts.empty() || counts.back().first != code) counts.emplace_back(code, 0);
      counts.back().second += count;
    }
    visitor(i, counts);
  }
}

class SeriesMaker {
 public:
  SeriesMaker(const MetricsPlan& plan, const MetricsIntervals& intervals, Arena& arena)
      : plan_(plan), intervals_(intervals), arena_(arena) {}

  // REQUIRES: the groups have this key but for their weights, and live until finish().
  void add(std::string_view key, WeightedGroups groups) {
    std::vector<MetricsLabel> labels = labels_of(key);
    switch (plan_.aggregate().function) {
      case MetricsFunction::QuantileOverTime:
        // They take long enough to be shared out.
        quantiles_due_.push_back({series_.size(), groups});
        return add_quantile_series(labels);
      case MetricsFunction::HistogramOverTime:
        return add_histogram(labels, groups);
      default:
        break;
    }
    if (plan_.by_names().empty()) {
      labels.push_back({"__name__", text(traceql::name_of(plan_.aggregate().function))});
    } else if (labels.empty()) {
      labels.push_back({arena_.copy(plan_.by_names().front()), TypedValue::nil()});
    }
    MetricsSeries& added = add_series(std::move(labels));
    for (size_t i = 0; i < intervals_.count(); ++i) added.values[i] = value(groups, i);
    for_each_sample(groups, [&](const MetricsSample& sample) { add_exemplar(added, sample); });
  }

  Result<std::vector<MetricsSeries>> finish(QueryContext& context) {
    SPOOR_TRY(share_work(quantiles_due_.size(), context, [this](size_t i) -> Status {
      fill_quantiles(quantiles_due_[i]);
      return {};
    }));
    return std::move(series_);
  }

 private:
  struct QuantilesDue {
    size_t first_series;
    WeightedGroups groups;
  };

  // Those that are not nil.
  std::vector<MetricsLabel> labels_of(std::string_view key) {
    std::vector<MetricsLabel> labels;
    ByteReader reader(arena_.copy(key));
    for (const std::string& name : plan_.by_names()) {
      TypedValue value = read_metrics_key(reader, arena_);
      if (!value.is_nil()) labels.push_back({arena_.copy(std::string_view(name)), value});
    }
    return labels;
  }

  static TypedValue text(std::string_view text) { return TypedValue::text(text); }

  template <class Take>
  static void for_each_sample(WeightedGroups groups, const Take& take) {
    for (const Weighted& one : groups) {
      for (const MetricsSample& sample : one.group->samples) take(sample);
    }
  }

  MetricsSeries& add_series(std::vector<MetricsLabel> labels) {
    series_.push_back({std::move(labels), std::vector<double>(intervals_.count(), kNothing), {}});
    return series_.back();
  }

  void add_exemplar(MetricsSeries& target, const MetricsSample& sample) {
    double value = sample.value.is_number() ? number(sample.value.as_number()) : kNothing;
    target.exemplars.push_back({sample.time, value, sample.labels});
  }

  double number(double raw) const { return plan_.is_of_durations() ? nanos_as_seconds(raw) : raw; }

  static double count_of(WeightedGroups groups, size_t i) {
    double count = 0;
    for (const Weighted& one : groups) {
      count += one.weight * static_cast<double>(one.group->cells.count(i));
    }
    return count;
  }

  double sum_or_average(WeightedGroups groups, size_t i) const {
    double sum = 0, count = 0;
    for (const Weighted& one : groups) {
      const MetricsSum& of = one.group->cells.sum(i);
      if (of.count() == 0) continue;
      sum += one.weight * of.sum();
      count += one.weight * static_cast<double>(of.count());
    }
    if (count == 0) return kNothing;
    bool is_average = plan_.aggregate().function == MetricsFunction::AvgOverTime;
    return number(is_average ? sum / count : sum);
  }

  double value(WeightedGroups groups, size_t i) const {
    switch (plan_.aggregate().function) {
      case MetricsFunction::Rate:
        return count_of(groups, i) / nanos_as_seconds(static_cast<double>(intervals_.step()));
      case MetricsFunction::CountOverTime:
        return count_of(groups, i);
      case MetricsFunction::SumOverTime:
      case MetricsFunction::AvgOverTime:
        return sum_or_average(groups, i);
      default:
        // Weights do not count, so that there is one group.
        return number(groups.front().group->cells.extreme(i));
    }
  }

  void add_quantile_series(const std::vector<MetricsLabel>& labels) {
    for (double quantile : plan_.aggregate().quantiles) {
      std::vector<MetricsLabel> of_quantile = labels;
      of_quantile.push_back({"p", TypedValue::floating(quantile)});
      add_series(std::move(of_quantile));
    }
  }

  void fill_quantiles(const QuantilesDue& due) {
    const std::vector<double>& quantiles = plan_.aggregate().quantiles;
    const size_t first = due.first_series, end = first + quantiles.size();
    visit_buckets(due.groups, intervals_.count(),
                  [&](size_t i, std::span<const MetricsBuckets::Count> counts) {
                    for (size_t k = 0; k < quantiles.size(); ++k) {
                      double of_bucket = plan_.buckets().quantile(quantiles[k], counts);
                      series_[first + k].values[i] = number(of_bucket);
                    }
                  });
    // Each where its value is nearest to the line.
    for_each_sample(due.groups, [&](const MetricsSample& sample) {
      size_t interval = intervals_.of(sample.time), nearest = first;
      double value = number(sample.value.as_number());
      for (size_t k = first; k < end; ++k) {
        double distance = std::abs(series_[k].values[interval] - value);
        if (distance < std::abs(series_[nearest].values[interval] - value)) nearest = k;
      }
      add_exemplar(series_[nearest], sample);
    });
  }

  void add_histogram(const std::vector<MetricsLabel>& labels, WeightedGroups groups) {
    std::vector<std::pair<MetricsBuckets::Code, size_t>> places;
    auto take = [&](size_t i, std::span<const MetricsBuckets::Count> counts) {
      for (const auto& [code, count] : counts) {
        auto place =
            std::ranges::lower_bound(places, code, {}, [](const auto& p) { return p.first; });
        if (place == places.end() || place->first != code) {
          place = places.insert(place, {code, series_.size()});
          std::vector<MetricsLabel> of_bucket = labels;
          double upper = number(plan_.buckets().upper_end(code));
          of_bucket.push_back({"__bucket", TypedValue::floating(upper)});
          std::ranges::fill(add_series(std::move(of_bucket)).values, 0);
        }
        series_[place->second].values[i] = count;
      }
    };
    visit_buckets(groups, intervals_.count(), take);
    for_each_sample(groups, [&](const MetricsSample& sample) {
      auto code = plan_.buckets().code_of(sample.value);
      auto place =
          std::ranges::find(places, code, [](const auto& p) { return std::optional(p.first); });
      if (place == places.end()) return;
      add_exemplar(series_[place->second], {sample.time, TypedValue::nil(), sample.labels});
    });
  }

  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  Arena& arena_;
  std::vector<MetricsSeries> series_;
  std::vector<QuantilesDue> quantiles_due_;
};

// A group whose key is cut where its weight begins.
struct KeyedGroup {
  std::string_view key;
  Weighted weighted;
};

KeyedGroup cut_weight(const MetricsPlan& plan, std::string_view key, const MetricsGroup& group) {
  if (!plan.is_extrapolated()) return {key, {1, &group}};
  Arena arena;
  ByteReader reader(key);
  for (size_t i = 0; i < plan.by_names().size(); ++i) read_metrics_key(reader, arena);
  const size_t weight_bytes = reader.remaining();
  double weight = read_metrics_key(reader, arena).value.as_double();
  return {key.substr(0, key.size() - weight_bytes), {weight, &group}};
}

}  // namespace

Result<std::vector<MetricsSeries>> make_series(
    const MetricsPlan& plan, const MetricsIntervals& intervals,
    std::span<const std::pair<std::string_view, const MetricsGroup*>> groups, Arena& arena,
    QueryContext& context) {
  std::vector<KeyedGroup> keyed;
  keyed.reserve(groups.size());
  for (const auto& [key, group] : groups) keyed.push_back(cut_weight(plan, key, *group));
  if (plan.is_extrapolated()) {
    // By weight, too, so that floats are always summed in one order.
    std::ranges::sort(
        keyed, {}, [](const KeyedGroup& one) { return std::pair(one.key, one.weighted.weight); });
  }
  std::vector<Weighted> weighted;
  weighted.reserve(keyed.size());
  for (const KeyedGroup& one : keyed) weighted.push_back(one.weighted);

  SeriesMaker maker(plan, intervals, arena);
  const MetricsGroup nothing{MetricsCells(plan.cell_kind(), intervals.count()), {}};
  const Weighted of_nothing{1, &nothing};
  bool counts = plan.cell_kind() == MetricsCellKind::Count;
  if (keyed.empty() && counts && plan.by_names().empty()) maker.add({}, {&of_nothing, 1});
  for (size_t i = 0, end = 0; i < keyed.size(); i = end) {
    for (end = i + 1; end < keyed.size() && keyed[end].key == keyed[i].key;) ++end;
    maker.add(keyed[i].key, WeightedGroups(weighted).subspan(i, end - i));
  }
  return maker.finish(context);
}

}  // namespace spoor::query
