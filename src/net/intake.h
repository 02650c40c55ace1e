// What happens to a request between its framing and its handler, the same for both framings:
// routing, CORS, early refusal, body accounting, hand-over, the finish of the answer, metrics.
//
// One Intake per listener and loop, used on that loop's thread.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/metric.h"
#include "net/body.h"
#include "net/exchange.h"
#include "net/limits.h"
#include "net/router.h"

namespace spoor::net {

// Counts requests from their headers to the end of their answer.
class InFlight {
 public:
  InFlight() = default;
  explicit InFlight(std::atomic<uint64_t>* count) : count_(count) {
    if (count_ != nullptr) count_->fetch_add(1, std::memory_order_relaxed);
  }
  InFlight(InFlight&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  InFlight& operator=(InFlight&& other) noexcept {
    end();
    count_ = std::exchange(other.count_, nullptr);
    return *this;
  }
  ~InFlight() { end(); }
  void end() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_release);
    count_ = nullptr;
  }

 private:
  std::atomic<uint64_t>* count_ = nullptr;
};

// One request of a session, from its headers to its answer.
struct OpenRequest {
  ExchangePtr exchange;            // until it is handed to the handler
  std::weak_ptr<Exchange> handed;  // afterwards
  const Route* route = nullptr;
  std::optional<std::string> cors_origin;
  BodyBuffer body;
  InFlight in_flight;
  bool head_only = false;  // HEAD: the answer has no body
  uint64_t started_nanos = 0;
  uint64_t deadline_nanos = 0;  // 0: none

  // The exchange wherever it is now; null once the handler has let go of it.
  ExchangePtr current() const { return exchange ? exchange : handed.lock(); }
};

class Intake {
 public:
  // All must outlive the intake; budget and metrics may be null.
  Intake(std::string listener, const Router* router, const Limits* limits, os::MemoryBudget* budget,
         MetricRegistry* metrics, std::atomic<uint64_t>* in_flight);

  // The headers are there. Gives the answer if the request goes no further.
  std::optional<Response> open(OpenRequest& request, RequestHead head,
                               std::optional<uint64_t> declared_bytes, Exchange::Answer answer,
                               uint64_t now_nanos);

  // Takes a piece of the body, or gives the answer that refuses the request.
  std::optional<Response> take_body(OpenRequest& request, std::string_view piece);

  // The body is complete: calls the handler.
  void dispatch(OpenRequest& request);

  // Ends a request that has not been answered; its handler sees it as cancelled.
  Response refuse(OpenRequest& request, const Refusal& refusal);
  // For what never became a request.
  Response refuse_head(const RequestHead& head, const Refusal& refusal) const {
    return router_.refuse(nullptr, head, refusal);
  }
  Refusal no_memory() const;

  void cancel(OpenRequest& request);

  // Adds the headers that every answer has and counts it. One that is sent as it is made keeps its
  // deadline and is counted when it has ended.
  void finish(OpenRequest& request, Response& response, uint64_t now_nanos);
  // Nobody reads the stream any more, or all of it is sent; its handler sees the request as
  // cancelled.
  void finish_stream(OpenRequest& request, BodyStream& stream, uint64_t now_nanos);

  const Limits& limits() const { return limits_; }
  os::MemoryBudget* budget() const { return budget_; }

 private:
  std::optional<Response> route(OpenRequest& request, RequestHead& head);
  struct Outcome {
    int http_status = 200;
    int grpc_code = -1;  // none
  };
  void record(const OpenRequest& request, Outcome outcome, uint64_t now_nanos);

  const std::string listener_;
  const Router& router_;
  const Limits& limits_;
  os::MemoryBudget* const budget_;
  MetricRegistry* const metrics_;
  std::atomic<uint64_t>* const in_flight_;
  std::map<std::pair<const Route*, int>, Counter*> answers_;
  std::map<const Route*, DurationHistogram*> durations_;
};

}  // namespace spoor::net
