#include "query/metrics_buckets.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace spoor::query {
namespace {

// Codes of positive numbers lie around this, those of negative ones around its negative: the
// exponents of floats, at the finest precision, are below it.
constexpr MetricsBuckets::Code kMiddle = 1 << 20;

double rank_of(double quantile, std::span<const MetricsBuckets::Count> counts) {
  double total = 0;
  for (const auto& [code, count] : counts) total += count;
  double rank = std::ceil(quantile * total);
  return rank < 1 ? 1 : rank;
}

}  // namespace

MetricsBuckets::MetricsBuckets(double precision)
    : precision_(precision), log_base_(std::log((1 + precision) / (1 - precision))) {
  SPOOR_ASSERT(precision > 0 && precision < 1);
}

MetricsBuckets::Code MetricsBuckets::power_code(uint32_t exponent) {
  return kMiddle + static_cast<Code>(exponent);
}

std::optional<MetricsBuckets::Code> MetricsBuckets::code_of(const TypedValue& value) const {
  if (!value.is_number()) return std::nullopt;
  if (!is_by_powers()) return relative_code_of(value.as_number());
  if (value.type != traceql::Type::Float) {
    int64_t number = value.value.as_int();
    if (number < 2) return std::nullopt;
    return power_code(static_cast<uint32_t>(std::bit_width(static_cast<uint64_t>(number) - 1)));
  }
  double number = value.value.as_double();
  if (!(number > 0) || std::isinf(number)) return std::nullopt;
  int exponent = 0;
  // number = fraction * 2^exponent, the fraction from 0.5 to below 1.
  double fraction = std::frexp(number, &exponent);
  return kMiddle + (fraction == 0.5 ? exponent - 1 : exponent);
}

std::optional<MetricsBuckets::Code> MetricsBuckets::relative_code_of(double number) const {
  if (!std::isfinite(number)) return std::nullopt;
  if (number == 0) return 0;
  Code code = kMiddle + static_cast<Code>(std::ceil(std::log(std::abs(number)) / log_base_));
  SPOOR_ASSERT(code > 0);
  return number > 0 ? code : -code;
}

double MetricsBuckets::upper_end(Code code) const {
  if (is_by_powers()) return std::ldexp(1.0, code - kMiddle);
  if (code == 0) return 0;
  // Of a bucket below 0 the end that is nearer to 0.
  if (code < 0) return -std::exp(static_cast<double>(-code - kMiddle - 1) * log_base_);
  return std::min(std::exp(static_cast<double>(code - kMiddle) * log_base_),
                  std::numeric_limits<double>::max());
}

double MetricsBuckets::quantile(double quantile, std::span<const Count> counts) const {
  if (counts.empty()) return 0;
  if (is_by_powers()) return power_quantile(quantile, counts);
  double rank = rank_of(quantile, counts), seen = 0;
  Code code = counts.back().first;
  for (const auto& [of, count] : counts) {
    seen += count;
    if (seen < rank) continue;
    code = of;
    break;
  }
  if (code == 0) return 0;
  // Its distance to both ends of the bucket is the share `precision` of them.
  double middle =
      std::exp(static_cast<double>(std::abs(code) - kMiddle) * log_base_ + std::log1p(-precision_));
  return code > 0 ? middle : -middle;
}

double MetricsBuckets::power_quantile(double quantile, std::span<const Count> counts) const {
  double rank = rank_of(quantile, counts), below = 0;
  size_t i = 0;
  // A bucket that ends with the rank gives its end.
  while (i + 1 < counts.size() && below + counts[i].second < rank) below += counts[i++].second;
  double upper = counts[i].first - kMiddle;
  double lower = i == 0 ? upper - 1 : counts[i - 1].first - kMiddle;
  double share = (rank - below) / counts[i].second;
  return std::exp2(lower + (upper - lower) * (share < 1 ? share : 1));
}

}  // namespace spoor::query
