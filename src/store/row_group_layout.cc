#include "store/row_group_layout.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "store/limits.h"

namespace spoor::store {

uint64_t RowGroupLayout::Column::offset_of(size_t page) const {
  uint64_t at = offset;
  for (size_t i = 0; i < page; ++i) at += pages[i].bytes + kChecksumBytes;
  return at;
}

size_t RowGroupLayout::Column::page_of(uint64_t value) const {
  SPOOR_ASSERT(!empty() && value < values());
  auto next = std::ranges::upper_bound(first_value_of_page, value);
  return static_cast<size_t>(next - first_value_of_page.begin()) - 1;
}

Status RowGroupLayout::add_column(ColumnChunk& chunk) {
  if (chunk.column >= columns_.size()) return data_loss("unknown column");
  Column& column = columns_[chunk.column];
  column.offset = chunk.offset;
  column.pages = std::move(chunk.pages);
  column.first_value_of_vector = {0};
  column.first_value_of_page = {0};
  uint64_t values = 0, paged = 0;
  for (uint32_t count : chunk.values_of_vector) {
    column.first_value_of_vector.push_back(values += count);
  }
  for (const PageRef& page : column.pages) {
    column.first_value_of_page.push_back(paged += page.values);
  }
  return paged == values ? Status() : data_loss("a column's vectors and pages disagree");
}

Result<RowGroupLayout> RowGroupLayout::load(const PartFile& file, const PartSection& section,
                                            const SectionMetadata& metadata,
                                            const RowGroupRef& group) {
  RowGroupLayout layout;
  layout.rows_ = group.rows;
  layout.vectors_ = vectors_of(group.rows);
  SPOOR_ASSIGN(std::string directory, file.read_block(section, group.directory));
  SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, layout.vectors_));
  layout.start_spreads_ = std::move(decoded.start_spreads);
  SPOOR_ASSIGN(layout.integer_pages_, IntegerPages::open(decoded.chunks));
  layout.columns_.resize(kFixedColumns + metadata.columns.size());
  auto damaged = [&](std::string_view what) {
    return data_loss(file.path() + ": row group: " + std::string(what));
  };
  for (ColumnChunk& chunk : decoded.chunks) {
    Status status = layout.add_column(chunk);
    if (!status.ok()) return damaged(status.message());
  }
  for (FixedColumn fixed : {FixedColumn::SpanTemplate, FixedColumn::Resource, FixedColumn::Start,
                            FixedColumn::Duration, FixedColumn::Depth}) {
    const Column& column = layout.column(static_cast<uint32_t>(fixed));
    for (uint32_t vector = 0; vector < layout.vectors_; ++vector) {
      const uint64_t first = uint64_t{vector} * kVectorRows;
      const uint64_t next = std::min<uint64_t>(first + kVectorRows, group.rows);
      if (column.empty() || column.first_value_of_vector[vector] != first ||
          column.first_value_of_vector[vector + 1] != next) {
        return damaged("a column of every row has another number of values");
      }
    }
  }
  return layout;
}

uint64_t RowGroupLayout::size_bytes() const {
  uint64_t bytes = sizeof *this + start_spreads_.size() * sizeof(uint64_t);
  for (const Column& column : columns_) {
    bytes += sizeof column + column.pages.size() * sizeof(PageRef) +
             (column.first_value_of_vector.size() + column.first_value_of_page.size()) *
                 sizeof(uint64_t);
  }
  return bytes + integer_pages_.size_bytes();
}

}  // namespace spoor::store
