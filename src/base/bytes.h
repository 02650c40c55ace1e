// Little-endian loads, stores and varints over byte strings. All formats of spoor are
// little-endian; std::string_view is the borrowed byte view everywhere.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace spoor {

static_assert(std::endian::native == std::endian::little);

template <typename T>
T load_le(const char* source) {
  T value;
  std::memcpy(&value, source, sizeof(T));
  return value;
}

template <typename T>
void store_le(char* target, T value) {
  std::memcpy(target, &value, sizeof(T));
}

// Of eight bytes, the first the most significant.
inline uint64_t load_be64(const char* source) {
  return __builtin_bswap64(load_le<uint64_t>(source));
}

template <typename T>
void append_le(std::string& target, T value) {
  target.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

// Equality of short byte strings without a call: keys and names are mostly under 32 bytes.
inline bool same_bytes(std::string_view a, std::string_view b) {
  size_t size = a.size();
  if (size != b.size()) return false;
  const char* x = a.data();
  const char* y = b.data();
  if (size < 8) {
    if (size >= 4) {
      return load_le<uint32_t>(x) == load_le<uint32_t>(y) &&
             load_le<uint32_t>(x + size - 4) == load_le<uint32_t>(y + size - 4);
    }
    for (size_t i = 0; i < size; ++i) {
      if (x[i] != y[i]) return false;
    }
    return true;
  }
  for (size_t i = 0; i + 8 < size; i += 8) {
    if (load_le<uint64_t>(x + i) != load_le<uint64_t>(y + i)) return false;
  }
  return load_le<uint64_t>(x + size - 8) == load_le<uint64_t>(y + size - 8);
}

constexpr uint64_t zigzag_encode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t zigzag_decode(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

constexpr size_t kVarintBytesMax = 10;

// Writes a varint (LEB128, as protobuf's) to `target`, which has room for kVarintBytesMax bytes,
// and returns the end of what was written.
inline char* store_varint(char* target, uint64_t value) {
  while (value >= 0x80) {
    *target++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *target++ = static_cast<char>(value);
  return target;
}

// How many bytes append_varint() takes for it.
constexpr size_t varint_size(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline void append_varint(std::string& target, uint64_t value) {
  char buffer[kVarintBytesMax];
  target.append(buffer, store_varint(buffer, value) - buffer);
}

inline void append_sized(std::string& target, std::string_view bytes) {
  append_varint(target, bytes.size());
  target.append(bytes);
}

// Reads a sequence of values from bytes that may be damaged. After the first read beyond the
// end, or a varint of more than 64 bits, failed() is true and every further read gives zero.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  const char* position() const { return at_; }

  uint64_t varint() {
    if (at_ < end_ && static_cast<unsigned char>(*at_) < 0x80) {
      return static_cast<unsigned char>(*at_++);
    }
    return varint_slow();
  }

  template <typename T>
  T fixed() {
    if (remaining() < sizeof(T)) return static_cast<T>(fail());
    T value = load_le<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  std::string_view bytes(size_t size) {
    if (remaining() < size) {
      fail();
      return {};
    }
    std::string_view view(at_, size);
    at_ += size;
    return view;
  }

  std::string_view sized() { return bytes(varint()); }

  uint64_t fail() {
    failed_ = true;
    at_ = end_;
    return 0;
  }

 private:
  uint64_t varint_slow() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return fail();
      uint64_t byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) return fail();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(std::string_view bytes);
void append_hex(std::string& target, std::string_view bytes);

// Standard base64 with padding.
std::string to_base64(std::string_view bytes);

// Appends the decoded bytes. False, with `target` unchanged, unless the whole text is valid;
// both accept upper and lower case, base64 the standard and the URL alphabet, padded or not.
bool append_from_hex(std::string& target, std::string_view text);
bool append_from_base64(std::string& target, std::string_view text);

}  // namespace spoor
