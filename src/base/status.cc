#include "base/status.h"

#include <array>

namespace spoor {
namespace {

// The one table of design.md section 6: gRPC code, its name, the HTTP status. OTLP senders
// repeat on 429, 502, 503 and 504 only, so a passing trouble must map to one of these.
constexpr std::array<StatusTraits, 17> kTraits = {{
    {"OK", 200},
    {"CANCELLED", 499},
    {"UNKNOWN", 500},
    {"INVALID_ARGUMENT", 400},
    {"DEADLINE_EXCEEDED", 504},
    {"NOT_FOUND", 404},
    {"ALREADY_EXISTS", 409},
    {"PERMISSION_DENIED", 403},
    {"RESOURCE_EXHAUSTED", 413},
    {"FAILED_PRECONDITION", 400},
    {"ABORTED", 503},
    {"OUT_OF_RANGE", 400},
    {"UNIMPLEMENTED", 501},
    {"INTERNAL", 500},
    {"UNAVAILABLE", 503},
    {"DATA_LOSS", 500},
    {"UNAUTHENTICATED", 401},
}};

}  // namespace

const StatusTraits& status_traits(Code code) {
  size_t index = static_cast<size_t>(code);
  SPOOR_ASSERT(index < kTraits.size());
  return kTraits[index];
}

Status::Status(Code code, std::string message)
    : state_(std::make_shared<State>(State{code, std::move(message), std::nullopt})) {
  SPOOR_ASSERT(code != Code::Ok);
}

const std::string& Status::message() const {
  static const std::string empty;
  return state_ ? state_->message : empty;
}

std::optional<uint32_t> Status::retry_delay_ms() const {
  return state_ ? state_->retry_delay_ms : std::nullopt;
}

Status Status::with_retry_delay_ms(uint32_t delay_ms) const {
  SPOOR_ASSERT(!ok());
  Status copy;
  copy.state_ = std::make_shared<State>(State{state_->code, state_->message, delay_ms});
  return copy;
}

int Status::http_status() const {
  if (code() == Code::ResourceExhausted && retry_delay_ms().has_value()) return 429;
  return status_traits(code()).http_status;
}

std::string Status::to_string() const {
  std::string text(status_traits(code()).name);
  if (!message().empty()) text.append(": ").append(message());
  return text;
}

Status invalid_argument(std::string message) {
  return Status(Code::InvalidArgument, std::move(message));
}
Status not_found(std::string message) {
  return Status(Code::NotFound, std::move(message));
}
Status already_exists(std::string message) {
  return Status(Code::AlreadyExists, std::move(message));
}
Status permission_denied(std::string message) {
  return Status(Code::PermissionDenied, std::move(message));
}
Status resource_exhausted(std::string message) {
  return Status(Code::ResourceExhausted, std::move(message));
}
Status failed_precondition(std::string message) {
  return Status(Code::FailedPrecondition, std::move(message));
}
Status unimplemented(std::string message) {
  return Status(Code::Unimplemented, std::move(message));
}
Status unavailable(std::string message, uint32_t retry_delay_ms) {
  return Status(Code::Unavailable, std::move(message)).with_retry_delay_ms(retry_delay_ms);
}
Status data_loss(std::string message) {
  return Status(Code::DataLoss, std::move(message));
}
Status internal(std::string message) {
  return Status(Code::Internal, std::move(message));
}
Status cancelled(std::string message) {
  return Status(Code::Cancelled, std::move(message));
}
Status deadline_exceeded(std::string message) {
  return Status(Code::DeadlineExceeded, std::move(message));
}

}  // namespace spoor
