// One request and its one answer, whatever the framing.
//
// The connection makes it when the headers are complete, shows it to the route's `admit` hook,
// fills the body and hands it to the handler on the loop's thread; from then on the handler
// owns it and may keep it anywhere. respond() may be called from any thread, once. An exchange
// that dies unanswered answers 500 and leaves a log line. The body's memory stays charged to
// the server's budget until the exchange dies, also after take_body().
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "net/body_stream.h"
#include "net/http.h"
#include "os/memory_budget.h"

namespace spoor::net {

class Exchange {
 public:
  // Takes the answer on its way; called at most once, from the thread that responds.
  using Answer = std::function<void(Response)>;

  // Connections make exchanges; tests of handlers do so, too.
  Exchange(RequestHead head, Answer answer);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const RequestHead& head() const { return head_; }

  // Complete when the handler is called; empty in `admit`.
  std::string_view body() const { return body_; }
  std::string take_body() { return std::move(body_); }

  // What the Content-Length header declares, if there is one.
  std::optional<uint64_t> declared_body_bytes() const { return declared_body_bytes_; }

  // Sends the answer; dropped silently if the exchange is cancelled. Any thread, once.
  void respond(Response response);
  void respond(const Status& status) { respond(status_response(status)); }

  // Sends the head of the answer now and its body as it is written to the stream; HTTP/2 only.
  // Until the stream has ended the exchange can be cancelled, and its deadline ends the stream.
  std::shared_ptr<BodyStream> respond_with_stream(Response head,
                                                  BodyStream::TrailersOf trailers_of);

  // The peer has gone, has reset the stream, or the deadline has passed: the answer will not
  // be read and work for it should stop. Any thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

  // `stop` is called once when the exchange is cancelled, on the loop's thread, or right here
  // if it already is. It must be short and must not block. It is forgotten with the answer, that of
  // a stream excepted.
  void on_cancel(std::function<void()> stop);

  // After `timeout_ms` without an answer the exchange is cancelled and answered with 504 (or
  // what the route's `refuse` makes of DeadlineExceeded). Only in `admit` or, on the loop's
  // thread, in the handler; the limit's tick is its precision.
  void expire_after_ms(uint64_t timeout_ms) { timeout_ms_ = timeout_ms; }
  std::optional<uint64_t> timeout_ms() const { return timeout_ms_; }

  // Charges further memory made for this request (a decompressed body) to the server's budget
  // until the exchange dies. False when the budget has no room; always true without a budget.
  bool charge_memory(uint64_t bytes);

  // For the connection.
  void set_declared_body_bytes(uint64_t bytes) { declared_body_bytes_ = bytes; }
  void set_budget(os::MemoryBudget* budget) { budget_ = budget; }
  void set_body(std::string body, os::MemoryBudget::Reservation reservation);
  void cancel();

 private:
  RequestHead head_;
  std::string body_;
  std::optional<uint64_t> declared_body_bytes_;
  std::optional<uint64_t> timeout_ms_;
  os::MemoryBudget* budget_ = nullptr;
  os::MemoryBudget::Reservation body_reservation_;
  os::MemoryBudget::Reservation extra_reservation_;
  Answer answer_;
  std::atomic<bool> answered_{false};
  std::atomic<bool> cancelled_{false};
  Mutex mutex_;
  std::vector<std::function<void()>> stops_ SPOOR_GUARDED_BY(mutex_);
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace spoor::net
