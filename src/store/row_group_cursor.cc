#include "store/row_group_cursor.h"

#include <algorithm>
#include <numeric>

#include "base/assert.h"
#include "codec/doubles.h"
#include "store/limits.h"
#include "store/text_page.h"
#include "store/value_codec.h"

namespace spoor::store {
namespace {

constexpr auto kTemplates = static_cast<uint32_t>(FixedColumn::SpanTemplate);
constexpr auto kDepths = static_cast<uint32_t>(FixedColumn::Depth);

}  // namespace

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
  for (const Template& entry : metadata_.templates[static_cast<size_t>(Table::Span)]) {
    names_parent_.push_back(entry.shape.names_parent);
  }
  return {};
}

// Every row has a template.
uint64_t RowGroupCursor::row() const {
  return columns_[kTemplates].position;
}

void RowGroupCursor::move_to_vector(uint32_t vector) {
  for (Column& column : columns_) {
    if (column.chunk == nullptr) continue;
    const auto& counts = column.chunk->values_of_vector;
    column.position = std::accumulate(counts.begin(), counts.begin() + vector, uint64_t{0});
  }
}

Status RowGroupCursor::seek(uint32_t target, uint32_t rows, Pins& pins) {
  pins_ = &pins;
  run_end_ = uint64_t{target} + rows;
  for (Column& column : columns_) column.is_pinned = false;
  uint32_t vector = static_cast<uint32_t>(target / kVectorRows);
  if (row() > target || row() / kVectorRows < vector) move_to_vector(vector);
  return skip_rows(static_cast<uint32_t>(target - row()));
}

Status RowGroupCursor::skip_rows(uint32_t rows) {
  if (rows == 0) return {};
  Column& templates = columns_[kTemplates];
  Column& depths = columns_[kDepths];
  RowsOfTemplate counts(names_parent_.size());
  // Parent ids belong to rows of depth 0 whose template names a parent.
  uint64_t parent_ids = 0;
  for (uint64_t end = templates.position + rows; templates.position < end;) {
    SPOOR_TRY(hold(kTemplates));
    SPOOR_TRY(hold(kDepths));
    if (templates.position != depths.position) return damaged("rows without depths");
    const uint64_t piece = std::min(end, templates.end) - templates.position;
    const int64_t* code = templates.integers.data() + (templates.position - templates.begin);
    const int64_t* depth = depths.integers.data() + (depths.position - depths.begin);
    for (uint64_t i = 0; i < piece; ++i) {
      const auto place = static_cast<uint64_t>(code[i]);
      if (place >= counts.size()) return damaged("unknown template");
      ++counts[place];
      parent_ids += depth[i] == 0 && names_parent_[place] != 0;
    }
    templates.position += piece;
    depths.position += piece;
  }
  for (FixedColumn column :
       {FixedColumn::Resource, FixedColumn::SpanId, FixedColumn::Start, FixedColumn::Duration}) {
    columns_[static_cast<uint32_t>(column)].position += rows;
  }
  columns_[static_cast<uint32_t>(FixedColumn::ParentId)].position += parent_ids;
  uint64_t children[2] = {0, 0}, of_children[2] = {0, 0};
  SPOOR_TRY(skip_fields(Table::Span, counts, children));
  for (Table table : {Table::Event, Table::Link}) {
    const uint64_t count = children[table == Table::Link];
    if (count == 0) continue;
    SPOOR_ASSIGN(RowsOfTemplate rows_of, skip_templates(table, count));
    SPOOR_TRY(skip_fields(table, rows_of, of_children));
  }
  return {};
}

Result<RowGroupCursor::RowsOfTemplate> RowGroupCursor::skip_templates(Table table, uint64_t rows) {
  const auto& templates = metadata_.templates[static_cast<size_t>(table)];
  RowsOfTemplate counts(templates.size());
  for (uint64_t i = 0; i < rows; ++i) {
    SPOOR_ASSIGN(const Template* entry, next_template(table));
    ++counts[static_cast<size_t>(entry - templates.data())];
  }
  return counts;
}

