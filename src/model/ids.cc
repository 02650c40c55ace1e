#include "model/ids.h"

#include "base/bytes.h"

namespace spoor {

TraceId TraceId::from_bytes(std::string_view bytes) {
  SPOOR_ASSERT(bytes.size() == kSize);
  TraceId id;
  std::memcpy(id.bytes.data(), bytes.data(), kSize);
  return id;
}

SpanId SpanId::from_bytes(std::string_view bytes) {
  SPOOR_ASSERT(bytes.size() == kSize);
  SpanId id;
  std::memcpy(id.bytes.data(), bytes.data(), kSize);
  return id;
}

std::string to_hex(const TraceId& id) {
  return to_hex(id.view());
}
std::string to_hex(const SpanId& id) {
  return to_hex(id.view());
}

Result<TraceId> parse_trace_id(std::string_view text) {
  if (!text.empty() && text.size() <= 32) {
    std::string padded(32 - text.size(), '0');
    padded.append(text);
    std::string bytes;
    if (append_from_hex(bytes, padded)) return TraceId::from_bytes(bytes);
  }
  std::string bytes;
  if (text.size() <= 24 && append_from_base64(bytes, text)) {
    if (bytes.size() == 8) bytes.insert(0, 8, '\0');
    if (bytes.size() == 16) return TraceId::from_bytes(bytes);
  }
  return invalid_argument("expected a trace id of 1 to 32 hex digits, got \"" +
                          std::string(text.substr(0, 64)) + "\"");
}

Result<TenantId> TenantId::parse(std::string_view name) {
  bool valid = !name.empty() && name.size() <= 64 && name != "." && name != "..";
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    valid = valid && (letter || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-');
  }
  if (!valid) {
    return invalid_argument("expected a tenant of 1 to 64 characters of A-Z a-z 0-9 _ . -, got \"" +
                            std::string(name.substr(0, 80)) + "\"");
  }
  return TenantId(std::string(name));
}

}  // namespace spoor
