#include "net/intake.h"

#include <algorithm>
#include <charconv>

namespace spoor::net {
namespace {

// A year: more is no deadline, and its nanoseconds still fit.
constexpr uint64_t kTimeoutMsMax = 365ull * 24 * 3600 * 1000;

// gRPC's code among the fields, or -1.
int grpc_code(const std::vector<Header>& fields) {
  for (const Header& field : fields) {
    if (field.name != "grpc-status") continue;
    int code = -1;
    std::from_chars(field.value.data(), field.value.data() + field.value.size(), code);
    return code >= 0 && code <= 16 ? code : -1;
  }
  return -1;
}

int grpc_code(const Response& response) {
  int code = grpc_code(response.trailers);
  return code >= 0 ? code : grpc_code(response.headers);
}

}  // namespace

Intake::Intake(std::string listener, const Router* router, const Limits* limits,
               os::MemoryBudget* budget, MetricRegistry* metrics, std::atomic<uint64_t>* in_flight)
    : listener_(std::move(listener)),
      router_(*router),
      limits_(*limits),
      budget_(budget),
      metrics_(metrics),
      in_flight_(in_flight) {}

std::optional<Response> Intake::route(OpenRequest& request, RequestHead& head) {
  Router::Match match = router_.match(head);
  request.route = match.route;
  request.cors_origin = allowed_origin(*match.cors, head);
  if (match.route != nullptr) return std::nullopt;
  if (match.refusal.http_status == 405 && head.method == Method::Options) {
    if (is_preflight(head)) return preflight_response(*match.cors, head, match.allow);
    Response response;
    response.status = 204;
    response.add_header("allow", match.allow);
    return response;
  }
  Response response = router_.refuse(nullptr, head, match.refusal);
  if (match.refusal.http_status == 405) response.add_header("allow", match.allow);
  return response;
}

std::optional<Response> Intake::open(OpenRequest& request, RequestHead head,
                                     std::optional<uint64_t> declared_bytes,
                                     Exchange::Answer answer, uint64_t now_nanos) {
  request.in_flight = InFlight(in_flight_);
  request.started_nanos = now_nanos;
  request.head_only = head.method == Method::Head;
  if (auto refused = route(request, head)) return refused;

  const RouteOptions& options = request.route->options;
  request.exchange = std::make_shared<Exchange>(std::move(head), std::move(answer));
  request.exchange->set_budget(budget_);
  if (declared_bytes) request.exchange->set_declared_body_bytes(*declared_bytes);
  if (declared_bytes.value_or(0) > options.body_bytes_max) {
    return refuse(request,
                  {413, resource_exhausted("the body has " + std::to_string(*declared_bytes) +
                                           " bytes, above the limit of " +
                                           std::to_string(options.body_bytes_max))});
  }
  if (options.admit) {
    if (auto refused = options.admit(*request.exchange)) {
      cancel(request);
      return refused;
    }
  }
  if (auto timeout_ms = request.exchange->timeout_ms()) {
    request.deadline_nanos = now_nanos + std::min(*timeout_ms, kTimeoutMsMax) * 1'000'000;
  }
  request.body.start(options.body_bytes_max, declared_bytes, budget_);
  return std::nullopt;
}

std::optional<Response> Intake::take_body(OpenRequest& request, std::string_view piece) {
  SPOOR_ASSERT(request.exchange != nullptr);
  switch (request.body.append(piece)) {
    case BodyBuffer::Outcome::Taken:
      return std::nullopt;
    case BodyBuffer::Outcome::TooLarge:
      return refuse(request,
                    {413, resource_exhausted("the body is above the limit of " +
                                             std::to_string(request.route->options.body_bytes_max) +
                                             " bytes")});
    case BodyBuffer::Outcome::NoMemory:
      return refuse(request, no_memory());
  }
  return std::nullopt;
}

Refusal Intake::no_memory() const {
  return {503, unavailable("no memory for the request now", limits_.retry_delay_ms)};
}

void Intake::dispatch(OpenRequest& request) {
  SPOOR_ASSERT(request.exchange != nullptr && request.route != nullptr);
  auto reservation = request.body.take_reservation();
  request.exchange->set_body(request.body.take_bytes(), std::move(reservation));
  request.handed = request.exchange;
  request.route->handler(std::move(request.exchange));
  request.exchange = nullptr;
  auto exchange = request.handed.lock();
  if (exchange && exchange->timeout_ms()) {
    request.deadline_nanos =
        request.started_nanos + std::min(*exchange->timeout_ms(), kTimeoutMsMax) * 1'000'000;
  }
}

Response Intake::refuse(OpenRequest& request, const Refusal& refusal) {
  ExchangePtr exchange = request.current();
  Response response = exchange ? router_.refuse(request.route, exchange->head(), refusal)
                               : router_.refuse(request.route, RequestHead{}, refusal);
  cancel(request);
  return response;
}

void Intake::cancel(OpenRequest& request) {
  if (ExchangePtr exchange = request.current()) exchange->cancel();
  request.exchange = nullptr;
  request.handed.reset();
  request.deadline_nanos = 0;
  request.body.drop();
}

void Intake::finish(OpenRequest& request, Response& response, uint64_t now_nanos) {
  if (!response.stream) record(request, {response.status, grpc_code(response)}, now_nanos);
  if (!response.is_grpc()) {
    response.add_header("server", "spoor");
    response.add_header("x-content-type-options", "nosniff");
  }
  if (request.cors_origin) add_cors_headers(response, *request.cors_origin);
  remove_control_bytes(response.headers);
  bool bodyless = response.status == 204 || response.status == 304;
  if (bodyless) response.body.clear();
  if (!response.stream) request.deadline_nanos = 0;
}

void Intake::finish_stream(OpenRequest& request, BodyStream& stream, uint64_t now_nanos) {
  cancel(request);
  stream.close();
  record(request, {200, grpc_code(stream.trailers())}, now_nanos);
}

void Intake::record(const OpenRequest& request, Outcome outcome, uint64_t now_nanos) {
  if (metrics_ == nullptr) return;
  const Route* route = request.route;
  const int code = outcome.grpc_code;
  std::string pattern = route != nullptr ? route->pattern : "";
  // gRPC codes stand beside HTTP's as negative keys: its HTTP status is always 200.
  Counter*& counter = answers_[{route, code >= 0 ? -1 - code : outcome.http_status}];
  if (counter == nullptr) {
    std::string status(code >= 0 ? status_traits(static_cast<Code>(code)).name
                                 : std::string_view());
    if (code < 0) status = std::to_string(outcome.http_status);
    counter = &metrics_->counter("spoor_net_requests_total",
                                 "requests answered, by listener, route and status",
                                 {{"listener", listener_}, {"route", pattern}, {"status", status}});
  }
  counter->add();
  DurationHistogram*& duration = durations_[route];
  if (duration == nullptr) {
    duration = &metrics_->histogram("spoor_net_request_duration_seconds",
                                    "from the end of the headers to the framed answer",
                                    {{"listener", listener_}, {"route", pattern}});
  }
  duration->observe_nanos(now_nanos - std::min(now_nanos, request.started_nanos));
}

}  // namespace spoor::net
