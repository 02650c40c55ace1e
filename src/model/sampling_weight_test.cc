#include "model/sampling_weight.h"

#include <gtest/gtest.h>

namespace spoor {
namespace {

TEST(SamplingWeight, is_one_over_the_share_that_was_kept) {
  EXPECT_EQ(sampling_weight("ot=th:0"), 1);
  EXPECT_EQ(sampling_weight("ot=th:8"), 2);
  EXPECT_EQ(sampling_weight("ot=th:c"), 4);
  EXPECT_EQ(sampling_weight("ot=th:c0"), 4);
  EXPECT_DOUBLE_EQ(sampling_weight("ot=th:4"), 4.0 / 3);
  EXPECT_NEAR(sampling_weight("ot=th:fd70a3d70a3d71"), 100, 1e-10);
  EXPECT_EQ(sampling_weight("ot=th:ffffffffffffff"), 0x1p56);
}

TEST(SamplingWeight, stands_among_other_entries) {
  EXPECT_EQ(sampling_weight("ot=rv:6e6d1a75832a2f;th:c"), 4);
  EXPECT_EQ(sampling_weight("ot=th:c;rv:6e6d1a75832a2f"), 4);
  EXPECT_EQ(sampling_weight("rojo=00f067aa0ba902b7,ot=th:8"), 2);
  EXPECT_EQ(sampling_weight("a=1 ,\tot=th:8 , b=th:c"), 2);
}

TEST(SamplingWeight, is_one_without_a_threshold_that_is_written_right) {
  for (std::string_view state : {"",          ",",
                                 "ot",        "ot=",
                                 "ot=;",      "ot=th",
                                 "ot=th:",    "ot=th:;rv:1",
                                 "ot=th:g",   "ot=th:C",
                                 "ot=th:+8",  "ot=th:0x8",
                                 "ot=th:8 8", "ot=th:800000000000000",
                                 "th:8",      "a=th:8",
                                 "xot=th:8",  "ot=xth:8",
                                 "ot=rv:8",   "OT=th:8"}) {
    EXPECT_EQ(sampling_weight(state), 1) << state;
  }
}

}  // namespace
}  // namespace spoor
