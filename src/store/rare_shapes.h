// Shapes that too few rows of a section have: names with ids in them, keys that never repeat. A
// template and its columns would cost them more than their values, so that their rows are kept
// with the name, the attributes, or both as values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/row_encoder.h"
#include "store/shape.h"

namespace spoor::store {

// The key of the shape that its rows have in the form. The fields of the general shape are those of
// the shape: before them the name, where it is a value, and one list in the place of its first
// attribute.
std::string general_key(RowForm form, const Shape& shape);

class RareShapes {
 public:
  // `rows` by shape. Few shapes stay as they are, because templates are searched quicker.
  RareShapes(const ShapeTable& shapes, std::span<const uint64_t> rows);

  bool empty() const { return forms_.empty(); }
  // How the rows of the shape are kept, nothing if as they are.
  std::optional<RowForm> form_of(uint32_t shape) const {
    return shape < forms_.size() ? forms_[shape] : std::nullopt;
  }

 private:
  std::vector<std::optional<RowForm>> forms_;  // by shape
};

}  // namespace spoor::store
