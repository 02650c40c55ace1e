// The process's own metrics: counters, gauges and histograms in one registry, exposed in the
// Prometheus text format at /metrics.
//
// A metric is found once (at construction of its user) and then costs one relaxed atomic add.
// Handles stay valid for the life of the registry. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace spoor {

class Counter {
 public:
  void add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(int64_t amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Durations in buckets of powers of two, from 2^10 ns (1 us) to 2^36 ns (69 s).
class DurationHistogram {
 public:
  static constexpr int kFirstPower = 10;
  static constexpr int kBuckets = 27;

  void observe_nanos(uint64_t nanos);

 private:
  friend class MetricRegistry;
  std::array<std::atomic<uint64_t>, kBuckets + 1> counts_{};
  std::atomic<uint64_t> sum_nanos_{0};
};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class MetricRegistry {
 public:
  // Finds or creates. `name` follows Prometheus' rules (spoor_ingest_spans_total); the help
  // text of the first caller stands.
  Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  DurationHistogram& histogram(std::string_view name, std::string_view help,
                               const MetricLabels& labels = {});

  // A gauge read at exposition. `read` must stay callable for the life of the registry.
  void gauge_function(std::string_view name, std::string_view help, std::function<double()> read);

  // The text format 0.0.4, families in order of name.
  std::string expose() const;

 private:
  enum class Type { Counter, Gauge, Histogram, Function };
  struct Family {
    Type type;
    std::string help;
    std::map<std::string, std::unique_ptr<Counter>> counters;  // by rendered labels
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
    std::map<std::string, std::unique_ptr<DurationHistogram>> histograms;
    std::function<double()> read;
  };
  Family& family(std::string_view name, std::string_view help, Type type) SPOOR_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Family, std::less<>> families_ SPOOR_GUARDED_BY(mutex_);
};

}  // namespace spoor
