// Reads runs of rows of one row group, value by value, decoding only the pages it touches and
// keeping of each column the page in hand: runs near one another share pages.
//
// seek() works out how many values of each column lie before a row, and from there every column
// is read forward, the template of a row before what else it has. Columns that the choice leaves
// out take part in none of it. One thread uses it. After an error it is good for nothing but its
// end.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/strings.h"
#include "store/column_choice.h"
#include "store/section_reader.h"

namespace spoor::store {

using Pins = std::vector<std::shared_ptr<const void>>;

class RowGroupCursor {
 public:
  // `section`, `metadata`, which is its own, and `choice` outlive the cursor.
  static Result<std::unique_ptr<RowGroupCursor>> open(SectionReader& section,
                                                      const SectionMetadata& metadata,
                                                      const ColumnChoice& choice, size_t group);

  // Positions every column at the row of the group, the first of `rows` to be read. What text
  // values point into is added to `pins` from here on; it outlives the reading of the run.
  // REQUIRES: all values of the rows read before were asked for.
  Status seek(uint32_t row, uint32_t rows, Pins& pins);

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
    const RowGroupLayout::Column* layout = nullptr;
    bool is_read = false;         // by the choice
    uint64_t position = 0;        // of the next value in the row group
    size_t page = 0;              // in hand
    uint64_t begin = 0, end = 0;  // values that are decoded, of the page in hand
    PageType type = PageType::Integer;
    std::vector<int64_t> integers;
    std::shared_ptr<const std::string> packed;  // the page in hand, where it is decoded in part
    std::vector<double> doubles;
    std::shared_ptr<const codec::StringPage> text;
    bool is_pinned = false;  // the text, by the run in hand
    std::shared_ptr<const std::string> ids;
  };

  RowGroupCursor(const SectionReader& section, const SectionMetadata& metadata,
                 const ColumnChoice& choice, std::shared_ptr<const RowGroupLayout> layout);
  uint64_t row() const;
  void move_to_vector(uint32_t vector);
  // Makes the page that holds the column's next value current.
  Status hold(uint32_t column);
  // And steps over it: its index among the values in hand.
  Result<size_t> advance(uint32_t column);
  // The page of the column is the one in hand, all of its values.
  static void set_page(Column& column, size_t ordinal);
  Result<std::shared_ptr<const std::string>> read_page(const Column& column, size_t ordinal) const;
  Status load_page(uint32_t column, size_t ordinal);
  // The pages of templates and depths, which are needed together.
  Status load_trees(size_t ordinal);
  // Decodes the values of the run that the page has.
  Status load_run(uint32_t column, size_t ordinal);
  Status skip_rows(uint32_t rows);
  using RowsOfTemplate = std::vector<uint32_t>;  // by template
  // Steps over templates of events or links and counts them.
  Result<RowsOfTemplate> skip_templates(Table table, uint64_t rows);
  // Steps over what rows of these templates have in field columns; adds how many events and links.
  Status skip_fields(Table table, const RowsOfTemplate& rows, uint64_t (&children)[2]);
  Status damaged(std::string_view what) const;

  const SectionReader& section_;
  const SectionMetadata& metadata_;
  const ColumnChoice& choice_;
  Pins* pins_ = nullptr;
  const std::shared_ptr<const RowGroupLayout> layout_;
  std::vector<uint8_t> names_parent_;  // by template of spans
  std::vector<Column> columns_;
  uint64_t run_end_ = 0;  // of the rows that are to be read
};

}  // namespace spoor::store
