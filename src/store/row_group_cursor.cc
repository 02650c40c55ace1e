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
  return data_loss(section_.file().path() + ": row group: " + std::string(what));
}

RowGroupCursor::RowGroupCursor(const SectionReader& section, const SectionMetadata& metadata,
                               const ColumnChoice& choice,
                               std::shared_ptr<const RowGroupLayout> layout)
    : section_(section),
      metadata_(metadata),
      choice_(choice),
      layout_(std::move(layout)),
      columns_(layout_->columns()) {
  for (uint32_t i = 0; i < columns_.size(); ++i) {
    columns_[i].layout = &layout_->column(i);
    columns_[i].type = metadata_.page_type(i);
    columns_[i].is_read = i < kFixedColumns || choice_.reads(i - kFixedColumns);
  }
  for (const Template& entry : metadata_.templates[static_cast<size_t>(Table::Span)]) {
    names_parent_.push_back(entry.shape.names_parent);
  }
}

Result<std::unique_ptr<RowGroupCursor>> RowGroupCursor::open(SectionReader& section,
                                                             const SectionMetadata& metadata,
                                                             const ColumnChoice& choice,
                                                             size_t group) {
  SPOOR_ASSIGN(auto layout, section.row_group_layout(metadata, group));
  return std::unique_ptr<RowGroupCursor>(
      new RowGroupCursor(section, metadata, choice, std::move(layout)));
}

// Every row has a template.
uint64_t RowGroupCursor::row() const {
  return columns_[kTemplates].position;
}

void RowGroupCursor::move_to_vector(uint32_t vector) {
  for (Column& column : columns_) {
    if (!column.layout->empty()) column.position = column.layout->first_value_of_vector[vector];
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

void RowGroupCursor::set_page(Column& column, size_t ordinal) {
  column.page = ordinal;
  column.begin = column.layout->first_value_of_page[ordinal];
  column.end = column.layout->first_value_of_page[ordinal + 1];
}

Result<std::shared_ptr<const std::string>> RowGroupCursor::read_page(const Column& column,
                                                                     size_t ordinal) const {
  const RowGroupLayout::Column& layout = *column.layout;
  return section_.page({layout.offset_of(ordinal), layout.pages[ordinal].bytes});
}

Status RowGroupCursor::load_trees(size_t ordinal) {
  Column& templates = columns_[kTemplates];
  Column& depths = columns_[kDepths];
  for (Column* column : {&templates, &depths}) {
    if (ordinal >= column->layout->pages.size()) return damaged("rows without template or depth");
    column->integers.resize(column->layout->pages[ordinal].values);
    column->begin = column->end = 0;
  }
  SPOOR_ASSIGN(auto of_templates, read_page(templates, ordinal));
  SPOOR_ASSIGN(auto of_depths, read_page(depths, ordinal));
  SPOOR_TRY(layout_->integer_pages().decode_trees(*of_templates, *of_depths, templates.integers,
                                                  depths.integers));
  set_page(templates, ordinal);
  set_page(depths, ordinal);
  return templates.begin == depths.begin ? Status() : damaged("pages of other rows");
}

Status RowGroupCursor::load_run(uint32_t index, size_t ordinal) {
  Column& column = columns_[index];
  const Column& templates = columns_[kTemplates];
  const uint64_t begin = column.layout->first_value_of_page[ordinal];
  const uint64_t end = column.layout->first_value_of_page[ordinal + 1];
  if (templates.begin != begin || templates.end != end) {
    return damaged("a page and that of its templates disagree");
  }
  if (column.page != ordinal || column.packed == nullptr) {
    SPOOR_ASSIGN(column.packed, read_page(column, ordinal));
    column.page = ordinal;
  }
  const uint64_t from = column.position, to = std::clamp(run_end_, from + 1, end);
  std::vector<uint32_t> places(to - from);
  std::iota(places.begin(), places.end(), static_cast<uint32_t>(from - begin));
  column.integers.resize(places.size());
  SPOOR_TRY(layout_->integer_pages().decode_some(index, *column.packed, templates.integers, places,
                                                 column.integers));
  column.begin = from;
  column.end = to;
  return {};
}

Status RowGroupCursor::load_page(uint32_t index, size_t ordinal) {
  Column& column = columns_[index];
  column.begin = column.end = 0;
  if (index == kTemplates || index == kDepths) return load_trees(ordinal);
  const IntegerPages& integer_pages = layout_->integer_pages();
  if (integer_pages.has_places(index)) return load_run(index, ordinal);
  const uint32_t values = column.layout->pages[ordinal].values;
  SPOOR_ASSIGN(auto page, read_page(column, ordinal));
  const std::string& bytes = *page;
  switch (column.type) {
    case PageType::Integer:
      column.integers.resize(values);
      SPOOR_TRY(integer_pages.decode(index, bytes, {}, column.integers));
      break;
    case PageType::Double:
      column.doubles.resize(values);
      SPOOR_TRY(codec::decode_doubles(bytes, column.doubles));
      break;
    case PageType::Id:
      if (bytes.size() != values * SpanId::kSize) return damaged("bad id page");
      column.ids = std::move(page);
      break;
    case PageType::Text:
    case PageType::List: {
      SPOOR_ASSIGN(codec::StringPage text, decode_text_page(bytes, values, kPageRawBytesMax));
      column.text = std::make_shared<const codec::StringPage>(std::move(text));
      column.is_pinned = false;
      break;
    }
  }
  set_page(column, ordinal);
  return {};
}

Status RowGroupCursor::hold(uint32_t index) {
  const Column& column = columns_[index];
  if (column.position >= column.begin && column.position < column.end) return {};
  const RowGroupLayout::Column& layout = *column.layout;
  if (layout.empty() || !column.is_read) return damaged("a value of a column that is not here");
  if (column.position >= layout.values()) return damaged("a column has too few values");
  return load_page(index, layout.page_of(column.position));
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
  return std::string_view(*columns_[column].ids).substr(at * SpanId::kSize, SpanId::kSize);
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
