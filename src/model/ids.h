// Identifiers of the tracing world, strong types that cannot be mixed.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"

namespace spoor {

// 16 bytes, all zero meaning "none". W3C order: the first byte is the most significant.
struct TraceId {
  static constexpr size_t kSize = 16;
  std::array<char, kSize> bytes{};

  static TraceId from_bytes(std::string_view bytes);  // REQUIRES: bytes.size() == kSize
  std::string_view view() const { return {bytes.data(), kSize}; }
  bool is_zero() const { return *this == TraceId{}; }
  uint64_t hash() const { return hash64(view()); }
  // As numbers, the first byte the most significant: the order of the bytes.
  uint64_t high() const { return load_be64(bytes.data()); }
  uint64_t low() const { return load_be64(bytes.data() + 8); }
  bool operator==(const TraceId& other) const {
    return high() == other.high() && low() == other.low();
  }
  std::strong_ordering operator<=>(const TraceId& other) const {
    return high() != other.high() ? high() <=> other.high() : low() <=> other.low();
  }
};

// 8 bytes, all zero meaning "none".
struct SpanId {
  static constexpr size_t kSize = 8;
  std::array<char, kSize> bytes{};

  static SpanId from_bytes(std::string_view bytes);  // REQUIRES: bytes.size() == kSize
  std::string_view view() const { return {bytes.data(), kSize}; }
  bool is_zero() const { return *this == SpanId{}; }
  // As a number, the first byte the most significant: the order of the bytes.
  uint64_t number() const { return load_be64(bytes.data()); }
  bool operator==(const SpanId& other) const { return number() == other.number(); }
  std::strong_ordering operator<=>(const SpanId& other) const {
    return number() <=> other.number();
  }
};

std::string to_hex(const TraceId& id);
std::string to_hex(const SpanId& id);

// All forms that clients send: 1 to 32 hex digits in either case (shorter than 32 means leading
// zeros), or base64 of 8 or 16 bytes.
Result<TraceId> parse_trace_id(std::string_view text);

// The name of a tenant: 1 to 64 of [A-Za-z0-9_.-], not "." or "..". Never a path component.
class TenantId {
 public:
  static Result<TenantId> parse(std::string_view name);
  static TenantId default_tenant() { return TenantId("default"); }

  const std::string& name() const { return name_; }
  auto operator<=>(const TenantId&) const = default;

 private:
  explicit TenantId(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

}  // namespace spoor

template <>
struct std::hash<spoor::TraceId> {
  size_t operator()(const spoor::TraceId& id) const { return id.hash(); }
};
template <>
struct std::hash<spoor::SpanId> {
  size_t operator()(const spoor::SpanId& id) const { return spoor::hash64(id.view()); }
};
template <>
struct std::hash<spoor::TenantId> {
  size_t operator()(const spoor::TenantId& id) const { return spoor::hash64(id.name()); }
};
