// Rows: a span as the head keeps it, shape code and values. row_encoder.h makes them.
//
//   row      := RowHeader, the values of the shape's fields in order, child*
//   child    := shape code (varint), the values of its fields     (events first, then links)
//   value    := nothing (absent, empty) | length and bytes (string, bytes) | zigzag varint (int)
//             | 8 bytes (double) | 1 byte (bool) | length and value_codec bytes (array, list)
//
// Rows live in memory only and are trusted; what lies on disk is in columns (section_writer.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/bytes.h"
#include "model/span.h"
#include "store/shape.h"

namespace spoor::store {

struct RowHeader {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // zero if the shape does not name a parent
  uint64_t start = 0;
  uint64_t duration = 0;  // end minus start, modulo 2^64
  uint32_t shape = 0;
  uint32_t resource = 0;
  uint32_t values_bytes = 0;
  uint32_t batch = 0;  // ordinal of the request within its shard
};
static_assert(sizeof(RowHeader) == 64);

// Reads one row's values in order, as the source of assemble_span().
class RowSource {
 public:
  RowSource(const ShapeTable& shapes, std::string_view values) : shapes_(shapes), reader_(values) {}

  // A row is read whole.
  static bool skips(const Shape&, size_t) { return false; }
  Result<Value> next(const Shape& shape, size_t field_index, Arena& arena);
  Result<const Shape*> next_child(Table table);

 private:
  const ShapeTable& shapes_;
  ByteReader reader_;
};

// Reads a value of the type. The caller knows where each begins: fields come in shape order.
// Also used for constants of templates, which are stored in the same form.
Result<Value> read_row_value(ByteReader& reader, ValueType type, Arena& arena);
// Steps over a value and returns its bytes.
inline std::string_view skip_row_value(ByteReader& reader, ValueType type) {
  const char* start = reader.position();
  switch (type) {
    case ValueType::Absent:
    case ValueType::Empty:
      break;
    case ValueType::Bool:
      reader.bytes(1);
      break;
    case ValueType::Int:
      reader.varint();
      break;
    case ValueType::Double:
      reader.bytes(8);
      break;
    default:
      reader.sized();
  }
  return {start, static_cast<size_t>(reader.position() - start)};
}
// Appends the value in the same form.
void append_row_value(std::string& target, const Value& value);

}  // namespace spoor::store
