#include "ingest/out_of_time.h"

#include <gtest/gtest.h>

namespace spoor::ingest {
namespace {

TEST(OutOfTime, counts_add_up_by_service) {
  OutOfTimeCounts counts;
  counts.add({{"shop", {.too_old = 2, .too_new = 0}}, {"", {.too_old = 0, .too_new = 1}}});
  counts.add({{"shop", {.too_old = 1, .too_new = 4}}});
  OutOfTimeByService read = counts.read();
  EXPECT_EQ(read.size(), 2u);
  EXPECT_EQ(read["shop"].too_old, 3u);
  EXPECT_EQ(read["shop"].too_new, 4u);
  EXPECT_EQ(read[""].too_new, 1u);
}

TEST(OutOfTime, beyond_the_limit_all_others_are_one) {
  OutOfTimeCounts counts;
  for (size_t i = 0; i < kOutOfTimeServicesMax; ++i) {
    counts.add({{"service " + std::to_string(i), {.too_old = 1, .too_new = 0}}});
  }
  EXPECT_EQ(counts.read().size(), kOutOfTimeServicesMax);
  EXPECT_FALSE(counts.read().contains(kOtherServices));
  counts.add({{"one more", {.too_old = 1, .too_new = 0}}});
  counts.add({{"and one", {.too_old = 1, .too_new = 0}}});
  counts.add({{"service 7", {.too_old = 1, .too_new = 0}}});
  OutOfTimeByService read = counts.read();
  EXPECT_EQ(read.size(), kOutOfTimeServicesMax + 1);
  EXPECT_EQ(read["other"].too_old, 2u);
  EXPECT_EQ(read["service 7"].too_old, 2u);
}

}  // namespace
}  // namespace spoor::ingest
