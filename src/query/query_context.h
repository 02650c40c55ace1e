// What one query may use and how it is stopped. Made by whoever asks, outlives the call.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/status.h"
#include "os/executor.h"
#include "os/memory_budget.h"

namespace spoor::query {

// Of one query, beside what its results hold; enough for the ids of 20 million traces.
constexpr uint64_t kQueryBytesMax = 512ull << 20;

class QueryContext {
 public:
  // `helpers` may lend further threads, `budget` is charged; both may be null.
  explicit QueryContext(os::Executor* helpers = nullptr, os::MemoryBudget* budget = nullptr)
      : helpers_(helpers) {
    if (budget != nullptr) reservation_ = budget->reserve();
    has_budget_ = budget != nullptr;
  }

  // Any thread; the query ends within some milliseconds with Cancelled.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // One thread at a time. ResourceExhausted when the query, Unavailable when the process holds
  // too much.
  Status charge(uint64_t bytes_in_all);

  os::Executor* helpers() const { return helpers_; }

 private:
  os::Executor* helpers_;
  os::MemoryBudget::Reservation reservation_;
  bool has_budget_ = false;
  std::atomic<bool> cancelled_{false};
};

}  // namespace spoor::query
