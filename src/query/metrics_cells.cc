#include "query/metrics_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace spoor::query {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

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
                          static_cast<double>(windows_[i].counts[k]));
    }
    for (; next != far_apart.end() && next->first >> 32 == i; ++next) {
      counts.emplace_back(code_of(next->first), static_cast<double>(next->second));
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

}  // namespace spoor::query
