#include "traceql/position.h"

#include <algorithm>

namespace spoor::traceql {

Position joined(Position first, Position last) {
  uint32_t end = std::max(first.offset + first.length, last.offset + last.length);
  return {first.offset, end - first.offset};
}

std::string line_and_column(std::string_view text, uint32_t offset) {
  size_t line = 1, column = 1;
  size_t end = std::min<size_t>(offset, text.size());
  for (size_t at = 0; at < end; ++at) {
    bool continues = (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
    if (text[at] == '\n') {
      ++line;
      column = 1;
    } else if (!continues) {
      ++column;
    }
  }
  return std::to_string(line) + ":" + std::to_string(column);
}

Status error_at(std::string_view text, Position position, const std::string& message) {
  return invalid_argument(line_and_column(text, position.offset) + ": " + message);
}

Status unsupported_at(std::string_view text, Position position, const std::string& message) {
  return unimplemented(line_and_column(text, position.offset) + ": " + message);
}

}  // namespace spoor::traceql
