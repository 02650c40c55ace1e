// What the spans of one group make of each interval. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "query/metrics_buckets.h"
#include "query/metrics_plan.h"

namespace spoor::query {

// A sum that integers keep exact and floats nearly so, in whatever order they come.
class MetricsSum {
 public:
  void add(const TypedValue& number);
  void add_whole(__int128 sum, uint64_t count) {
    whole_ += sum;
    count_ += count;
  }
  void add(const MetricsSum& other);

  uint64_t count() const { return count_; }
  double sum() const;

 private:
  void add_floating(double number);

  __int128 whole_ = 0;
  double floating_ = 0;
  double lost_ = 0;  // what rounding took from floating_
  uint64_t count_ = 0;
};

// The cells of one group: one of the lists, as the function asks for it.
class MetricsCells {
 public:
  MetricsCells(MetricsCellKind kind, size_t intervals);

  // Counts one span. `value` is the number of its field, nothing for functions that count.
  // Whether it has counted: what is no number, or lies in no bucket, does not.
  static bool counts(const MetricsPlan& plan, const TypedValue& value);
  void add(const MetricsPlan& plan, size_t interval, const TypedValue& value);  // REQUIRES: counts
  // The other's first interval is this one's of that number.
  void add(const MetricsCells& other, size_t first_interval = 0);

  void add_count(size_t interval, uint64_t spans) { counts_[interval] += spans; }
  void add_sum(size_t interval, __int128 sum, uint64_t spans) {
    sums_[interval].add_whole(sum, spans);
  }
  void add_bucket(size_t interval, MetricsBuckets::Code code, uint64_t spans) {
    if (kind_ == MetricsCellKind::PowerBuckets) {
      windows_[interval].add(code, spans);
    } else {
      buckets_[bucket_key(interval, code)] += spans;
    }
  }
  // Of the codes from `first` on. REQUIRES: the cells are PowerBuckets.
  void add_buckets(size_t interval, MetricsBuckets::Code first, std::span<const uint64_t> spans) {
    windows_[interval].add(first, spans);
  }
  void add_extreme(size_t interval, double number);

  uint64_t count(size_t interval) const { return counts_[interval]; }
  double extreme(size_t interval) const { return extremes_[interval]; }
  const MetricsSum& sum(size_t interval) const { return sums_[interval]; }
  // Visits all intervals in their order, also those that have no spans; counts are in the order of
  // codes, and lent for the call.
  using BucketsVisitor =
      std::function<void(size_t interval, std::span<const MetricsBuckets::Count> counts)>;
  void visit_buckets(const BucketsVisitor& visitor) const;
  size_t size_bytes() const;

 private:
  static uint64_t bucket_key(size_t interval, MetricsBuckets::Code code) {
    return uint64_t{interval} << 32 | static_cast<uint32_t>(code);
  }

  // Counts of buckets side by side.
  struct Window {
    MetricsBuckets::Code first = 0;
    std::vector<uint64_t> counts;
    void add(MetricsBuckets::Code code, uint64_t spans) { add(code, std::span(&spans, 1)); }
    void add(MetricsBuckets::Code from, std::span<const uint64_t> spans) {
      auto place = static_cast<size_t>(from - first);
      if (place >= counts.size() || spans.size() > counts.size() - place) {
        make_room(from, spans.size());
        place = static_cast<size_t>(from - first);
      }
      uint64_t* target = counts.data() + place;
      for (size_t i = 0; i < spans.size(); ++i) target[i] += spans[i];
    }
    void make_room(MetricsBuckets::Code from, size_t codes);
  };

  MetricsCellKind kind_;
  size_t intervals_;
  std::vector<uint64_t> counts_;
  std::vector<double> extremes_;  // NaN where there is none
  std::vector<MetricsSum> sums_;
  std::vector<Window> windows_;                            // of PowerBuckets
  boost::unordered_flat_map<uint64_t, uint64_t> buckets_;  // of PreciseBuckets
};

}  // namespace spoor::query
