#include "store/merge_choice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/limits.h"

namespace spoor::store {
namespace {

constexpr MergeLimits kLimits{.spans_max = 1'000'000, .traces_max = 500'000};

class MergeChoice : public testing::Test {
 protected:
  void add(uint64_t spans) {
    parts_.push_back({{PartId{++last_}, Day{3}, spans * 100, spans}, spans / 3});
    written_ += spans;
  }
  // Merges as the store would; how many parts went in.
  size_t merge(MergeRule rule) {
    std::vector<PartId> ids = choose_merge(parts_, rule, kLimits);
    uint64_t spans = 0;
    std::erase_if(parts_, [&](const MergeCandidate& candidate) {
      bool is_chosen = std::ranges::find(ids, candidate.part.id) != ids.end();
      if (is_chosen) spans += candidate.part.spans;
      return is_chosen;
    });
    EXPECT_LE(spans, kLimits.spans_max);
    if (!ids.empty()) add(spans);
    return ids.size();
  }
  void merge_while_possible(MergeRule rule) {
    while (merge(rule) > 0) {
    }
  }

  std::vector<MergeCandidate> parts_;
  uint64_t last_ = 0;
  uint64_t written_ = 0;
};

TEST_F(MergeChoice, parts_stay_few_and_spans_are_rarely_rewritten) {
  size_t most = 0;
  for (int flush = 0; flush < 3'000; ++flush) {
    add(2'000 + static_cast<uint64_t>(flush * 7919 % 300));
    merge_while_possible(MergeRule::Open);
    most = std::max(most, parts_.size());
  }
  uint64_t spans = 0;
  for (const MergeCandidate& part : parts_) spans += part.part.spans;
  EXPECT_LE(most, 40u);
  EXPECT_LE(written_, 5 * spans);  // flushed once, then once for each size
}

TEST_F(MergeChoice, seven_of_a_size_wait_and_eight_are_merged) {
  for (size_t i = 0; i + 1 < kMergeInputsMin; ++i) add(1'000);
  EXPECT_EQ(merge(MergeRule::Open), 0u);
  add(50'000'0);  // of another size
  EXPECT_EQ(merge(MergeRule::Open), 0u);
  add(1'000);
  EXPECT_EQ(merge(MergeRule::Open), kMergeInputsMin);
}

TEST_F(MergeChoice, no_more_than_the_fan_in_at_once) {
  for (size_t i = 0; i < 3 * kMergeInputsMax; ++i) add(1'000);
  EXPECT_EQ(merge(MergeRule::Open), kMergeInputsMax);
}

TEST_F(MergeChoice, a_closed_day_becomes_one_part) {
  for (uint64_t spans : {400'000u, 100'000u, 30'000u, 500u}) add(spans);
  EXPECT_EQ(merge(MergeRule::Open), 0u);
  EXPECT_EQ(merge(MergeRule::Closed), 4u);
  EXPECT_EQ(merge(MergeRule::Closed), 0u);
}

TEST_F(MergeChoice, a_closed_day_is_not_rewritten_for_few_late_spans) {
  add(450'000);
  for (int i = 0; i < 3; ++i) add(100);
  EXPECT_EQ(merge(MergeRule::Closed), 0u);
  add(60'000);
  EXPECT_EQ(merge(MergeRule::Closed), 5u);
}

TEST_F(MergeChoice, force_makes_one_part_of_all_that_fits) {
  for (uint64_t spans : {450'000u, 100u, 100u}) add(spans);
  EXPECT_EQ(merge(MergeRule::Force), 3u);
  add(600'000);  // beyond the limit together
  EXPECT_EQ(merge(MergeRule::Force), 0u);
  for (int i = 0; i < 20; ++i) add(10);
  EXPECT_EQ(merge(MergeRule::Force), kMergeInputsMax);
  merge_while_possible(MergeRule::Force);
  EXPECT_EQ(parts_.size(), 2u);
}

TEST_F(MergeChoice, the_output_stays_within_its_limit) {
  for (int i = 0; i < 8; ++i) add(300'000);
  EXPECT_EQ(merge(MergeRule::Open), 3u);
  merge_while_possible(MergeRule::Closed);
  for (const MergeCandidate& part : parts_) EXPECT_LE(part.part.spans, kLimits.spans_max);
}

}  // namespace
}  // namespace spoor::store
