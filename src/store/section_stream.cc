#include "store/section_stream.h"

#include <limits>

#include "base/assert.h"
#include "codec/doubles.h"
#include "store/limits.h"
#include "store/text_page.h"

namespace spoor::store {

Status SectionStream::damaged(std::string_view what) const {
  return data_loss(reader_.file().path() + ": section " + std::to_string(reader_.section().id) +
                   ": " + std::string(what));
}

Status SectionStream::check_group_done() const {
  for (const Column& column : columns_) {
    bool has_more = column.chunk != nullptr && column.next_page < column.chunk->pages.size();
    if (has_more || column.next != column.end) {
      return damaged("a row group has more values than its rows ask for");
    }
  }
  return {};
}

Status SectionStream::read_group() {
  SPOOR_TRY(check_group_done());
  const auto& groups = reader_.footer().row_groups;
  if (next_group_ == groups.size()) return damaged("more rows in traces than in row groups");
  const RowGroupRef& group = groups[next_group_++];
  SPOOR_ASSIGN(std::string directory,
               reader_.file().read_block(reader_.section(), group.directory));
  SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, vectors_of(group.rows)));
  chunks_ = std::move(decoded.chunks);
  SPOOR_ASSIGN(integer_pages_, IntegerPages::open(chunks_));
  columns_.resize(kFixedColumns + metadata_.columns.size());
  for (Column& column : columns_) column.chunk = nullptr;
  for (const ColumnChunk& chunk : chunks_) {
    if (chunk.column >= columns_.size() || columns_[chunk.column].chunk != nullptr) {
      return damaged("row group with an unknown column");
    }
    Column& column = columns_[chunk.column];
    column.chunk = &chunk;
    column.type = metadata_.page_type(chunk.column);
    column.next_page = 0;
    column.next_offset = chunk.offset;
  }
  rows_left_ = group.rows;
  return {};
}

void SectionStream::open_group() {
  columns_.resize(kFixedColumns + metadata_.columns.size());
  if (status_.ok()) status_ = read_group();
  if (!status_.ok()) rows_left_ = std::numeric_limits<uint64_t>::max();
}

Status SectionStream::decode_integers(Column& column, std::string_view bytes) {
  // A row's template is read before its depth, so that the page in hand is the one of these rows.
  const Column& templates = columns_[static_cast<size_t>(FixedColumn::SpanTemplate)];
  bool is_same_page = templates.chunk != nullptr && templates.next_page == column.next_page;
  std::span<const int64_t> codes;
  if (is_same_page) codes = templates.integers;
  return integer_pages_.decode(column.chunk->column, bytes, codes, column.integers);
}

Status SectionStream::read_page(Column& column) {
  SPOOR_TRY(status_);
  if (column.chunk == nullptr || column.next_page == column.chunk->pages.size()) {
    return damaged("a row group has fewer values than its rows ask for");
  }
  const PageRef& page = column.chunk->pages[column.next_page++];
  SPOOR_ASSIGN(std::string bytes,
               reader_.file().read_block(reader_.section(), {column.next_offset, page.bytes}));
  column.next_offset += page.bytes + kChecksumBytes;
  switch (column.type) {
    case PageType::Integer:
      column.integers.resize(page.values);
      SPOOR_TRY(decode_integers(column, bytes));
      break;
    case PageType::Double:
      column.doubles.resize(page.values);
      SPOOR_TRY(codec::decode_doubles(bytes, column.doubles));
      break;
    case PageType::Id:
      if (bytes.size() != page.values * SpanId::kSize) return damaged("bad id page");
      column.ids = std::move(bytes);
      break;
    case PageType::Text:
    case PageType::List: {
      SPOOR_ASSIGN(column.text, decode_text_page(bytes, page.values, kPageRawBytesMax));
      break;
    }
  }
  column.next = 0;
  column.end = page.values;
  return {};
}

void SectionStream::load_page(Column& column) {
  Status loaded = read_page(column);
  if (loaded.ok()) return;
  // A page of one zero of each kind, again and again, until the caller asks for the status.
  status_ = loaded;
  column.next = 0;
  column.end = 1;
  column.integers.assign(1, 0);
  column.doubles.assign(1, 0);
  column.text.reset();
  column.ids.assign(SpanId::kSize, '\0');
}

Status SectionStream::finish() {
  SPOOR_TRY(status_);
  SPOOR_TRY(check_group_done());
  bool is_done = rows_left_ == 0 && next_group_ == reader_.footer().row_groups.size();
  return is_done ? Status() : damaged("fewer rows in traces than in row groups");
}

namespace {

// Adds up the codes of one row group's template column.
Status count_codes(SectionReader& reader, const IntegerPages& integer_pages,
                   const ColumnChunk& chunk, std::vector<uint64_t>& rows) {
  uint64_t offset = chunk.offset;
  std::vector<int64_t> codes;
  for (const PageRef& page : chunk.pages) {
    SPOOR_ASSIGN(std::string bytes,
                 reader.file().read_block(reader.section(), {offset, page.bytes}));
    offset += page.bytes + kChecksumBytes;
    codes.resize(page.values);
    SPOOR_TRY(integer_pages.decode(chunk.column, bytes, {}, codes));
    for (int64_t code : codes) {
      if (code < 0 || static_cast<uint64_t>(code) >= rows.size()) {
        return data_loss(reader.file().path() + ": row group: unknown template");
      }
      ++rows[static_cast<size_t>(code)];
    }
  }
  return {};
}

}  // namespace

Result<TemplateRows> count_template_rows(SectionReader& reader, const SectionMetadata& metadata) {
  TemplateRows rows;
  for (size_t table = 0; table < kTables; ++table) {
    rows[table].resize(metadata.templates[table].size());
  }
  for (const RowGroupRef& group : reader.footer().row_groups) {
    SPOOR_ASSIGN(std::string directory,
                 reader.file().read_block(reader.section(), group.directory));
    SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, vectors_of(group.rows)));
    SPOOR_ASSIGN(IntegerPages integer_pages, IntegerPages::open(decoded.chunks));
    for (const ColumnChunk& chunk : decoded.chunks) {
      // They are the first columns.
      if (chunk.column >= kTables) continue;
      SPOOR_TRY(count_codes(reader, integer_pages, chunk, rows[chunk.column]));
    }
  }
  return rows;
}

}  // namespace spoor::store
