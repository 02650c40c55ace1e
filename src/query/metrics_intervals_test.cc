#include "query/metrics_intervals.h"

#include <gtest/gtest.h>

namespace spoor::query {
namespace {

constexpr uint64_t kSecond = kNanosPerSecond;

TEST(MetricsIntervals, of_a_range_are_aligned_and_right_closed) {
  auto intervals = MetricsIntervals::of_range({105 * kSecond}, {131 * kSecond}, 10 * kSecond);
  ASSERT_TRUE(intervals.ok());
  // (90, 100], (100, 110], (110, 120], (120, 130], (130, 140]
  ASSERT_EQ(intervals->count(), 5u);
  EXPECT_EQ(intervals->end_of(0).value, 100 * kSecond);
  EXPECT_EQ(intervals->end_of(4).value, 140 * kSecond);
  EXPECT_FALSE(intervals->contains({90 * kSecond}));
  EXPECT_TRUE(intervals->contains({90 * kSecond + 1}));
  EXPECT_EQ(intervals->of({90 * kSecond + 1}), 0u);
  EXPECT_EQ(intervals->of({100 * kSecond}), 0u);
  EXPECT_EQ(intervals->of({100 * kSecond + 1}), 1u);
  EXPECT_EQ(intervals->of({140 * kSecond}), 4u);
  EXPECT_FALSE(intervals->contains({140 * kSecond + 1}));
}

TEST(MetricsIntervals, ends_on_a_multiple_add_no_interval) {
  auto intervals = MetricsIntervals::of_range({100 * kSecond}, {130 * kSecond}, 10 * kSecond);
  ASSERT_TRUE(intervals.ok());
  EXPECT_EQ(intervals->count(), 4u);
  EXPECT_EQ(intervals->end_of(0).value, 100 * kSecond);
  EXPECT_EQ(intervals->end_of(3).value, 130 * kSecond);
}

TEST(MetricsIntervals, an_instant_is_one_with_both_ends) {
  auto intervals = MetricsIntervals::of_instant({105}, {131});
  ASSERT_TRUE(intervals.ok());
  EXPECT_EQ(intervals->count(), 1u);
  EXPECT_EQ(intervals->step(), 26u);
  EXPECT_EQ(intervals->end_of(0).value, 131u);
  EXPECT_FALSE(intervals->contains({104}));
  for (uint64_t time : {105, 120, 131}) {
    EXPECT_TRUE(intervals->contains({time}));
    EXPECT_EQ(intervals->of({time}), 0u);
  }
  EXPECT_FALSE(intervals->contains({132}));
}

TEST(MetricsIntervals, hold_where_time_begins_and_ends) {
  auto first = MetricsIntervals::of_range({0}, {kSecond}, kSecond);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->count(), 1u);
  EXPECT_EQ(first->end_of(0).value, kSecond);
  auto last = MetricsIntervals::of_range({UINT64_MAX - 5 * kSecond}, {UINT64_MAX}, kSecond);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->of({UINT64_MAX}), last->count() - 1);
  EXPECT_EQ(last->end_of(last->count() - 1).value, UINT64_MAX);
}

TEST(MetricsIntervals, are_so_many_and_no_more) {
  uint64_t start = 1'000'000 * kSecond;
  // One interval before the start.
  UnixNanos end{start + (kMetricsIntervalsMax - 1) * kSecond};
  EXPECT_TRUE(MetricsIntervals::of_range({start}, end, kSecond).ok());
  auto more = MetricsIntervals::of_range({start}, {end.value + 1}, kSecond);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.status().code(), Code::InvalidArgument);
  EXPECT_NE(more.status().message().find("10001"), std::string::npos) << more.status().message();
  EXPECT_FALSE(MetricsIntervals::of_range({start}, {start}, kSecond).ok());
  EXPECT_FALSE(MetricsIntervals::of_instant({start}, {start}).ok());
  EXPECT_TRUE(MetricsIntervals::of_range({start}, {start + 1}, kMetricsStepMin).ok());
  EXPECT_FALSE(MetricsIntervals::of_range({start}, {start + 1}, kMetricsStepMin - 1).ok());
}

TEST(MetricsIntervals, default_steps_are_round) {
  struct Case {
    uint64_t range, step;
  };
  constexpr uint64_t kMillis = kNanosPerMilli;
  constexpr Case kCases[] = {
      {kNanosPerHour, 15 * kSecond},
      {kNanosPerHour / 2, 5 * kSecond},
      {20 * kNanosPerMinute, 5 * kSecond},
      {19 * kNanosPerMinute, 4 * kSecond},
      {4 * kNanosPerMinute, kSecond},
      {kNanosPerMinute, kSecond},
      {kNanosPerMinute - 1, 200 * kMillis},
      {24 * kSecond, 100 * kMillis},
      {kSecond, 50 * kMillis},
      {3 * kNanosPerHour, 45 * kSecond},
      {4 * kNanosPerHour, kNanosPerMinute},
      {kNanosPerDay, 5 * kNanosPerMinute},
      {7 * kNanosPerDay, 40 * kNanosPerMinute},
      {30 * kNanosPerDay, 3 * kNanosPerHour},
  };
  for (const Case& one : kCases) {
    uint64_t start = 1'700'000'000 * kSecond;
    EXPECT_EQ(default_metrics_step({start}, {start + one.range}), one.step) << one.range;
  }
}

}  // namespace
}  // namespace spoor::query
