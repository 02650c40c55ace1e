#include "store/row_group_cursor.h"

#include <numeric>

#include "base/assert.h"
#include "codec/doubles.h"
#include "store/limits.h"
#include "store/text_page.h"
#include "store/value_codec.h"

namespace spoor::store {

Status RowGroupCursor::damaged(std::string_view what) const {
  return data_loss(file_.path() + ": row group: " + std::string(what));
}

Result<std::unique_ptr<RowGroupCursor>> RowGroupCursor::open(const PartFile& file,
                                                             const PartSection& section,
                                                             const SectionMetadata& metadata,
                                                             const ColumnChoice& choice,
                                                             const RowGroupRef& group) {
  std::unique_ptr<RowGroupCursor> cursor(new RowGroupCursor(file, section, metadata, choice));
  SPOOR_TRY(cursor->index(group));
  return cursor;
}

Status RowGroupCursor::index(const RowGroupRef& group) {
  uint32_t vectors = vectors_of(group.rows);
  SPOOR_ASSIGN(std::string directory, file_.read_block(section_, group.directory));
  SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, vectors));
  chunks_ = std::move(decoded.chunks);
  SPOOR_ASSIGN(integer_pages_, IntegerPages::open(chunks_));
  columns_.resize(kFixedColumns + metadata_.columns.size());
  for (const ColumnChunk& chunk : chunks_) {
    if (chunk.column >= columns_.size()) return damaged("unknown column");
    if (chunk.column >= kFixedColumns && !choice_.reads(chunk.column - kFixedColumns)) continue;
    columns_[chunk.column].chunk = &chunk;
    columns_[chunk.column].type = metadata_.page_type(chunk.column);
  }
  return {};
}

// Every row has a template.
uint64_t RowGroupCursor::row() const {
  return columns_[static_cast<uint32_t>(FixedColumn::SpanTemplate)].position;
}

void RowGroupCursor::move_to_vector(uint32_t vector) {
  for (Column& column : columns_) {
    if (column.chunk == nullptr) continue;
    const auto& counts = column.chunk->values_of_vector;
    column.position = std::accumulate(counts.begin(), counts.begin() + vector, uint64_t{0});
  }
}

Status RowGroupCursor::seek(uint32_t target, Pins& pins) {
  pins_ = &pins;
  for (Column& column : columns_) column.is_pinned = false;
  uint32_t vector = static_cast<uint32_t>(target / kVectorRows);
  if (row() > target || row() / kVectorRows < vector) move_to_vector(vector);
  return skip_rows(static_cast<uint32_t>(target - row()));
}

// Steps over the next rows of the table: every column by the number of values they have there.
Status RowGroupCursor::skip_templates(Table table, uint64_t rows, uint64_t (&children)[2]) {
  const auto& templates = metadata_.templates[static_cast<size_t>(table)];
  std::vector<uint32_t> rows_of_template(templates.size());
  for (uint64_t i = 0; i < rows; ++i) {
    SPOOR_ASSIGN(const Template* entry, next_template(table));
    ++rows_of_template[static_cast<size_t>(entry - templates.data())];
  }
  // A count of children that is a value must be read before its column moves on.
  std::vector<uint64_t> values(metadata_.columns.size());
  for (size_t t = 0; t < templates.size(); ++t) {
    if (rows_of_template[t] == 0) continue;
    for (size_t i = 0; i < templates[t].fields.size(); ++i) {
      const TemplateField& field = templates[t].fields[i];
      FieldKind kind = templates[t].shape.fields[i].kind;
      bool counts = (kind == FieldKind::EventCount && choice_.reads(Table::Event)) ||
                    (kind == FieldKind::LinkCount && choice_.reads(Table::Link));
      if (field.kind == TemplateField::Kind::Column) {
        if (is_stored(metadata_.columns[field.column].type)) {
          values[field.column] += rows_of_template[t];
        }
      } else if (counts && field.constant.type() == ValueType::Int) {
        children[kind == FieldKind::LinkCount] +=
            static_cast<uint64_t>(field.constant.as_int()) * rows_of_template[t];
      }
    }
  }
  for (uint32_t c = 0; c < values.size(); ++c) {
    if (!choice_.reads(c)) continue;
    FieldKind kind = metadata_.columns[c].kind;
    if (kind != FieldKind::EventCount && kind != FieldKind::LinkCount) {
      columns_[kFixedColumns + c].position += values[c];
      continue;
    }
    for (uint64_t i = 0; i < values[c]; ++i) {
      SPOOR_ASSIGN(int64_t count, next_integer(kFixedColumns + c));
      children[kind == FieldKind::LinkCount] += static_cast<uint64_t>(count);
    }
  }
  return {};
}

