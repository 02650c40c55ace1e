// Where in the text of a query something stands, and errors that say so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::traceql {

// Bytes of the query's text. Two positions are always equal, so that trees are compared by what
// they say and not by where it was written.
struct Position {
  uint32_t offset = 0;
  uint32_t length = 0;
  bool operator==(const Position&) const { return true; }
};

// From the first byte of one to the last of the other.
Position joined(Position first, Position last);

// "3:17": line and column, both from 1, columns in characters.
std::string line_and_column(std::string_view text, uint32_t offset);

// InvalidArgument "3:17: message".
Status error_at(std::string_view text, Position position, const std::string& message);

// Unimplemented, likewise: the language has it, this program does not run it.
Status unsupported_at(std::string_view text, Position position, const std::string& message);

}  // namespace spoor::traceql
