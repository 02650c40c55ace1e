#include "net/exchange.h"

#include <utility>

#include "base/log.h"

namespace spoor::net {

Exchange::Exchange(RequestHead head, Answer answer)
    : head_(std::move(head)), answer_(std::move(answer)) {}

Exchange::~Exchange() {
  if (answered_.load(std::memory_order_acquire)) return;
  if (!cancelled()) {
    log_error("a handler dropped its request unanswered",
              {{"method", head_.method_text}, {"path", head_.path}});
  }
  // Also when cancelled: a half-closed connection waits for it.
  answer_(status_response(internal("the request was dropped without an answer")));
}

void Exchange::set_body(std::string body, os::MemoryBudget::Reservation reservation) {
  body_ = std::move(body);
  body_reservation_ = std::move(reservation);
}

void Exchange::respond(Response response) {
  bool answered_before = answered_.exchange(true, std::memory_order_acq_rel);
  SPOOR_ASSERT(!answered_before);
  std::vector<std::function<void()>> forgotten;
  {
    MutexLock lock(mutex_);
    forgotten.swap(stops_);
  }
  answer_(std::move(response));
}

std::shared_ptr<BodyStream> Exchange::respond_with_stream(Response head,
                                                          BodyStream::TrailersOf trailers_of) {
  bool answered_before = answered_.exchange(true, std::memory_order_acq_rel);
  SPOOR_ASSERT(!answered_before);
  auto stream = std::make_shared<BodyStream>(std::move(trailers_of), budget_);
  // Whatever becomes of the answer, also where nobody takes it: without it nobody reads.
  head.stream =
      std::shared_ptr<BodyStream>(stream.get(), [stream](BodyStream* body) { body->close(); });
  answer_(std::move(head));
  return stream;
}

void Exchange::on_cancel(std::function<void()> stop) {
  {
    MutexLock lock(mutex_);
    if (!cancelled()) {
      stops_.push_back(std::move(stop));
      return;
    }
  }
  stop();
}

void Exchange::cancel() {
  std::vector<std::function<void()>> stops;
  {
    MutexLock lock(mutex_);
    cancelled_.store(true, std::memory_order_release);
    stops.swap(stops_);
  }
  for (const auto& stop : stops) stop();
}

bool Exchange::charge_memory(uint64_t bytes) {
  if (budget_ == nullptr) return true;
  if (extra_reservation_.bytes() == 0) extra_reservation_ = budget_->reserve();
  return extra_reservation_.grow_to(extra_reservation_.bytes() + bytes);
}

}  // namespace spoor::net
