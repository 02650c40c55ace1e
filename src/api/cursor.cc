#include "api/cursor.h"

#include <charconv>

#include "base/bytes.h"

namespace spoor::api {

std::string cursor_text(const query::TraceHit& hit) {
  return std::to_string(hit.start.value) + "-" + to_hex(hit.id);
}

Result<query::TraceHit> parse_cursor(std::string_view text) {
  Status malformed = invalid_argument("expected the text of a header x-spoor-cursor, got \"" +
                                      std::string(text.substr(0, 64)) + "\"");
  size_t dash = text.find('-');
  if (dash == std::string_view::npos) return malformed;
  query::TraceHit hit;
  auto [end, error] = std::from_chars(text.data(), text.data() + dash, hit.start.value);
  std::string id;
  if (error != std::errc() || end != text.data() + dash ||
      !append_from_hex(id, text.substr(dash + 1)) || id.size() != TraceId::kSize) {
    return malformed;
  }
  hit.id = TraceId::from_bytes(id);
  return hit;
}

}  // namespace spoor::api
