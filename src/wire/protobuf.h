// Protobuf's wire format, as far as the hand-written messages need it: a reader over untrusted
// bytes and a writer that fills its buffer from the back. Source: protobuf.dev/programming-guides/
// encoding. Groups, field number 0 and reserved wire types are malformed.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace spoor::wire {

enum class WireType : uint32_t { Varint = 0, Fixed64 = 1, Sized = 2, Fixed32 = 5 };

constexpr uint32_t field_tag(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}
constexpr uint32_t varint_tag(uint32_t field) {
  return field_tag(field, WireType::Varint);
}
constexpr uint32_t fixed64_tag(uint32_t field) {
  return field_tag(field, WireType::Fixed64);
}
constexpr uint32_t fixed32_tag(uint32_t field) {
  return field_tag(field, WireType::Fixed32);
}
constexpr uint32_t sized_tag(uint32_t field) {
  return field_tag(field, WireType::Sized);
}

// Walks the fields of one message:
//
//   while (in.next()) {
//     switch (in.tag()) {
//       case sized_tag(1): name = in.sized(); break;
//       default: in.skip();
//     }
//   }
//   if (in.failed()) ... in.field_start() ...
//
// A switch over the tag treats a known field of another wire type as an unknown one. Each field
// must be read or skipped exactly once.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : in_(message), field_start_(message.data()) {}

  // Moves to the next field; false at the end of the message and when it is malformed.
  bool next() {
    if (in_.at_end()) return false;
    field_start_ = in_.position();
    uint64_t tag = in_.varint();
    if (tag < 8 || tag > UINT32_MAX) {
      in_.fail();
      return false;
    }
    tag_ = static_cast<uint32_t>(tag);
    return true;
  }

  bool failed() const { return in_.failed(); }
  uint32_t tag() const { return tag_; }
  const char* field_start() const { return field_start_; }
  // The whole of a field that was read or skipped, its tag included.
  std::string_view field() const { return {field_start_, in_.position()}; }

  uint64_t varint() { return in_.varint(); }
  uint64_t fixed64() { return in_.fixed<uint64_t>(); }
  uint32_t fixed32() { return in_.fixed<uint32_t>(); }
  double fixed_double() { return std::bit_cast<double>(fixed64()); }
  std::string_view sized() { return in_.sized(); }

  void skip() {
    switch (static_cast<WireType>(tag_ & 7)) {
      case WireType::Varint:
        in_.varint();
        return;
      case WireType::Fixed64:
        in_.bytes(8);
        return;
      case WireType::Sized:
        in_.sized();
        return;
      case WireType::Fixed32:
        in_.bytes(4);
        return;
    }
    in_.fail();
  }

 private:
  ByteReader in_;
  const char* field_start_;
  uint32_t tag_ = 0;
};

// Writes from the end of its buffer towards the front, so that the length of a message is known
// when its header is written. Callers write the last field first:
//
//   size_t end = out.mark();
//   out.bytes(2, message);
//   out.varint(1, code);
//   out.message(15, end);  // the header of what was written since the mark
//
// Fields of value zero are written too; the *_unless_zero forms leave them out.
class ProtobufWriter {
 public:
  explicit ProtobufWriter(size_t capacity = 4096)
      : buffer_(std::make_unique_for_overwrite<char[]>(capacity)),
        capacity_(capacity),
        start_(capacity) {}

  size_t mark() const { return capacity_ - start_; }

  void varint(uint32_t field, uint64_t value) {
    put_varint(value);
    put_varint(varint_tag(field));
  }
  void fixed64(uint32_t field, uint64_t value) {
    put(value);
    put_varint(fixed64_tag(field));
  }
  void fixed32(uint32_t field, uint32_t value) {
    put(value);
    put_varint(fixed32_tag(field));
  }
  void bytes(uint32_t field, std::string_view value) {
    if (!value.empty()) std::memcpy(take(value.size()), value.data(), value.size());
    put_varint(value.size());
    put_varint(sized_tag(field));
  }
  void message(uint32_t field, size_t end) {
    put_varint(mark() - end);
    put_varint(sized_tag(field));
  }

  void varint_unless_zero(uint32_t field, uint64_t value) {
    if (value != 0) varint(field, value);
  }
  void fixed64_unless_zero(uint32_t field, uint64_t value) {
    if (value != 0) fixed64(field, value);
  }
  void fixed32_unless_zero(uint32_t field, uint32_t value) {
    if (value != 0) fixed32(field, value);
  }
  void bytes_unless_empty(uint32_t field, std::string_view value) {
    if (!value.empty()) bytes(field, value);
  }

  // All that was written. Valid until the next write.
  std::string_view view() const { return {buffer_.get() + start_, mark()}; }

 private:
  char* take(size_t size) {
    if (start_ < size) grow(size);
    start_ -= size;
    return buffer_.get() + start_;
  }

  void grow(size_t size) {
    size_t written = mark();
    size_t capacity = std::max(capacity_ * 2, capacity_ + size);
    auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(buffer.get() + capacity - written, buffer_.get() + start_, written);
    buffer_ = std::move(buffer);
    capacity_ = capacity;
    start_ = capacity - written;
  }

  template <typename T>
  void put(T value) {
    store_le(take(sizeof(T)), value);
  }

  void put_varint(uint64_t value) {
    if (value < 0x80) {
      *take(1) = static_cast<char>(value);
      return;
    }
    size_t size = static_cast<size_t>(std::bit_width(value) + 6) / 7;
    store_varint(take(size), value);
  }

  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t start_;
};

}  // namespace spoor::wire