Status RowGroupCursor::skip_rows(uint32_t rows) {
  if (rows == 0) return {};
  uint32_t template_column_index = static_cast<uint32_t>(FixedColumn::SpanTemplate);
  uint64_t before = columns_[template_column_index].position;
  // Parent ids belong to rows of depth 0 whose template names a parent.
  uint64_t parent_ids = 0;
  for (uint32_t i = 0; i < rows; ++i) {
    SPOOR_ASSIGN(int64_t depth, next_fixed(FixedColumn::Depth));
    SPOOR_ASSIGN(const Template* entry, next_template(Table::Span));
    if (depth == 0 && entry->shape.names_parent != 0) ++parent_ids;
  }
  columns_[template_column_index].position = before;
  for (FixedColumn column :
       {FixedColumn::Resource, FixedColumn::SpanId, FixedColumn::Start, FixedColumn::Duration}) {
    columns_[static_cast<uint32_t>(column)].position += rows;
  }
  columns_[static_cast<uint32_t>(FixedColumn::ParentId)].position += parent_ids;
  uint64_t children[2] = {0, 0}, of_children[2] = {0, 0};
  SPOOR_TRY(skip_templates(Table::Span, rows, children));
  if (children[0] > 0) SPOOR_TRY(skip_templates(Table::Event, children[0], of_children));
  if (children[1] > 0) SPOOR_TRY(skip_templates(Table::Link, children[1], of_children));
  return {};
}

Result<std::span<const int64_t>> RowGroupCursor::templates_of_page(size_t ordinal) {
  constexpr auto kTemplates = static_cast<uint32_t>(FixedColumn::SpanTemplate);
  const Column& column = columns_[kTemplates];
  if (column.chunk == nullptr || ordinal >= column.chunk->pages.size()) {
    return damaged("rows without templates");
  }
  if (column.page_end > 0 && column.page == ordinal) return std::span(column.integers);
  const auto& pages = column.chunk->pages;
  uint64_t offset = column.chunk->offset;
  for (size_t i = 0; i < ordinal; ++i) offset += pages[i].bytes + kChecksumBytes;
  SPOOR_ASSIGN(std::string bytes, file_.read_block(section_, {offset, pages[ordinal].bytes}));
  templates_.resize(pages[ordinal].values);
  SPOOR_TRY(integer_pages_.decode(kTemplates, bytes, {}, templates_));
  return std::span<const int64_t>(templates_);
}

Status RowGroupCursor::load_page(Column& column, size_t ordinal, const BlockRef& block) {
  const PageRef& page = column.chunk->pages[ordinal];
  SPOOR_ASSIGN(std::string bytes, file_.read_block(section_, block));
  switch (column.type) {
    case PageType::Integer: {
      std::span<const int64_t> templates;
      if (integer_pages_.needs_templates(column.chunk->column)) {
        SPOOR_ASSIGN(templates, templates_of_page(ordinal));
      }
      column.integers.resize(page.values);
      return integer_pages_.decode(column.chunk->column, bytes, templates, column.integers);
    }
    case PageType::Double:
      column.doubles.resize(page.values);
      return codec::decode_doubles(bytes, column.doubles);
    case PageType::Id:
      if (bytes.size() != page.values * SpanId::kSize) return damaged("bad id page");
      column.ids = std::move(bytes);
      return {};
    case PageType::Text:
    case PageType::List: {
      SPOOR_ASSIGN(codec::StringPage text, decode_text_page(bytes, page.values, kPageRawBytesMax));
      column.text = std::make_shared<const codec::StringPage>(std::move(text));
      column.is_pinned = false;
      return {};
    }
  }
  return {};
}

