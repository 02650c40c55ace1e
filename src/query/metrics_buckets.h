// Numbers in buckets: what quantiles and histograms are computed from.
//
// By powers of two, as Tempo does: bucket e holds (2^(e-1), 2^e]. Integers and nanoseconds below
// 2 are left out, floats unless they are above 0. A quantile is interpolated between the ends of
// its bucket on a logarithmic scale, so it may be wrong by up to the factor 2.
//
// By a relative precision p, where the query asks for it: bucket i holds (g^(i-1), g^i] with
// g = (1 + p) / (1 - p), mirrored below 0, and 0 has its own; every finite number is counted. A
// quantile is the number within p of which the whole bucket lies. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "query/traceql_value.h"

namespace spoor::query {

class MetricsBuckets {
 public:
  using Code = int32_t;  // in the order of the numbers
  // How many numbers are in a bucket; not always whole where spans stand for several.
  using Count = std::pair<Code, double>;

  // By powers of two.
  MetricsBuckets() = default;
  // REQUIRES: within the limits that traceql::check() sets.
  explicit MetricsBuckets(double precision);

  bool is_by_powers() const { return precision_ == 0; }
  double precision() const { return precision_; }
  // Nothing for what is no number or is left out. A duration's is that of its nanoseconds.
  std::optional<Code> code_of(const TypedValue& value) const;
  // That of the numbers up to 2^exponent, by powers of two.
  static Code power_code(uint32_t exponent);
  // The largest number that the bucket holds.
  double upper_end(Code code) const;
  // The number at the share `quantile` of all; 0 if there are none. REQUIRES: in order of codes.
  double quantile(double quantile, std::span<const Count> counts) const;

 private:
  double power_quantile(double quantile, std::span<const Count> counts) const;
  std::optional<Code> relative_code_of(double number) const;

  double precision_ = 0;
  double log_base_ = 0;
};

}  // namespace spoor::query
