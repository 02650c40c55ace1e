#include "net/body.h"

#include <algorithm>

namespace spoor::net {

void BodyBuffer::start(uint64_t bytes_max, std::optional<uint64_t> declared,
                       os::MemoryBudget* budget) {
  drop();
  bytes_max_ = bytes_max;
  declared_ = declared;
  budget_ = budget;
}

bool BodyBuffer::charge(uint64_t bytes) {
  if (budget_ == nullptr) return true;
  if (reservation_.bytes() == 0) reservation_ = budget_->reserve();
  return reservation_.grow_to(bytes);
}

BodyBuffer::Outcome BodyBuffer::append(std::string_view piece) {
  if (piece.size() > bytes_max_ || bytes_.size() > bytes_max_ - piece.size()) {
    return Outcome::TooLarge;
  }
  uint64_t needed = bytes_.size() + piece.size();
  bool charged = budget_ == nullptr || needed <= reservation_.bytes();
  if (needed > bytes_.capacity() || !charged) {
    uint64_t step = declared_ ? std::min(*declared_, needed * 4) : needed * 2;
    uint64_t target = std::max(needed, std::min(step, bytes_max_));
    if (!charge(target) && !charge(target = needed)) return Outcome::NoMemory;
    bytes_.reserve(target);
  }
  bytes_.append(piece);
  return Outcome::Taken;
}

bool BodyBuffer::reserve_ahead(uint64_t ahead) {
  return charge(std::min(bytes_.size() + ahead, bytes_max_));
}

std::optional<uint64_t> BodyBuffer::missing() const {
  if (!declared_) return std::nullopt;
  return *declared_ - std::min<uint64_t>(*declared_, bytes_.size());
}

os::MemoryBudget::Reservation BodyBuffer::take_reservation() {
  if (budget_ == nullptr) return {};
  auto exact = budget_->reserve();
  uint64_t held = bytes_.capacity();
  if (reservation_.bytes() > held && exact.grow_to(held)) reservation_ = std::move(exact);
  return std::move(reservation_);
}

void BodyBuffer::drop() {
  bytes_ = std::string();
  reservation_.release();
}

}  // namespace spoor::net
