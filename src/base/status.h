// The one way an operation says that it failed.
//
// Codes are gRPC's, so that the wire needs no translation; status_traits() is the single table
// that maps each to HTTP and tells whether a sender may try again. A message is lower case,
// has no full stop, and names facts (file, offset, expected, got) and an operator's way out.
// A Status that is OK costs one null pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace spoor {

// Numbers as in gRPC's statuscodes document.
enum class Code : uint8_t {
  Ok = 0,
  Cancelled = 1,
  Unknown = 2,
  InvalidArgument = 3,
  DeadlineExceeded = 4,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Aborted = 10,
  OutOfRange = 11,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
  DataLoss = 15,
  Unauthenticated = 16,
};

struct StatusTraits {
  std::string_view name;  // "UNAVAILABLE"
  int http_status;        // what an HTTP client sees
};

const StatusTraits& status_traits(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  Status(Code code, std::string message);

  bool ok() const { return state_ == nullptr; }
  Code code() const { return state_ ? state_->code : Code::Ok; }
  const std::string& message() const;

  // The delay after which a sender may repeat the request. A ResourceExhausted without a delay
  // is final for OTLP senders; Unavailable and ResourceExhausted with one are repeated.
  std::optional<uint32_t> retry_delay_ms() const;
  Status with_retry_delay_ms(uint32_t delay_ms) const;

  // The HTTP status of the answer: the table's, or 429 for ResourceExhausted with a delay.
  int http_status() const;

  // "UNAVAILABLE: log is fenced"
  std::string to_string() const;

 private:
  struct State {
    Code code;
    std::string message;
    std::optional<uint32_t> retry_delay_ms;
  };
  std::shared_ptr<const State> state_;
};

Status invalid_argument(std::string message);
Status not_found(std::string message);
Status already_exists(std::string message);
Status permission_denied(std::string message);
Status resource_exhausted(std::string message);
Status failed_precondition(std::string message);
Status unimplemented(std::string message);
Status unavailable(std::string message, uint32_t retry_delay_ms);
Status data_loss(std::string message);
Status internal(std::string message);
Status cancelled(std::string message);
Status deadline_exceeded(std::string message);

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}        // NOLINT: implicit
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {  // NOLINT
    SPOOR_ASSERT(!std::get<1>(state_).ok());
  }

  bool ok() const { return state_.index() == 0; }
  Status status() const { return ok() ? Status() : std::get<1>(state_); }

  T& value() & {
    SPOOR_ASSERT(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    SPOOR_ASSERT(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    SPOOR_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace spoor

#define SPOOR_CONCAT_INNER(a, b) a##b
#define SPOOR_CONCAT(a, b) SPOOR_CONCAT_INNER(a, b)

// Returns from the function if the expression's Status is an error.
#define SPOOR_TRY(expression)                            \
  do {                                                   \
    ::spoor::Status spoor_try_status = (expression);     \
    if (!spoor_try_status.ok()) return spoor_try_status; \
  } while (false)

// SPOOR_ASSIGN(auto file, world.open(path)): takes the value or returns the error.
#define SPOOR_ASSIGN(target, expression) \
  SPOOR_ASSIGN_INNER(SPOOR_CONCAT(spoor_result_, __LINE__), target, expression)
#define SPOOR_ASSIGN_INNER(result, target, expression) \
  auto result = (expression);                          \
  if (!result.ok()) return result.status();            \
  target = std::move(result).value()
