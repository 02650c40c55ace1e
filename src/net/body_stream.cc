#include "net/body_stream.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace spoor::net {
namespace {

void call(const std::function<void()>& function) {
  if (function) function();
}

}  // namespace

BodyStream::BodyStream(TrailersOf trailers_of, os::MemoryBudget* budget)
    : trailers_of_(std::move(trailers_of)), has_budget_(budget != nullptr) {
  if (budget != nullptr) reservation_ = budget->reserve();
}

BodyStream::Written BodyStream::write(std::string piece) {
  std::function<void()> wake;
  Written written;
  {
    MutexLock lock(mutex_);
    if (closed_ || ended_) return Written::Gone;
    const size_t queued = queued_bytes_ + piece.size();
    if (has_budget_ && !reservation_.grow_to(queued)) return Written::NoMemory;
    if (!piece.empty()) {
      queued_bytes_ = queued;
      pieces_.push_back(std::move(piece));
      if (std::exchange(is_awaited_, false)) wake = wake_;
    }
    written = queued < kQueuedBytesMax ? Written::MoreMayCome : Written::Full;
  }
  call(wake);
  return written;
}

void BodyStream::when_room(std::function<void()> go_on) {
  {
    MutexLock lock(mutex_);
    if (!closed_ && !ended_ && queued_bytes_ >= kQueuedBytesMax) {
      SPOOR_ASSERT(!go_on_);
      go_on_ = std::move(go_on);
      return;
    }
  }
  go_on();
}

void BodyStream::end(const Status& status, std::vector<Header> more) {
  std::function<void()> wake, go_on;
  {
    MutexLock lock(mutex_);
    if (std::exchange(ended_, true)) return;
    trailers_ = trailers_of_(status);
    std::ranges::move(more, std::back_inserter(trailers_));
    if (std::exchange(is_awaited_, false)) wake = wake_;
    go_on = std::exchange(go_on_, nullptr);
  }
  call(wake);
  call(go_on);
}

void BodyStream::attach(std::function<void()> wake) {
  MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

BodyStream::Taken BodyStream::take(char* target, size_t size) {
  std::function<void()> go_on;
  Taken taken;
  {
    MutexLock lock(mutex_);
    while (taken.bytes < size && !pieces_.empty()) {
      const std::string& piece = pieces_.front();
      size_t bytes = std::min(size - taken.bytes, piece.size() - front_at_);
      std::memcpy(target + taken.bytes, piece.data() + front_at_, bytes);
      taken.bytes += bytes;
      front_at_ += bytes;
      if (front_at_ < piece.size()) break;
      pieces_.pop_front();
      front_at_ = 0;
    }
    queued_bytes_ -= taken.bytes;
    taken.is_end = ended_ && pieces_.empty();
    is_awaited_ = taken.bytes == 0 && !taken.is_end;
    // Half empty: the writer is not woken for each little piece.
    if (queued_bytes_ <= kQueuedBytesMax / 2) go_on = std::exchange(go_on_, nullptr);
  }
  call(go_on);
  return taken;
}

void BodyStream::close() {
  std::function<void()> go_on;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    wake_ = nullptr;
    pieces_.clear();
    queued_bytes_ = front_at_ = 0;
    reservation_.release();
    if (!std::exchange(ended_, true)) trailers_ = trailers_of_(cancelled("the peer has gone"));
    go_on = std::exchange(go_on_, nullptr);
  }
  call(go_on);
}

std::vector<Header> BodyStream::trailers() const {
  MutexLock lock(mutex_);
  SPOOR_ASSERT(ended_);
  return trailers_;
}

}  // namespace spoor::net
