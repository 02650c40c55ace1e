#include <array>
#include <charconv>
#include <limits>

#include "base/assert.h"
#include "base/time.h"
#include "traceql/literal_text.h"

namespace spoor::traceql {
namespace {

struct Unit {
  std::string_view name;
  uint64_t nanos;
};
// The micro sign and the Greek letter are both in use.
constexpr std::array<Unit, 11> kUnits = {{
    {"ns", 1},
    {"us", kNanosPerMicro},
    {"\xc2\xb5s", kNanosPerMicro},
    {"\xce\xbcs", kNanosPerMicro},
    {"ms", kNanosPerMilli},
    {"s", kNanosPerSecond},
    {"m", kNanosPerMinute},
    {"h", kNanosPerHour},
    {"d", kNanosPerDay},
    {"w", 7 * kNanosPerDay},
    {"y", 365 * kNanosPerDay},
}};
constexpr uint64_t kMagnitudeMax = uint64_t{1} << 63;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
// Of a unit: letters and the bytes of the micro signs.
bool is_unit_byte(char c) {
  return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

Status malformed(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && size < 32 &&
         (is_digit(text[size]) || is_unit_byte(text[size]) || text[size] == '.')) {
    ++size;
  }
  return invalid_argument("malformed number '" + std::string(text.substr(0, size)) +
                          "': expected one such as 10, 1.5, 2e3 or a duration such as 1h30m, "
                          "1.5s, 100ms");
}

size_t skip_digits(std::string_view text, size_t at) {
  while (at < text.size() && (is_digit(text[at]) || (text[at] == '_' && at + 1 < text.size() &&
                                                     is_digit(text[at + 1])))) {
    ++at;
  }
  return at;
}

std::string without_underscores(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

Result<uint64_t> integer_of(std::string_view digits, int base, std::string_view whole) {
  uint64_t value = 0;
  std::string plain = without_underscores(digits);
  auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
  if (error == std::errc::result_out_of_range || value > kMagnitudeMax) {
    return invalid_argument("number does not fit in 64 bits");
  }
  if (error != std::errc() || end != plain.data() + plain.size()) return malformed(whole);
  return value;
}

Result<ScannedNumber> scan_based(std::string_view text, int base) {
  size_t size = 2;
  while (size < text.size() && (is_digit(text[size]) || is_letter(text[size]))) ++size;
  SPOOR_ASSIGN(uint64_t value, integer_of(text.substr(2, size - 2), base, text));
  return ScannedNumber{ScannedNumber::Kind::Integer, value, 0, size};
}

// One "1.5h" of a duration at `at`, added to the magnitude; moves `at` behind it.
Status add_piece(std::string_view text, size_t& at, uint64_t& magnitude) {
  size_t whole_end = skip_digits(text, at);
  size_t end = whole_end;
  if (end < text.size() && text[end] == '.') end = skip_digits(text, end + 1);
  size_t unit_end = end;
  while (unit_end < text.size() && is_unit_byte(text[unit_end])) ++unit_end;
  std::string_view name = text.substr(end, unit_end - end);
  const Unit* unit = nullptr;
  for (const Unit& candidate : kUnits) {
    if (candidate.name == name) unit = &candidate;
  }
  if (unit == nullptr || end == at) return malformed(text);
  unsigned __int128 total = magnitude;
  if (whole_end > at) {
    SPOOR_ASSIGN(uint64_t whole, integer_of(text.substr(at, whole_end - at), 10, text));
    total += static_cast<unsigned __int128>(whole) * unit->nanos;
  }
  // A nanosecond is 5e-18 of a hundred years: further decimals change nothing.
  unsigned __int128 fraction = 0, scale = 1;
  for (size_t i = whole_end + 1; i < end && scale < 1'000'000'000'000'000'000ull; ++i) {
    if (text[i] == '_') continue;
    fraction = fraction * 10 + static_cast<unsigned>(text[i] - '0');
    scale *= 10;
  }
  total += fraction * unit->nanos / scale;
  if (total > kMagnitudeMax) return invalid_argument("duration does not fit in 292 years");
  magnitude = static_cast<uint64_t>(total);
  at = unit_end;
  return {};
}

Result<ScannedNumber> scan_duration(std::string_view text) {
  ScannedNumber number;
  number.kind = ScannedNumber::Kind::Duration;
  do {
    SPOOR_TRY(add_piece(text, number.size, number.magnitude));
  } while (number.size < text.size() && is_digit(text[number.size]));
  return number;
}

// The value in a unit, decimals without trailing zeros.
void append_decimal(std::string& out, uint64_t nanos, uint64_t unit, std::string_view name) {
  out += std::to_string(nanos / unit);
  if (uint64_t rest = nanos % unit; rest != 0) {
    out += '.';
    for (uint64_t digit = unit / 10; rest != 0; digit /= 10) {
      out += static_cast<char>('0' + rest / digit);
      rest %= digit;
    }
  }
  out += name;
}

void append_duration(std::string& out, Duration duration) {
  auto nanos = static_cast<uint64_t>(duration.nanos);
  if (duration.nanos < 0) {
    out += '-';
    nanos = 0 - nanos;
  }
  uint64_t rest = nanos % kNanosPerMinute;
  if (nanos >= kNanosPerHour) out += std::to_string(nanos / kNanosPerHour) + "h";
  if (uint64_t minutes = nanos % kNanosPerHour / kNanosPerMinute; minutes != 0) {
    out += std::to_string(minutes) + "m";
  }
  if (rest == 0 && nanos != 0) return;
  if (rest >= kNanosPerSecond || rest == 0) {
    append_decimal(out, rest, kNanosPerSecond, "s");
  } else if (rest >= kNanosPerMilli) {
    append_decimal(out, rest, kNanosPerMilli, "ms");
  } else if (rest >= kNanosPerMicro) {
    append_decimal(out, rest, kNanosPerMicro, "us");
  } else {
    append_decimal(out, rest, 1, "ns");
  }
}

void append_float(std::string& out, double value) {
  char digits[40];
  std::string_view text(
      digits,
      static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, value).ptr - digits));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

}  // namespace

Result<ScannedNumber> scan_number(std::string_view text) {
  SPOOR_ASSERT(!text.empty() && (is_digit(text[0]) || text[0] == '.'));
  if (text.size() > 1 && text[0] == '0') {
    switch (text[1]) {
      case 'x':
      case 'X':
        return scan_based(text, 16);
      case 'o':
      case 'O':
        return scan_based(text, 8);
      case 'b':
      case 'B':
        return scan_based(text, 2);
      default:
        break;
    }
  }
  size_t end = skip_digits(text, 0);
  bool is_float = false;
  if (end < text.size() && text[end] == '.') {
    is_float = true;
    end = skip_digits(text, end + 1);
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (exponent < text.size() && is_digit(text[exponent])) {
      is_float = true;
      end = skip_digits(text, exponent);
    }
  }
  if (end < text.size() && is_unit_byte(text[end])) return scan_duration(text);
  if (end < text.size() && text[end] == '.') return malformed(text);
  if (!is_float) {
    SPOOR_ASSIGN(uint64_t value, integer_of(text.substr(0, end), 10, text));
    return ScannedNumber{ScannedNumber::Kind::Integer, value, 0, end};
  }
  double value = 0;
  std::string plain = without_underscores(text.substr(0, end));
  auto [last, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error == std::errc::result_out_of_range) {
    return invalid_argument("number does not fit in a 64-bit float");
  }
  if (error != std::errc() || last != plain.data() + plain.size()) return malformed(text);
  return ScannedNumber{ScannedNumber::Kind::Float, 0, value, end};
}

void append_number(std::string& out, const Literal& literal) {
  if (const auto* integer = std::get_if<int64_t>(&literal)) out += std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&literal)) append_float(out, *number);
  if (const auto* duration = std::get_if<Duration>(&literal)) append_duration(out, *duration);
}

}  // namespace spoor::traceql
