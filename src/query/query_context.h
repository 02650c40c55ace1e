// What one query may use and how it is stopped. Made by whoever asks, outlives the call.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/mutex.h"
#include "base/status.h"
#include "os/executor.h"
#include "os/memory_budget.h"

namespace spoor::query {

// Of one query, beside what its results hold; enough for the ids of 20 million traces.
constexpr uint64_t kQueryBytesMax = 512ull << 20;

class CountedPieces;  // counted_pieces.h

class QueryContext {
 public:
  // `helpers` may lend further threads, `budget` is charged, what was counted is looked for and
  // kept in `counted`; all may be null.
  explicit QueryContext(os::Executor* helpers = nullptr, os::MemoryBudget* budget = nullptr,
                        CountedPieces* counted = nullptr)
      : helpers_(helpers), counted_(counted), has_budget_(budget != nullptr) {
    if (budget != nullptr) reservation_ = budget->reserve();
  }

  // Any thread; the query ends within some milliseconds with Cancelled.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  // What the query holds by now. ResourceExhausted when that is too much for a query, Unavailable
  // when the process has no more. Any thread.
  Status charge(uint64_t bytes_in_all) SPOOR_EXCLUDES(mutex_);

  os::Executor* helpers() const { return helpers_; }
  CountedPieces* counted() const { return counted_; }

 private:
  os::Executor* helpers_;
  CountedPieces* counted_;
  Mutex mutex_;
  os::MemoryBudget::Reservation reservation_ SPOOR_GUARDED_BY(mutex_);
  const bool has_budget_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace spoor::query
