#include "os/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "os/memory_budget.h"

namespace spoor::os {
namespace {

TEST(Executor, runs_all_that_it_took_before_it_stops) {
  std::atomic<int> done = 0;
  Executor executor({.name = "test", .threads = 3});
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(executor.submit([&] { ++done; }).ok());
  }
  executor.stop();
  EXPECT_EQ(done, 500);
  EXPECT_EQ(executor.submit([] {}).code(), Code::Unavailable);
}

TEST(Executor, refuses_with_a_delay_when_the_queue_is_full) {
  std::latch started(1), release(1);
  Executor executor({.name = "test", .threads = 1, .queue_capacity = 2});
  ASSERT_TRUE(executor
                  .submit([&] {
                    started.count_down();
                    release.wait();
                  })
                  .ok());
  started.wait();
  EXPECT_TRUE(executor.submit([] {}).ok());
  EXPECT_TRUE(executor.submit([] {}).ok());
  Status status = executor.submit([] {});
  EXPECT_EQ(status.to_string(), "UNAVAILABLE: test: queue is full with 2 waiting");
  EXPECT_TRUE(status.retry_delay_ms().has_value());
  EXPECT_EQ(executor.queued(), 2u);
  release.count_down();
}

TEST(Executor, one_thread_keeps_the_order_and_work_may_submit_work) {
  std::vector<int> order;
  Executor executor({.name = "test"});
  std::latch nested(1);
  ASSERT_TRUE(executor
                  .submit([&] {
                    order.push_back(1);
                    ASSERT_TRUE(executor
                                    .submit([&] {
                                      order.push_back(2);
                                      nested.count_down();
                                    })
                                    .ok());
                  })
                  .ok());
  nested.wait();
  executor.stop();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(MemoryBudget, refuses_what_it_does_not_have_and_takes_back) {
  MemoryBudget budget(100);
  MemoryBudget::Reservation first = budget.reserve();
  EXPECT_TRUE(first.grow_to(60));
  MemoryBudget::Reservation second = budget.reserve();
  EXPECT_FALSE(second.grow_to(41));
  EXPECT_TRUE(second.grow_to(40));
  EXPECT_EQ(budget.used_bytes(), 100u);
  first.release();
  EXPECT_EQ(budget.used_bytes(), 40u);
}

}  // namespace
}  // namespace spoor::os
