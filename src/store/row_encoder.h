// Spans to rows: the shape's code and the values, as row.h lays them out.
//
// Most spans have the shape of an earlier one. So the encoder first guesses which, and compares
// field by field while it writes the values; only a wrong guess makes the bytes of a shape key and
// looks them up. Both ways go through the same functions and give the same rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/span.h"
#include "store/shape.h"

namespace spoor::store {

// Bytes of one row, used again for the next.
class RowBuffer {
 public:
  void clear() { size_ = 0; }
  void truncate(size_t size) { size_ = size; }
  size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

  void byte(char value) { *room(1) = value, ++size_; }
  void varint(uint64_t value) {
    char* at = room(kVarintBytesMax);
    size_ += static_cast<size_t>(store_varint(at, value) - at);
  }
  template <typename T>
  void fixed(T value) {
    store_le(room(sizeof value), value);
    size_ += sizeof value;
  }
  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void sized(std::string_view bytes) {
    varint(bytes.size());
    append(bytes);
  }

 private:
  char* room(size_t size) {
    if (capacity_ - size_ < size) grow(size);
    return bytes_.get() + size_;
  }
  void grow(size_t size);

  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// As one value, where a shape of their own would be wasted.
enum class AttributeForm { Fields, List };
enum class NameForm { Own, Value };

struct RowForm {
  NameForm name = NameForm::Own;
  AttributeForm attributes = AttributeForm::Fields;
};

// One per shard, reused, so that it allocates nothing in a steady state. Not thread-safe.
class RowEncoder {
 public:
  enum class Guess { Allowed, Never };
  // `shapes` gets the shapes that are new, those of events and links too. Guess::Never is the
  // plain way alone, for tests.
  explicit RowEncoder(ShapeTable& shapes, Guess guess = Guess::Allowed);

  // Fills values() and returns the code of the span's shape. `service` and `scope` are dictionary
  // codes.
  uint32_t encode(const Span& span, uint32_t service, uint32_t scope);
  // In a form that does not depend on how many shapes there are; nothing: as encode() does.
  struct Forms {
    std::optional<RowForm> span;
    std::optional<RowForm> children;
  };
  uint32_t encode_as(const Forms& forms, const Span& span, uint32_t service, uint32_t scope);

  std::string_view values() const { return values_.view(); }

 private:
  struct KnownShape {
    const Shape* shape = nullptr;
    uint32_t code = 0;
  };

  // How names and attributes are kept unless a form is asked for: beyond some shapes, as values
  // (limits.h).
  RowForm form_for(Attributes attributes) const;
  // Appends the values of the fields that `write` goes through to `target`; the shape's code.
  template <typename Write>
  uint32_t encode_fields(const Shape& head, Attributes attributes, RowForm form, RowBuffer& target,
                         const Write& write);
  KnownShape& guess_for(const Shape& head, Attributes attributes, RowForm form);
  void append_event(const Event& event, UnixNanos span_start, RowForm form);
  void append_link(const Link& link, RowForm form);
  void append_child(uint32_t shape);

  ShapeTable& shapes_;
  const Guess guess_;
  std::vector<KnownShape> guesses_;  // by a hash of what is cheap to know of a span's shape
  std::string key_;
  std::string list_;  // of one value that is a list
  RowBuffer values_;
  RowBuffer child_values_;
};

}  // namespace spoor::store
