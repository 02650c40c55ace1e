// Reads a run of rows of one row group, column by column, decoding only the pages it touches.
//
// Made for a row range: it works out once how many values of each column lie before the range in
// its first vector, and from there every column is read forward. One thread uses it. What text
// values point into is in pages(), which the result must pin.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/strings.h"
#include "store/part_file.h"
#include "store/section_metadata.h"

namespace spoor::store {

using PinnedPages = std::vector<std::unique_ptr<codec::StringPage>>;

class RowGroupCursor {
 public:
  RowGroupCursor(const PartFile& file, const PartSection& section, const SectionMetadata& metadata,
                 PinnedPages& pages)
      : file_(file), section_(section), metadata_(metadata), pages_(pages) {}

  // Positions every column at `first_row` of the group.
  Status open(const RowGroupRef& group, uint32_t first_row);

  // The next value of the column.
  Result<int64_t> next_integer(uint32_t column);
  Result<std::string_view> next_id(uint32_t column);  // valid until the next call
  Result<Value> next_value(uint32_t field_column, Arena& arena);

  Result<int64_t> next_fixed(FixedColumn column) {
    return next_integer(static_cast<uint32_t>(column));
  }
  // The template of the next row of the table.
  Result<const Template*> next_template(Table table);

 private:
  struct Column {
    const ColumnChunk* chunk = nullptr;
    uint64_t position = 0;  // of the next value in the chunk
    uint64_t page_begin = 0, page_end = 0;
    PageType type = PageType::Integer;
    std::vector<int64_t> integers;
    std::vector<double> doubles;
    const codec::StringPage* text = nullptr;
    std::string ids;
  };

  // Makes the page that holds the column's next value current; its index in the page.
  Result<size_t> advance(uint32_t column);
  Status load_page(Column& column, const PageRef& page, const BlockRef& block);
  Status skip_rows(uint32_t rows);
  Status skip_templates(Table table, uint64_t rows, uint64_t (&children)[2]);
  Status damaged(std::string_view what) const;

  const PartFile& file_;
  const PartSection& section_;
  const SectionMetadata& metadata_;
  PinnedPages& pages_;
  std::vector<ColumnChunk> chunks_;
  std::vector<Column> columns_;
};

}  // namespace spoor::store
