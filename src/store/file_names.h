// Every name that the store gives to a file or folder.
//
//   LOCK                       held while a process owns the directory
//   manifest-<generation>      what the store consists of (manifest.h); the last two are kept
//   log/<segment>.log          the log (log_format.h)
//   days/<date>/<id>.part      parts by UTC day (part_format.h)
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/part_format.h"

namespace spoor::store {

inline std::string number_name(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

// The number between prefix and suffix of a name that we gave; nothing for any other name.
inline std::optional<uint64_t> parse_number_name(std::string_view name, std::string_view prefix,
                                                 std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  if (name.size() != prefix.size() + 16 + suffix.size()) return std::nullopt;
  std::string_view digits = name.substr(prefix.size(), 16);
  uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + 16, number, 16);
  if (error != std::errc() || end != digits.data() + 16) return std::nullopt;
  return number;
}

inline std::string lock_path(const std::string& root) {
  return root + "/LOCK";
}
inline std::string log_directory(const std::string& root) {
  return root + "/log";
}
inline std::string segment_name(uint64_t segment) {
  return number_name(segment) + ".log";
}
inline std::string segment_path(const std::string& root, uint64_t segment) {
  return log_directory(root) + "/" + segment_name(segment);
}
inline std::optional<uint64_t> parse_segment_name(std::string_view name) {
  return parse_number_name(name, "", ".log");
}

constexpr std::string_view kManifestPrefix = "manifest-";
inline std::string manifest_path(const std::string& root, uint64_t generation) {
  return root + "/" + std::string(kManifestPrefix) + number_name(generation);
}
inline std::optional<uint64_t> parse_manifest_name(std::string_view name) {
  return parse_number_name(name, kManifestPrefix, "");
}

inline std::string days_directory(const std::string& root) {
  return root + "/days";
}
inline std::string day_directory(const std::string& root, Day day) {
  return days_directory(root) + "/" + to_string(day);
}
inline std::string part_path(const std::string& root, Day day, PartId id) {
  return day_directory(root, day) + "/" + number_name(id.value) + ".part";
}
inline std::optional<uint64_t> parse_part_name(std::string_view name) {
  return parse_number_name(name, "", ".part");
}
// The day of a folder's name.
inline std::optional<Day> parse_day_name(std::string_view name) {
  Result<UnixNanos> time = parse_rfc3339(std::string(name) + "T00:00:00Z");
  if (!time.ok() || to_string(day_of(*time)) != name) return std::nullopt;
  return day_of(*time);
}

}  // namespace spoor::store
