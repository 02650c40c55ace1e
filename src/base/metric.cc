#include "base/metric.h"

#include <bit>
#include <charconv>

#include "base/assert.h"

namespace spoor {
namespace {

// {tenant="a",reason="b"} with the values escaped, or nothing.
std::string render_labels(const MetricLabels& labels) {
  if (labels.empty()) return {};
  std::string text;
  for (const auto& [key, value] : labels) {
    text.append(text.empty() ? "{" : ",").append(key).append("=\"");
    for (char byte : value) {
      if (byte == '\n') {
        text.append("\\n");
        continue;
      }
      if (byte == '"' || byte == '\\') text.push_back('\\');
      text.push_back(byte);
    }
    text.push_back('"');
  }
  text.push_back('}');
  return text;
}

std::string number_text(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string with_bucket_label(const std::string& labels, const std::string& bound) {
  std::string bucket = "le=\"" + bound + "\"}";
  if (labels.empty()) return "{" + bucket;
  return labels.substr(0, labels.size() - 1) + "," + bucket;
}

void append_sample(std::string& text, std::string_view name, std::string_view labels,
                   const std::string& value) {
  text.append(name).append(labels).append(" ").append(value).append("\n");
}

}  // namespace

void DurationHistogram::observe_nanos(uint64_t nanos) {
  int power = std::bit_width(nanos > 0 ? nanos - 1 : 0);
  int bucket = power <= kFirstPower ? 0 : std::min(power - kFirstPower, kBuckets);
  counts_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_nanos_.fetch_add(nanos, std::memory_order_relaxed);
}

MetricRegistry::Family& MetricRegistry::family(std::string_view name, std::string_view help,
                                               Type type) {
  auto found = families_.find(name);
  if (found == families_.end()) {
    found = families_.emplace(std::string(name), Family{}).first;
    found->second.type = type;
    found->second.help = help;
  }
  SPOOR_ASSERT(found->second.type == type);
  return found->second;
}

Counter& MetricRegistry::counter(std::string_view name, std::string_view help,
                                 const MetricLabels& labels) {
  MutexLock lock(mutex_);
  auto& slot = family(name, help, Type::Counter).counters[render_labels(labels)];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& MetricRegistry::gauge(std::string_view name, std::string_view help,
                             const MetricLabels& labels) {
  MutexLock lock(mutex_);
  auto& slot = family(name, help, Type::Gauge).gauges[render_labels(labels)];
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

DurationHistogram& MetricRegistry::histogram(std::string_view name, std::string_view help,
                                             const MetricLabels& labels) {
  MutexLock lock(mutex_);
  auto& slot = family(name, help, Type::Histogram).histograms[render_labels(labels)];
  if (!slot) slot = std::make_unique<DurationHistogram>();
  return *slot;
}

void MetricRegistry::gauge_function(std::string_view name, std::string_view help,
                                    std::function<double()> read) {
  MutexLock lock(mutex_);
  family(name, help, Type::Function).read = std::move(read);
}

std::string MetricRegistry::expose() const {
  MutexLock lock(mutex_);
  std::string text;
  for (const auto& [name, family] : families_) {
    std::string_view type = family.type == Type::Counter     ? "counter"
                            : family.type == Type::Histogram ? "histogram"
                                                             : "gauge";
    text.append("# HELP ").append(name).append(" ").append(family.help).append("\n");
    text.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    for (const auto& [labels, counter] : family.counters) {
      append_sample(text, name, labels, std::to_string(counter->value()));
    }
    for (const auto& [labels, gauge] : family.gauges) {
      append_sample(text, name, labels, std::to_string(gauge->value()));
    }
    for (const auto& [labels, histogram] : family.histograms) {
      uint64_t total = 0;
      for (int i = 0; i <= DurationHistogram::kBuckets; ++i) {
        total += histogram->counts_[static_cast<size_t>(i)].load(std::memory_order_relaxed);
        double bound = static_cast<double>(uint64_t{1} << (DurationHistogram::kFirstPower + i));
        std::string limit =
            i == DurationHistogram::kBuckets ? std::string("+Inf") : number_text(bound / 1e9);
        append_sample(text, name + "_bucket", with_bucket_label(labels, limit),
                      std::to_string(total));
      }
      uint64_t sum = histogram->sum_nanos_.load(std::memory_order_relaxed);
      append_sample(text, name + "_sum", labels, number_text(static_cast<double>(sum) / 1e9));
      append_sample(text, name + "_count", labels, std::to_string(total));
    }
    if (family.read) append_sample(text, name, "", number_text(family.read()));
  }
  return text;
}

}  // namespace spoor
