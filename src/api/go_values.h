// Values as Go programs read them from parameters, with the texts of Go's own errors: clients of
// Jaeger show them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"

namespace spoor::api {

// Decimal with an optional sign. `function` is whose error it would be: "strconv.ParseInt".
Result<int64_t> parse_go_integer(std::string_view text, std::string_view function, int bits = 64);

// 1, t, T, TRUE, true, True and their opposites.
Result<bool> parse_go_bool(std::string_view text);

// "1.5s", "100ms", "500us"; not negative, at most 292 years.
Result<int64_t> parse_go_duration_nanos(std::string_view text);

// As Go writes a duration: "1h0m1.5s", "300ms", "12\xc2\xb5s" (the micro sign), "0s".
std::string go_duration_text(int64_t nanos);

}  // namespace spoor::api
