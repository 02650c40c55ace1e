// Reads runs of rows of one row group, value by value, decoding only the pages it touches and
// keeping of each column the page in hand: runs near one another share pages.
//
// seek() works out how many values of each column lie before a row, and from there every column
// is read forward. Columns that the choice leaves out take part in none of it. One thread uses it.
// After an error it is good for nothing but its end.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/strings.h"
#include "store/column_choice.h"
#include "store/integer_pages.h"
#include "store/part_file.h"
#include "store/section_metadata.h"

namespace spoor::store {

using Pins = std::vector<std::shared_ptr<const void>>;

class RowGroupCursor {
 public:
  // All but `group` outlive the cursor.
  static Result<std::unique_ptr<RowGroupCursor>> open(const PartFile& file,
                                                      const PartSection& section,
                                                      const SectionMetadata& metadata,
                                                      const ColumnChoice& choice,
                                                      const RowGroupRef& group);

  // Positions every column at the row of the group. What text values point into is added to
  // `pins` from here on; it outlives the reading of the run. REQUIRES: all values of the rows read
  // before were asked for.
  Status seek(uint32_t row, Pins& pins);

  // The next value of the column.
  Result<int64_t> next_integer(uint32_t column);
  Result<std::string_view> next_id(uint32_t column);              // valid until the next call
  Result<Value> next_value(uint32_t field_column, Arena& arena);  // REQUIRES: the choice reads it

  Result<int64_t> next_fixed(FixedColumn column) {
    return next_integer(static_cast<uint32_t>(column));
  }
  // The template of the next row of the table.
  Result<const Template*> next_template(Table table);

 private:
  struct Column {
    const ColumnChunk* chunk = nullptr;
    uint64_t position = 0;  // of the next value in the chunk
    size_t page = 0;        // in hand, of the chunk
    uint64_t page_begin = 0, page_end = 0;
    PageType type = PageType::Integer;
    std::vector<int64_t> integers;
    std::vector<double> doubles;
    std::shared_ptr<const codec::StringPage> text;
    bool is_pinned = false;  // the text, by the run in hand
    std::string ids;
  };

  RowGroupCursor(const PartFile& file, const PartSection& section, const SectionMetadata& metadata,
                 const ColumnChoice& choice)
      : file_(file), section_(section), metadata_(metadata), choice_(choice) {}
  Status index(const RowGroupRef& group);
  uint64_t row() const;
  void move_to_vector(uint32_t vector);
  // Makes the page that holds the column's next value current; its index in the page.
  Result<size_t> advance(uint32_t column);
  Status load_page(Column& column, size_t ordinal, const BlockRef& block);
  // The template codes of the page, of the one in hand or read for the purpose.
  Result<std::span<const int64_t>> templates_of_page(size_t ordinal);
  Status skip_rows(uint32_t rows);
  Status skip_templates(Table table, uint64_t rows, uint64_t (&children)[2]);
  Status damaged(std::string_view what) const;

  const PartFile& file_;
  const PartSection& section_;
  const SectionMetadata& metadata_;
  const ColumnChoice& choice_;
  Pins* pins_ = nullptr;
  std::vector<ColumnChunk> chunks_;
  IntegerPages integer_pages_;
  std::vector<int64_t> templates_;  // those of a page that is not in hand
  std::vector<Column> columns_;
};

}  // namespace spoor::store
