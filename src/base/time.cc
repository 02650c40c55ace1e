#include "base/time.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace spoor {
namespace {

struct Unit {
  std::string_view name;
  uint64_t nanos;
};

// Longer names first where one is the prefix of another.
constexpr std::array<Unit, 10> kUnits = {{
    {"ns", 1},
    {"us", kNanosPerMicro},
    {"\xc2\xb5s", kNanosPerMicro},  // micro sign
    {"\xce\xbcs", kNanosPerMicro},  // greek mu
    {"ms", kNanosPerMilli},
    {"s", kNanosPerSecond},
    {"m", kNanosPerMinute},
    {"h", kNanosPerHour},
    {"d", kNanosPerDay},
    {"w", 7 * kNanosPerDay},
}};

bool read_digits(std::string_view text, size_t at, size_t count, unsigned& value) {
  if (at + count > text.size()) return false;
  value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return true;
}

// "Z", "+01:00", "-01:00" or " 01:00": the offset in minutes.
bool read_offset(std::string_view text, int& minutes) {
  minutes = 0;
  if (text == "Z" || text == "z") return true;
  unsigned hour = 0, minute = 0;
  if (text.size() != 6 || text[3] != ':' || !read_digits(text, 1, 2, hour) ||
      !read_digits(text, 4, 2, minute) || hour > 23 || minute > 59) {
    return false;
  }
  if (text[0] != '+' && text[0] != '-' && text[0] != ' ') return false;
  minutes = static_cast<int>(hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
  return true;
}

Status bad_time(std::string_view text) {
  return invalid_argument("expected an RFC 3339 time such as 2026-11-22T03:00:00Z, got \"" +
                          std::string(text.substr(0, 64)) + "\"");
}

Status bad_duration(std::string_view text) {
  return invalid_argument("expected a duration such as 250ms, 1.5s or 2h30m, got \"" +
                          std::string(text.substr(0, 64)) + "\"");
}

}  // namespace

std::string to_string(Day day) {
  std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.value}}};
  char text[24];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string to_rfc3339(UnixNanos time) {
  uint64_t of_day = time.value % kNanosPerDay;
  uint64_t seconds = of_day / kNanosPerSecond;
  char text[40];
  std::snprintf(text, sizeof text, "T%02u:%02u:%02u.%09uZ", static_cast<unsigned>(seconds / 3600),
                static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60),
                static_cast<unsigned>(of_day % kNanosPerSecond));
  return to_string(day_of(time)) + text;
}

Result<UnixNanos> parse_rfc3339(std::string_view text) {
  unsigned year, month, day, hour, minute, second;
  if (!read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second) || text[4] != '-' ||
      text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return bad_time(text);
  }
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                   std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return bad_time(text);

  size_t at = 19;
  uint64_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    uint64_t scale = kNanosPerSecond;
    size_t digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      scale /= 10;
      fraction += static_cast<uint64_t>(text[at] - '0') * scale;
    }
    if (digits == 0) return bad_time(text);
  }
  int offset_minutes;
  if (!read_offset(text.substr(at), offset_minutes)) return bad_time(text);
  int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86400} +
                    static_cast<int64_t>(hour * 3600 + minute * 60 + second) - offset_minutes * 60;
  // 2554-07-21 is the last whole day of an unsigned 64-bit count of nanoseconds.
  if (seconds < 0 || seconds > 18'446'744'072) return bad_time(text);
  return UnixNanos{static_cast<uint64_t>(seconds) * kNanosPerSecond + fraction};
}

Result<uint64_t> parse_duration_nanos(std::string_view text) {
  if (text == "0") return uint64_t{0};
  if (text.empty()) return bad_duration(text);
  long double total = 0;
  size_t at = 0;
  while (at < text.size()) {
    long double number = 0, scale = 1;
    size_t start = at;
    bool fraction = false;
    for (; at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.'); ++at) {
      if (text[at] == '.') {
        if (fraction) return bad_duration(text);
        fraction = true;
        continue;
      }
      number = number * 10 + (text[at] - '0');
      if (fraction) scale *= 10;
    }
    if (at == start) return bad_duration(text);
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (text.substr(at).starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (unit == nullptr) return bad_duration(text);
    at += unit->name.size();
    total += number / scale * static_cast<long double>(unit->nanos);
  }
  if (total > 9.2e18L) return bad_duration(text);
  return static_cast<uint64_t>(std::llround(total));
}

std::string format_duration(uint64_t nanos) {
  char text[48];
  if (nanos >= kNanosPerMinute) {
    uint64_t seconds = nanos / kNanosPerSecond;
    if (seconds >= 3600) {
      std::snprintf(text, sizeof text, "%lluh%llum",
                    static_cast<unsigned long long>(seconds / 3600),
                    static_cast<unsigned long long>(seconds / 60 % 60));
    } else {
      std::snprintf(text, sizeof text, "%llum%llus", static_cast<unsigned long long>(seconds / 60),
                    static_cast<unsigned long long>(seconds % 60));
    }
    return text;
  }
  for (size_t i : {5u, 4u, 1u}) {  // s, ms, us
    if (nanos >= kUnits[i].nanos) {
      double value = static_cast<double>(nanos) / static_cast<double>(kUnits[i].nanos);
      int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
      std::snprintf(text, sizeof text, "%.*f%.*s", decimals, value,
                    static_cast<int>(kUnits[i].name.size()), kUnits[i].name.data());
      return text;
    }
  }
  std::snprintf(text, sizeof text, "%lluns", static_cast<unsigned long long>(nanos));
  return text;
}

}  // namespace spoor
