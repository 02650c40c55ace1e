// Literals as text: numbers, durations and strings are read and written here, so that what is
// written reads back as the same value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "traceql/tree.h"

namespace spoor::traceql {

// A number without a sign; a sign is an operator before it. The magnitude may be 2^63, which
// is a value only behind a minus.
struct ScannedNumber {
  enum class Kind : uint8_t { Integer, Float, Duration };
  Kind kind = Kind::Integer;
  uint64_t magnitude = 0;  // of an integer; nanoseconds of a duration
  double value = 0;        // of a float
  size_t size = 0;         // bytes of the text
};

// Decimal, 0x, 0o and 0b integers, floats with point or exponent, "_" between digits; durations
// as Go writes them ("1h30m", "1.5s", "10us") and with days, weeks and years of 365 days.
// REQUIRES: text begins with a digit, or with a point and a digit.
Result<ScannedNumber> scan_number(std::string_view text);

struct ScannedText {
  std::string value;
  size_t size = 0;  // bytes of the text, quotes included
};

// A string in double quotes with Go's escapes, or in backticks without any.
// REQUIRES: text begins with the quote.
Result<ScannedText> scan_string(std::string_view text);

// The name of an attribute up to where an unquoted one ends, which is at white space and at any
// of {}()=~!<>&|^, parts of it may stand in double quotes, where \" and \\ are escapes.
// InvalidArgument for an empty one that is not quoted.
Result<ScannedText> scan_attribute_name(std::string_view text);

// The shortest text that reads back as the same literal.
void append_literal(std::string& out, const Literal& literal);

// The name as it stands behind "span." and the like, quoted where it must be.
void append_attribute_name(std::string& out, const Field& field);

}  // namespace spoor::traceql
