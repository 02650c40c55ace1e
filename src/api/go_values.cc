#include "api/go_values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time.h"

namespace spoor::api {
namespace {

constexpr size_t kShownBytes = 128;

Status syntax_error(std::string_view function, std::string_view text, std::string_view why) {
  return invalid_argument(std::string(function) + ": parsing \"" +
                          std::string(text.substr(0, kShownBytes)) + "\": " + std::string(why));
}

// The value in units, with as many decimals as it has.
std::string decimal(uint64_t value, uint64_t unit) {
  std::string text = std::to_string(value / unit);
  std::string rest = std::to_string(unit + value % unit);  // its first digit keeps zeros in place
  while (rest.back() == '0') rest.pop_back();
  return rest.size() > 1 ? text + "." + rest.substr(1) : text;
}

}  // namespace

Result<int64_t> parse_go_integer(std::string_view text, std::string_view function, int bits) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.substr(1).starts_with('-')) digits.remove_prefix(1);
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    return syntax_error(function, text, "invalid syntax");
  }
  bool fits =
      bits >= 64 || (value < (int64_t{1} << (bits - 1)) && value >= -(int64_t{1} << (bits - 1)));
  if (error == std::errc::result_out_of_range || !fits) {
    return syntax_error(function, text, "value out of range");
  }
  return value;
}

Result<bool> parse_go_bool(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 6> kFalse = {"0",     "f",     "F",
                                                             "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return syntax_error("strconv.ParseBool", text, "invalid syntax");
}

Result<int64_t> parse_go_duration_nanos(std::string_view text) {
  auto nanos = parse_duration_nanos(text);
  if (nanos.ok()) return static_cast<int64_t>(*nanos);
  std::string shown = "\"" + std::string(text.substr(0, kShownBytes)) + "\"";
  bool is_number = !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (is_number) return invalid_argument("time: missing unit in duration " + shown);
  return invalid_argument("time: invalid duration " + shown);
}

std::string go_duration_text(int64_t nanos) {
  if (nanos == 0) return "0s";
  uint64_t left = nanos < 0 ? 0 - static_cast<uint64_t>(nanos) : static_cast<uint64_t>(nanos);
  std::string text = nanos < 0 ? "-" : "";
  if (left < kNanosPerMicro) return text + std::to_string(left) + "ns";
  if (left < kNanosPerMilli) return text + decimal(left, kNanosPerMicro) + "\xc2\xb5s";
  if (left < kNanosPerSecond) return text + decimal(left, kNanosPerMilli) + "ms";
  constexpr uint64_t kNanosPerHour = 60 * kNanosPerMinute;
  if (left >= kNanosPerHour) text += std::to_string(left / kNanosPerHour) + "h";
  if (left >= kNanosPerMinute) {
    text += std::to_string(left % kNanosPerHour / kNanosPerMinute) + "m";
  }
  return text + decimal(left % kNanosPerMinute, kNanosPerSecond) + "s";
}

}  // namespace spoor::api
