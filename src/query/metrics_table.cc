#include "query/metrics_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "base/bytes.h"
#include "query/work_sharing.h"
#include "store/value_codec.h"
#include "traceql/names.h"

namespace spoor::query {
namespace {

using traceql::MetricsFunction;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

TypedValue read_metrics_key(ByteReader& reader, Arena& arena) {
  auto type = static_cast<traceql::Type>(reader.fixed<uint8_t>());
  Result<Value> value = store::decode_value(reader, arena);
  SPOOR_ASSERT(value.ok());
  return {type, *value};
}

double nanos_as_seconds(double nanos) {
  return nanos / static_cast<double>(kNanosPerSecond);
}

}  // namespace

void append_metrics_key(MetricsKey& key, const TypedValue& value) {
  key.push_back(static_cast<char>(value.type));
  store::encode_value(value.value, key);
}

void MetricsSum::add(const TypedValue& number) {
  ++count_;
  if (number.type == traceql::Type::Float) {
    add_floating(number.value.as_double());
  } else {
    whole_ += number.value.as_int();
  }
}

// Neumaier's sum: what a step rounds away is kept beside.
void MetricsSum::add_floating(double number) {
  double sum = floating_ + number;
  bool is_larger = std::abs(floating_) >= std::abs(number);
  double lost = is_larger ? (floating_ - sum) + number : (number - sum) + floating_;
  if (std::isfinite(lost)) lost_ += lost;
  floating_ = sum;
}

void MetricsSum::add(const MetricsSum& other) {
  whole_ += other.whole_;
  count_ += other.count_;
  lost_ += other.lost_;
  add_floating(other.floating_);
}

double MetricsSum::sum() const {
  double floating = std::isfinite(floating_) ? floating_ + lost_ : floating_;
  return static_cast<double>(whole_) + floating;
}

MetricsCells::MetricsCells(MetricsCellKind kind, size_t intervals)
    : kind_(kind), intervals_(intervals) {
  switch (kind) {
    case MetricsCellKind::Count:
      counts_.resize(intervals);
      break;
    case MetricsCellKind::Least:
    case MetricsCellKind::Greatest:
      extremes_.resize(intervals, kNothing);
      break;
    case MetricsCellKind::Sum:
      sums_.resize(intervals);
      break;
    case MetricsCellKind::PowerBuckets:
      windows_.resize(intervals);
      break;
    case MetricsCellKind::PreciseBuckets:
      break;
  }
}

void MetricsCells::Window::make_room(MetricsBuckets::Code from, size_t codes) {
  if (counts.empty()) first = from;
  if (from < first) {
    counts.insert(counts.begin(), static_cast<size_t>(first - from), 0);
    first = from;
  }
  const size_t end = static_cast<size_t>(from - first) + codes;
  if (end > counts.size()) counts.resize(end);
}

bool MetricsCells::counts(const MetricsPlan& plan, const TypedValue& value) {
  switch (plan.cell_kind()) {
    case MetricsCellKind::Count:
      return true;
    case MetricsCellKind::PowerBuckets:
    case MetricsCellKind::PreciseBuckets:
      return plan.buckets().code_of(value).has_value();
    default:
      return value.is_number() && !std::isnan(value.as_number());
  }
}

void MetricsCells::add(const MetricsPlan& plan, size_t interval, const TypedValue& value) {
  switch (kind_) {
    case MetricsCellKind::Count:
      ++counts_[interval];
      return;
    case MetricsCellKind::Least:
    case MetricsCellKind::Greatest:
      add_extreme(interval, value.as_number());
      return;
    case MetricsCellKind::Sum:
      sums_[interval].add(value);
      return;
    case MetricsCellKind::PowerBuckets:
    case MetricsCellKind::PreciseBuckets:
      add_bucket(interval, *plan.buckets().code_of(value), 1);
      return;
  }
}

void MetricsCells::add_extreme(size_t interval, double number) {
  double& extreme = extremes_[interval];
  bool is_better = kind_ == MetricsCellKind::Least ? number < extreme : number > extreme;
  if (is_better || std::isnan(extreme)) extreme = number;
}

void MetricsCells::add(const MetricsCells& other, size_t first_interval) {
  SPOOR_ASSERT(kind_ == other.kind_ && first_interval + other.intervals_ <= intervals_);
  for (size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[first_interval + i] += other.counts_[i];
  }
  for (size_t i = 0; i < other.extremes_.size(); ++i) {
    if (!std::isnan(other.extremes_[i])) add_extreme(first_interval + i, other.extremes_[i]);
  }
  for (size_t i = 0; i < other.sums_.size(); ++i) sums_[first_interval + i].add(other.sums_[i]);
  for (size_t i = 0; i < other.windows_.size(); ++i) {
    const Window& window = other.windows_[i];
    if (!window.counts.empty()) windows_[first_interval + i].add(window.first, window.counts);
  }
  for (const auto& [key, count] : other.buckets_) {
    buckets_[key + (uint64_t{first_interval} << 32)] += count;
  }
}

void MetricsCells::visit_buckets(const BucketsVisitor& visitor) const {
  std::vector<std::pair<uint64_t, uint64_t>> far_apart(buckets_.begin(), buckets_.end());
  auto code_of = [](uint64_t key) {
    return static_cast<MetricsBuckets::Code>(static_cast<uint32_t>(key));
  };
  std::ranges::sort(far_apart, {}, [&](const auto& bucket) {
    return std::pair(bucket.first >> 32, code_of(bucket.first));
  });
  std::vector<MetricsBuckets::Count> counts;
  auto next = far_apart.begin();
  for (size_t i = 0; i < intervals_; ++i) {
    counts.clear();
    for (size_t k = 0; !windows_.empty() && k < windows_[i].counts.size(); ++k) {
      if (windows_[i].counts[k] == 0) continue;
      counts.emplace_back(windows_[i].first + static_cast<MetricsBuckets::Code>(k),
                          windows_[i].counts[k]);
    }
    for (; next != far_apart.end() && next->first >> 32 == i; ++next) {
      counts.emplace_back(code_of(next->first), next->second);
    }
    visitor(i, counts);
  }
}

size_t MetricsCells::size_bytes() const {
  size_t in_windows = windows_.size() * sizeof(Window);
  for (const Window& window : windows_) in_windows += window.counts.capacity() * sizeof(uint64_t);
  return sizeof(*this) + in_windows + counts_.size() * sizeof(uint64_t) +
         extremes_.size() * sizeof(double) + sums_.size() * sizeof(MetricsSum) +
         buckets_.bucket_count() * 2 * sizeof(uint64_t);
}

MetricsCells& MetricsTable::cells(std::string_view key) {
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    auto group =
        std::make_unique<Group>(Group{MetricsCells(plan_.cell_kind(), intervals_.count()), {}});
    found = groups_.emplace(key, std::move(group)).first;
    key_bytes_ += key.size();
  }
  return found->second->cells;
}

