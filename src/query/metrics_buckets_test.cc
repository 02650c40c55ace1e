#include "query/metrics_buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace spoor::query {
namespace {

TypedValue integer(int64_t number) {
  return TypedValue::integer(number);
}
TypedValue floating(double number) {
  return TypedValue::floating(number);
}

TEST(MetricsBuckets, powers_of_two_are_closed_on_the_right) {
  MetricsBuckets buckets;
  struct Case {
    TypedValue value;
    double end;
  };
  const Case kCases[] = {
      {integer(2), 2},
      {integer(3), 4},
      {integer(4), 4},
      {integer(5), 8},
      {integer(1024), 1024},
      {integer(1025), 2048},
      {integer(INT64_MAX), 0x1p63},
      {floating(2), 2},
      {floating(2.5), 4},
      {floating(0.5), 0.5},
      {floating(0.6), 1},
      {floating(1), 1},
      {floating(1e300), std::exp2(std::ceil(std::log2(1e300)))},
      {floating(5e-324), 5e-324},
      {TypedValue::whole(traceql::Type::Duration, 1'000'000'000), 0x1p30},
  };
  for (const Case& one : kCases) {
    auto code = buckets.code_of(one.value);
    ASSERT_TRUE(code.has_value());
    EXPECT_EQ(buckets.upper_end(*code), one.end);
  }
  EXPECT_EQ(MetricsBuckets::power_code(10), buckets.code_of(integer(1'000)));
}

TEST(MetricsBuckets, what_is_in_no_bucket) {
  MetricsBuckets powers, precise(0.01);
  for (const TypedValue& value :
       {integer(1), integer(0), integer(-5), integer(INT64_MIN), floating(0), floating(-0.5)}) {
    EXPECT_FALSE(powers.code_of(value).has_value());
    EXPECT_TRUE(precise.code_of(value).has_value());
  }
  for (const TypedValue& value :
       {TypedValue::nil(), TypedValue::text("3"), TypedValue::boolean(true),
        floating(std::numeric_limits<double>::infinity()), floating(std::nan(""))}) {
    EXPECT_FALSE(powers.code_of(value).has_value());
    EXPECT_FALSE(precise.code_of(value).has_value());
  }
}

TEST(MetricsBuckets, quantiles_by_powers_are_interpolated) {
  MetricsBuckets buckets;
  auto code = [&](int64_t number) { return *buckets.code_of(integer(number)); };
  // 2 in (2, 4], 4 in (8, 16], nothing between.
  std::vector<MetricsBuckets::Count> counts = {{code(4), 2}, {code(16), 4}};
  EXPECT_EQ(buckets.quantile(0, counts), std::exp2(1.5));
  EXPECT_EQ(buckets.quantile(0.3, counts), 4);
  EXPECT_EQ(buckets.quantile(0.5, counts), std::exp2(2 + 2 * 0.25));
  EXPECT_EQ(buckets.quantile(1, counts), 16);
  EXPECT_EQ(buckets.quantile(0.5, {}), 0);
}

// The promise of `precision`, on numbers of every size.
TEST(MetricsBuckets, precise_quantiles_are_within_their_precision) {
  std::mt19937_64 random(1);
  for (double precision : {0.001, 0.01, 0.1, 0.5}) {
    MetricsBuckets buckets(precision);
    for (int round = 0; round < 50; ++round) {
      std::vector<double> numbers;
      std::map<MetricsBuckets::Code, uint64_t> counted;
      for (size_t i = random() % 300 + 1; i > 0; --i) {
        double number = std::ldexp(
            static_cast<double>(random() % 1000 + 1),
            static_cast<int>(random() % (round % 2 ? 1'900 : 20)) - (round % 2 ? 1'000 : 5));
        if (random() % 4 == 0) number = -number;
        if (random() % 10 == 0) number = 0;
        if (!std::isfinite(number)) continue;
        auto code = buckets.code_of(floating(number));
        ASSERT_TRUE(code.has_value());
        numbers.push_back(number);
        ++counted[*code];
        EXPECT_GE(buckets.upper_end(*code) + std::abs(number) * 1e-9, number);
      }
      if (numbers.empty()) continue;
      std::ranges::sort(numbers);
      std::vector<MetricsBuckets::Count> counts(counted.begin(), counted.end());
      for (double quantile : {0.0, 0.01, 0.5, 0.9, 0.99, 1.0}) {
        double rank = std::max(1.0, std::ceil(quantile * static_cast<double>(numbers.size())));
        double exact = numbers[static_cast<size_t>(rank) - 1];
        double found = buckets.quantile(quantile, counts);
        EXPECT_LE(std::abs(found - exact), std::abs(exact) * (precision + 1e-9)) << exact;
      }
    }
  }
}

}  // namespace
}  // namespace spoor::query
