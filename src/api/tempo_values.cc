#include "api/tempo_values.h"

#include "api/go_values.h"

namespace spoor::api {
namespace {

// Senders may use numbers that have no name.
bool is_known(const query::TypedValue& typed, int64_t last) {
  int64_t number = typed.value.as_int();
  return number >= 0 && number <= last;
}

}  // namespace

Value tempo_value(const query::TypedValue& typed, Arena& arena) {
  switch (typed.type) {
    case traceql::Type::Nil:
      return Value::of_string("nil");
    case traceql::Type::Duration:
      return Value::of_string(arena.copy(go_duration_text(typed.value.as_int())));
    case traceql::Type::Status:
      if (!is_known(typed, kStatusError)) return typed.value;
      return Value::of_string(traceql::name_of(static_cast<StatusCode>(typed.value.as_int())));
    case traceql::Type::Kind:
      if (!is_known(typed, kKindConsumer)) return typed.value;
      return Value::of_string(traceql::name_of(static_cast<SpanKind>(typed.value.as_int())));
    default:
      return typed.value;
  }
}

}  // namespace spoor::api