void MetricsTable::add(MetricsTable&& other) {
  if (groups_.empty()) {
    groups_ = std::move(other.groups_);
    key_bytes_ = other.key_bytes_;
    return;
  }
  for (const auto& [key, group] : other.groups_) cells(key).add(group->cells);
}

std::vector<std::pair<MetricsKey, MetricsCells>> MetricsTable::take_cells() {
  std::vector<std::pair<MetricsKey, MetricsCells>> taken;
  taken.reserve(groups_.size());
  for (auto& [key, group] : groups_) taken.emplace_back(key, std::move(group->cells));
  groups_.clear();
  key_bytes_ = 0;
  return taken;
}

void MetricsTable::add_sample(std::string_view key, const MetricsSample& sample) {
  auto found = groups_.find(key);
  if (found != groups_.end()) found->second->samples.push_back(sample);
}

Status MetricsTable::check_groups() const {
  if (groups_.size() <= kMetricsGroupsMax) return {};
  return resource_exhausted("the query makes more than " + std::to_string(kMetricsGroupsMax) +
                            " series; group by fields with fewer values");
}

uint64_t MetricsTable::size_bytes() const {
  uint64_t bytes = key_bytes_;
  for (const auto& [key, group] : groups_) bytes += group->cells.size_bytes() + 128;
  return bytes;
}

// Turns groups into series.
class MetricsTable::Finish {
 public:
  Finish(const MetricsPlan& plan, const MetricsIntervals& intervals, Arena& arena)
      : plan_(plan), intervals_(intervals), arena_(arena) {}

  void add(const MetricsKey& key, const Group& group) {
    std::vector<MetricsLabel> labels = labels_of(key);
    switch (plan_.aggregate().function) {
      case MetricsFunction::QuantileOverTime:
        // They take long enough to be shared out.
        quantiles_due_.push_back({series.size(), &group});
        return add_quantile_series(labels);
      case MetricsFunction::HistogramOverTime:
        return add_histogram(labels, group);
      default:
        break;
    }
    bool is_named = plan_.by().empty();
    if (is_named) {
      labels.push_back({"__name__", text(traceql::name_of(plan_.aggregate().function))});
    } else if (labels.empty()) {
      labels.push_back({arena_.copy(plan_.by_names().front()), TypedValue::nil()});
    }
    MetricsSeries& added = add_series(std::move(labels));
    for (size_t i = 0; i < intervals_.count(); ++i) added.values[i] = value(group.cells, i);
    for (const MetricsSample& sample : group.samples) add_exemplar(added, sample);
  }

  // What add() has left to do.
  Status finish(QueryContext& context) {
    return share_work(quantiles_due_.size(), context, [this](size_t i) -> Status {
      fill_quantiles(quantiles_due_[i]);
      return {};
    });
  }