Status RowGroupCursor::skip_fields(Table table, const RowsOfTemplate& rows,
                                   uint64_t (&children)[2]) {
  const auto& templates = metadata_.templates[static_cast<size_t>(table)];
  // A count of children that is a value must be read before its column moves on.
  std::vector<uint64_t> values(metadata_.columns.size());
  for (size_t t = 0; t < templates.size(); ++t) {
    if (rows[t] == 0) continue;
    for (size_t i = 0; i < templates[t].fields.size(); ++i) {
      const TemplateField& field = templates[t].fields[i];
      FieldKind kind = templates[t].shape.fields[i].kind;
      bool counts = (kind == FieldKind::EventCount && choice_.reads(Table::Event)) ||
                    (kind == FieldKind::LinkCount && choice_.reads(Table::Link));
      if (field.kind == TemplateField::Kind::Column) {
        if (is_stored(metadata_.columns[field.column].type)) values[field.column] += rows[t];
      } else if (counts && field.constant.type() == ValueType::Int) {
        children[kind == FieldKind::LinkCount] +=
            static_cast<uint64_t>(field.constant.as_int()) * rows[t];
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

void RowGroupCursor::set_page(Column& column, size_t ordinal, uint64_t begin) {
  column.page = ordinal;
  column.begin = begin;
  column.end = begin + column.chunk->pages[ordinal].values;
}

Result<std::string> RowGroupCursor::read_page(const Column& column, size_t ordinal) const {
  const auto& pages = column.chunk->pages;
  uint64_t offset = column.chunk->offset;
  for (size_t i = 0; i < ordinal; ++i) offset += pages[i].bytes + kChecksumBytes;
  return file_.read_block(section_, {offset, pages[ordinal].bytes});
}

Status RowGroupCursor::load_trees(size_t ordinal) {
  Column& templates = columns_[kTemplates];
  Column& depths = columns_[kDepths];
  for (Column* column : {&templates, &depths}) {
    if (column->chunk == nullptr || ordinal >= column->chunk->pages.size()) {
      return damaged("rows without templates or depths");
    }
    column->integers.resize(column->chunk->pages[ordinal].values);
    column->begin = column->end = 0;
  }
  SPOOR_ASSIGN(std::string of_templates, read_page(templates, ordinal));
  SPOOR_ASSIGN(std::string of_depths, read_page(depths, ordinal));
  SPOOR_TRY(
      integer_pages_.decode_trees(of_templates, of_depths, templates.integers, depths.integers));
  for (Column* column : {&templates, &depths}) {
    const auto& pages = column->chunk->pages;
    uint64_t begin = 0;
    for (size_t i = 0; i < ordinal; ++i) begin += pages[i].values;
    set_page(*column, ordinal, begin);
  }
  return templates.begin == depths.begin ? Status() : damaged("pages of other rows");
}

Status RowGroupCursor::load_run(Column& column, size_t ordinal, uint64_t begin) {
  const Column& templates = columns_[kTemplates];
  const uint64_t end = begin + column.chunk->pages[ordinal].values;
  if (templates.page != ordinal || templates.begin != begin || templates.end != end) {
    return damaged("a page and that of its templates disagree");
  }
  if (column.page != ordinal || column.packed.empty()) {
    SPOOR_ASSIGN(column.packed, read_page(column, ordinal));
    column.page = ordinal;
  }
  const uint64_t from = column.position, to = std::clamp(run_end_, from + 1, end);
  std::vector<uint32_t> places(to - from);
  std::iota(places.begin(), places.end(), static_cast<uint32_t>(from - begin));
  column.integers.resize(places.size());
  SPOOR_TRY(integer_pages_.decode_some(column.chunk->column, column.packed, templates.integers,
                                       places, column.integers));
  column.begin = from;
  column.end = to;
  return {};
}

Status RowGroupCursor::load_page(Column& column, size_t ordinal, uint64_t begin) {
  const uint32_t number = column.chunk->column;
  column.begin = column.end = 0;
  if (number == kTemplates || number == kDepths) return load_trees(ordinal);
  if (column.type == PageType::Integer && integer_pages_.has_places(number)) {
    return load_run(column, ordinal, begin);
  }
  const uint32_t values = column.chunk->pages[ordinal].values;
  SPOOR_ASSIGN(std::string bytes, read_page(column, ordinal));
  switch (column.type) {
    case PageType::Integer:
      column.integers.resize(values);
      SPOOR_TRY(integer_pages_.decode(number, bytes, {}, column.integers));
      break;
    case PageType::Double:
      column.doubles.resize(values);
      SPOOR_TRY(codec::decode_doubles(bytes, column.doubles));
      break;
    case PageType::Id:
      if (bytes.size() != values * SpanId::kSize) return damaged("bad id page");
      column.ids = std::move(bytes);
      break;
    case PageType::Text:
    case PageType::List: {
      SPOOR_ASSIGN(codec::StringPage text, decode_text_page(bytes, values, kPageRawBytesMax));
      column.text = std::make_shared<const codec::StringPage>(std::move(text));
      column.is_pinned = false;
      break;
    }
  }
  set_page(column, ordinal, begin);
  return {};
}

Status RowGroupCursor::hold(uint32_t index) {
  Column& column = columns_[index];
  if (column.chunk == nullptr) return damaged("a value of a column that is not here");
  if (column.position >= column.begin && column.position < column.end) return {};
  const auto& pages = column.chunk->pages;
  uint64_t begin = 0;
  size_t ordinal = 0;
  while (ordinal < pages.size() && column.position >= begin + pages[ordinal].values) {
    begin += pages[ordinal++].values;
  }
  if (ordinal == pages.size()) return damaged("a column has too few values");
  return load_page(column, ordinal, begin);
}

Result<size_t> RowGroupCursor::advance(uint32_t index) {
  SPOOR_TRY(hold(index));
  Column& column = columns_[index];
  return static_cast<size_t>(column.position++ - column.begin);
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
