#include "model/sampling_weight.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace spoor {
namespace {

constexpr size_t kThresholdDigits = 14;  // of 56 bits
constexpr uint64_t kAll = uint64_t{1} << 56;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";  // that W3C lets stand around an entry
  size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// What follows `name` in the first of the entries that begins with it.
std::optional<std::string_view> find_entry(std::string_view list, char separator,
                                           std::string_view name) {
  while (!list.empty()) {
    size_t end = std::min(list.find(separator), list.size());
    std::string_view entry = trimmed(list.substr(0, end));
    if (entry.starts_with(name)) return entry.substr(name.size());
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return std::nullopt;
}

std::optional<uint64_t> threshold_of(std::string_view digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (digits.empty() || digits.size() > kThresholdDigits) return std::nullopt;
  if (digits.find_first_not_of(kDigits) != digits.npos) return std::nullopt;
  uint64_t threshold = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), threshold, 16);
  return threshold << 4 * (kThresholdDigits - digits.size());
}

}  // namespace

double sampling_weight(std::string_view trace_state) {
  auto of_opentelemetry = find_entry(trace_state, ',', "ot=");
  if (!of_opentelemetry) return 1;
  auto digits = find_entry(*of_opentelemetry, ';', "th:");
  if (!digits) return 1;
  std::optional<uint64_t> threshold = threshold_of(*digits);
  if (!threshold) return 1;
  return static_cast<double>(kAll) / static_cast<double>(kAll - *threshold);
}

}  // namespace spoor