  std::vector<MetricsSeries> series;

 private:
  struct QuantilesDue {
    size_t first_series;
    const Group* group;
  };

  // Those that are not nil.
  std::vector<MetricsLabel> labels_of(const MetricsKey& key) {
    std::vector<MetricsLabel> labels;
    ByteReader reader(arena_.copy(std::string_view(key)));
    for (const std::string& name : plan_.by_names()) {
      TypedValue value = read_metrics_key(reader, arena_);
      if (!value.is_nil()) labels.push_back({arena_.copy(std::string_view(name)), value});
    }
    return labels;
  }

  static TypedValue text(std::string_view text) { return TypedValue::text(text); }

  MetricsSeries& add_series(std::vector<MetricsLabel> labels) {
    series.push_back({std::move(labels), std::vector<double>(intervals_.count(), kNothing), {}});
    return series.back();
  }

  void add_exemplar(MetricsSeries& target, const MetricsSample& sample) {
    double value = sample.value.is_number() ? number(sample.value.as_number()) : kNothing;
    target.exemplars.push_back({sample.time, value, sample.labels});
  }

  double number(double raw) const { return plan_.is_of_durations() ? nanos_as_seconds(raw) : raw; }

  double value(const MetricsCells& cells, size_t i) const {
    switch (plan_.aggregate().function) {
      case MetricsFunction::Rate:
        return static_cast<double>(cells.count(i)) /
               nanos_as_seconds(static_cast<double>(intervals_.step()));
      case MetricsFunction::CountOverTime:
        return static_cast<double>(cells.count(i));
      case MetricsFunction::SumOverTime:
        return cells.sum(i).count() == 0 ? kNothing : number(cells.sum(i).sum());
      case MetricsFunction::AvgOverTime:
        return cells.sum(i).count() == 0
                   ? kNothing
                   : number(cells.sum(i).sum() / static_cast<double>(cells.sum(i).count()));
      default:
        return number(cells.extreme(i));
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
    const Group& group = *due.group;
    group.cells.visit_buckets([&](size_t i, std::span<const MetricsBuckets::Count> counts) {
      for (size_t k = 0; k < quantiles.size(); ++k) {
        series[first + k].values[i] = number(plan_.buckets().quantile(quantiles[k], counts));
      }
    });
    // Each where its value is nearest to the line.
    for (const MetricsSample& sample : group.samples) {
      size_t interval = intervals_.of(sample.time), nearest = first;
      double value = number(sample.value.as_number());
      for (size_t k = first; k < end; ++k) {
        double distance = std::abs(series[k].values[interval] - value);
        if (distance < std::abs(series[nearest].values[interval] - value)) nearest = k;
      }
      add_exemplar(series[nearest], sample);
    }
  }

  void add_histogram(const std::vector<MetricsLabel>& labels, const Group& group) {
    std::vector<std::pair<MetricsBuckets::Code, size_t>> places;
    group.cells.visit_buckets([&](size_t i, std::span<const MetricsBuckets::Count> counts) {
      for (const auto& [code, count] : counts) {
        auto place =
            std::ranges::lower_bound(places, code, {}, [](const auto& p) { return p.first; });
        if (place == places.end() || place->first != code) {
          place = places.insert(place, {code, series.size()});
          std::vector<MetricsLabel> of_bucket = labels;
          double upper = number(plan_.buckets().upper_end(code));
          of_bucket.push_back({"__bucket", TypedValue::floating(upper)});
          std::ranges::fill(add_series(std::move(of_bucket)).values, 0);
        }
        series[place->second].values[i] = static_cast<double>(count);
      }
    });
    for (const MetricsSample& sample : group.samples) {
      auto code = plan_.buckets().code_of(sample.value);
      auto place =
          std::ranges::find(places, code, [](const auto& p) { return std::optional(p.first); });
      if (place == places.end()) continue;
      add_exemplar(series[place->second], {sample.time, TypedValue::nil(), sample.labels});
    }
  }

  const MetricsPlan& plan_;
  const MetricsIntervals& intervals_;
  Arena& arena_;
  std::vector<QuantilesDue> quantiles_due_;
};

Result<std::vector<MetricsSeries>> MetricsTable::finish(Arena& arena, QueryContext& context) const {
  Finish finish(plan_, intervals_, arena);
  for (const auto& [key, group] : groups_) finish.add(key, *group);
  bool counts = plan_.cell_kind() == MetricsCellKind::Count;
  if (groups_.empty() && counts && plan_.by().empty()) {
    finish.add({}, Group{MetricsCells(plan_.cell_kind(), intervals_.count()), {}});
  }
  SPOOR_TRY(finish.finish(context));
  return std::move(finish.series);
}

}  // namespace spoor::query
