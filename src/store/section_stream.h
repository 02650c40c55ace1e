// All columns of a section, read strictly forward: each page is read and decoded once. What a
// merge reads its inputs with.
//
// No status per value: after the first damage every further value is zero or empty and status()
// says why; ask it once a row. One thread uses it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/strings.h"
#include "store/integer_pages.h"
#include "store/section_reader.h"

namespace spoor::store {

class SectionStream {
 public:
  // REQUIRES: reader and metadata (its own) outlive the stream.
  SectionStream(SectionReader& reader, const SectionMetadata& metadata)
      : reader_(reader), metadata_(metadata) {}

  // Steps to the next row; it has to be called before each. Its values then come by column, in
  // the order in which they were written.
  void next_row() {
    if (rows_left_ == 0) open_group();
    --rows_left_;
  }

  // The column must have pages of the type.
  int64_t integer(uint32_t column) {
    Column& source = at(column);
    return source.integers[source.next++];
  }
  double number(uint32_t column) {
    Column& source = at(column);
    return source.doubles[source.next++];
  }
  // Valid until the next text of the column.
  std::string_view text(uint32_t column) {
    Column& source = at(column);
    return source.text ? source.text->values()[source.next++] : std::string_view();
  }
  std::string_view id(uint32_t column) {
    Column& source = at(column);
    return {source.ids.data() + SpanId::kSize * source.next++, SpanId::kSize};
  }

  const Status& status() const { return status_; }
  // OK if all rows of the section were read, and all values of them.
  Status finish();

 private:
  struct Column {
    size_t next = 0, end = 0;  // in the page in hand
    PageType type = PageType::Integer;
    const ColumnChunk* chunk = nullptr;  // of the row group in hand
    size_t next_page = 0;
    uint64_t next_offset = 0;
    std::vector<int64_t> integers;
    std::vector<double> doubles;
    std::optional<codec::StringPage> text;
    std::string ids;
  };

  Column& at(uint32_t column) {
    Column& source = columns_[column];
    if (source.next == source.end) load_page(source);
    return source;
  }
  void load_page(Column& column);
  Status read_page(Column& column);
  Status decode_integers(Column& column, std::string_view bytes);
  void open_group();
  Status read_group();
  // All values of the row group in hand were asked for.
  Status check_group_done() const;
  Status damaged(std::string_view what) const;

  SectionReader& reader_;
  const SectionMetadata& metadata_;
  size_t next_group_ = 0;
  uint64_t rows_left_ = 0;  // in the row group
  std::vector<ColumnChunk> chunks_;
  IntegerPages integer_pages_;
  std::vector<Column> columns_;
  Status status_;
};

// How many rows each template of the three tables has in the section.
using TemplateRows = std::array<std::vector<uint64_t>, kTables>;
Result<TemplateRows> count_template_rows(SectionReader& reader, const SectionMetadata& metadata);

}  // namespace spoor::store
