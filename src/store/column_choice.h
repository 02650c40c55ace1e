// Which field columns of a section a projection reads. Immutable once made.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "store/projection.h"
#include "store/section_metadata.h"

namespace spoor::store {

class ColumnChoice {
 public:
  ColumnChoice(const SectionMetadata& metadata, const Projection& projection);

  // Whether the values of the field column are read.
  bool reads(uint32_t field_column) const { return reads_[field_column] != 0; }
  // Whether the rows of the table are; spans always are.
  bool reads(Table table) const { return reads_table_[static_cast<size_t>(table)]; }

 private:
  std::vector<uint8_t> reads_;
  std::array<bool, kTables> reads_table_;
};

}  // namespace spoor::store
