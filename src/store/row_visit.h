// Walks one row value by value, its events and links included. The Visitor has
//
//   void begin(uint32_t shape_code, const Shape& shape);
//   void value(uint32_t shape_code, size_t field_index, std::string_view row_value_bytes);
//   void end(uint32_t shape_code);
//
// with the codes of SectionInput::shapes().
#pragma once

#include "base/assert.h"
#include "store/row.h"
#include "store/section_input.h"

namespace spoor::store {

template <typename Visitor>
void visit_values(uint32_t code, const Shape& shape, ByteReader& reader, Visitor& visitor,
                  uint64_t (&children)[2]) {
  visitor.begin(code, shape);
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    std::string_view bytes = skip_row_value(reader, shape.fields[i].type);
    visitor.value(code, i, bytes);
    if (i == shape.event_count_field || i == shape.link_count_field) {
      ByteReader count(bytes);
      children[i == shape.link_count_field] = static_cast<uint64_t>(zigzag_decode(count.varint()));
    }
  }
  visitor.end(code);
}

template <typename Visitor>
void visit_row(const SectionInput& input, const SectionInput::Row& place, const HeadView::Row& row,
               Visitor& visitor) {
  ByteReader reader(row.values);
  uint64_t children[2] = {0, 0};
  uint32_t code = input.shape_of(place, row.header.shape);
  visit_values(code, input.shapes()[code], reader, visitor, children);
  uint64_t of_child[2] = {0, 0};
  for (uint64_t i = 0; i < children[0] + children[1]; ++i) {
    uint32_t child = input.shape_of(place, static_cast<uint32_t>(reader.varint()));
    visit_values(child, input.shapes()[child], reader, visitor, of_child);
  }
  SPOOR_ASSERT(reader.at_end() && !reader.failed());
}

}  // namespace spoor::store
