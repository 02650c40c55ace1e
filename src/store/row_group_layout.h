// Where the values of a row group lie: its directory, decoded and checked once for all who read its
// pages. Immutable and thread-safe.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "store/integer_pages.h"
#include "store/part_file.h"
#include "store/section_metadata.h"

namespace spoor::store {

class RowGroupLayout {
 public:
  // `metadata` is the section's. DataLoss if columns, vectors and rows do not fit together.
  static Result<RowGroupLayout> load(const PartFile& file, const PartSection& section,
                                     const SectionMetadata& metadata, const RowGroupRef& group);

  struct Column {
    std::vector<PageRef> pages;  // none where the row group has no values of the column
    uint64_t offset = 0;         // of the first, in the section
    // Of each vector and each page, and the count of all values at the end.
    std::vector<uint64_t> first_value_of_vector, first_value_of_page;

    bool empty() const { return pages.empty(); }
    uint64_t offset_of(size_t page) const;
    uint64_t values() const { return first_value_of_page.back(); }
    // The page with the value. REQUIRES: there are so many values.
    size_t page_of(uint64_t value) const;
  };

  uint32_t rows() const { return rows_; }
  uint32_t vectors() const { return vectors_; }
  // Numbered as in ColumnChunk: fixed ones, then fields.
  const Column& column(uint32_t number) const { return columns_[number]; }
  size_t columns() const { return columns_.size(); }
  const IntegerPages& integer_pages() const { return integer_pages_; }
  // By vector, how long after the start of its trace a row starts at most; empty where the section
  // does not say.
  std::span<const uint64_t> start_spreads() const { return start_spreads_; }
  uint64_t size_bytes() const;

 private:
  Status add_column(ColumnChunk& chunk);

  uint32_t rows_ = 0;
  uint32_t vectors_ = 0;
  std::vector<Column> columns_;
  std::vector<uint64_t> start_spreads_;
  IntegerPages integer_pages_;
};

}  // namespace spoor::store