Result<size_t> RowGroupCursor::advance(uint32_t index) {
  Column& column = columns_[index];
  if (column.chunk == nullptr) return damaged("a value of a column that is not here");
  if (column.position < column.page_begin || column.position >= column.page_end) {
    const auto& pages = column.chunk->pages;
    uint64_t begin = 0;
    uint64_t offset = column.chunk->offset;
    size_t ordinal = 0;
    while (ordinal < pages.size() && column.position >= begin + pages[ordinal].values) {
      begin += pages[ordinal].values;
      offset += pages[ordinal++].bytes + kChecksumBytes;
    }
    if (ordinal == pages.size()) return damaged("a column has too few values");
    column.page_begin = column.page_end = 0;
    Status loaded = load_page(column, ordinal, {offset, pages[ordinal].bytes});
    if (!loaded.ok()) return loaded;
    column.page = ordinal;
    column.page_begin = begin;
    column.page_end = begin + pages[ordinal].values;
  }
  return static_cast<size_t>(column.position++ - column.page_begin);
}

Result<int64_t> RowGroupCursor::next_integer(uint32_t column) {
  SPOOR_ASSIGN(size_t at, advance(column));
  if (columns_[column].type != PageType::Integer) return damaged("column of another type");
  return columns_[column].integers[at];
}

Result<std::string_view> RowGroupCursor::next_id(uint32_t column) {
  SPOOR_ASSIGN(size_t at, advance(column));
  if (columns_[column].type != PageType::Id) return damaged("column of another type");
  return std::string_view(columns_[column].ids).substr(at * SpanId::kSize, SpanId::kSize);
}

Result<const Template*> RowGroupCursor::next_template(Table table) {
  SPOOR_ASSIGN(int64_t code, next_fixed(template_column(table)));
  const auto& templates = metadata_.templates[static_cast<size_t>(table)];
  if (code < 0 || static_cast<uint64_t>(code) >= templates.size()) {
    return damaged("unknown template");
  }
  return &templates[static_cast<size_t>(code)];
}

Result<Value> RowGroupCursor::next_value(uint32_t field_column, Arena& arena) {
  ValueType type = metadata_.columns[field_column].type;
  if (type == ValueType::Absent) return Value::absent();
  if (type == ValueType::Empty) return Value::empty();
  uint32_t index = kFixedColumns + field_column;
  SPOOR_ASSIGN(size_t at, advance(index));
  Column& column = columns_[index];
  if (type == ValueType::Int) return Value::of_int(column.integers[at]);
  if (type == ValueType::Bool) return Value::of_bool(column.integers[at] != 0);
  if (type == ValueType::Double) return Value::of_double(column.doubles[at]);
  std::string_view text;
  if (metadata_.has_dictionary[field_column]) {
    int64_t code = column.integers[at];
    const auto& dictionary = metadata_.dictionaries[field_column];
    if (code < 0 || static_cast<uint64_t>(code) >= dictionary.size()) {
      return damaged("unknown dictionary code");
    }
    text = dictionary[static_cast<size_t>(code)];
  } else {
    text = column.text->values()[at];
    if (!column.is_pinned) pins_->push_back(column.text);
    column.is_pinned = true;
  }
  if (type == ValueType::String) return Value::of_string(text);
  if (type == ValueType::Bytes) return Value::of_bytes(text);
  ByteReader reader(text);
  return decode_value(reader, arena);
}

}  // namespace spoor::store
