// The body of one request while it arrives, charged to the memory budget as it grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/memory_budget.h"

namespace spoor::net {

class BodyBuffer {
 public:
  enum class Outcome { Taken, TooLarge, NoMemory };

  // `budget` may be null. `declared` is what the sender promises; memory is taken in steps of
  // at most four times what has arrived, so a promise alone costs nothing.
  void start(uint64_t bytes_max, std::optional<uint64_t> declared, os::MemoryBudget* budget);

  Outcome append(std::string_view piece);

  // Charges the budget for `ahead` bytes that the peer is about to be allowed to send. False,
  // with nothing changed, when there is no room.
  bool reserve_ahead(uint64_t ahead);

  uint64_t size() const { return bytes_.size(); }
  // What the sender still owes, if it said how much it sends.
  std::optional<uint64_t> missing() const;

  std::string take_bytes() { return std::move(bytes_); }
  // Charges what the body has, no longer what it could have had.
  os::MemoryBudget::Reservation take_reservation();
  void drop();

 private:
  bool charge(uint64_t bytes);

  std::string bytes_;
  uint64_t bytes_max_ = 0;
  std::optional<uint64_t> declared_;
  os::MemoryBudget* budget_ = nullptr;
  os::MemoryBudget::Reservation reservation_;
};

}  // namespace spoor::net
