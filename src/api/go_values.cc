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

}  // namespace spoor::api
