#include "store/trace_reader.h"

#include <algorithm>
#include <unordered_map>

#include "store/assemble.h"

namespace spoor::store {
namespace {

// The source of assemble_span() over columns.
class ColumnSource {
 public:
  ColumnSource(RowGroupCursor& cursor, const ColumnChoice& choice)
      : cursor_(cursor), choice_(choice) {}

  void begin(const Template& row) { current_ = &row; }

  bool skips(const Shape& shape, size_t field_index) const {
    const TemplateField& field = current_->fields[field_index];
    if (field.kind == TemplateField::Kind::Column) return !choice_.reads(field.column);
    FieldKind kind = shape.fields[field_index].kind;
    return (kind == FieldKind::EventCount && !choice_.reads(Table::Event)) ||
           (kind == FieldKind::LinkCount && !choice_.reads(Table::Link));
  }

  Result<Value> next(const Shape&, size_t field_index, Arena& arena) {
    const TemplateField& field = current_->fields[field_index];
    if (field.kind == TemplateField::Kind::Constant) return field.constant;
    return cursor_.next_value(field.column, arena);
  }

  Result<const Shape*> next_child(Table table) {
    SPOOR_ASSIGN(current_, cursor_.next_template(table));
    return &current_->shape;
  }

 private:
  RowGroupCursor& cursor_;
  const ColumnChoice& choice_;
  const Template* current_ = nullptr;
};

}  // namespace

// The rows of one trace, in order, across row groups.
class TraceReader::Assembly {
 public:
  Assembly(const SectionMetadata& metadata, const ColumnChoice& choice, const TracePlace& place,
           SpanBatch& result)
      : metadata_(metadata),
        choice_(choice),
        result_(result),
        trace_start_(place.start),
        trace_id_(result.arena.copy(place.id.view())) {}

  Status read_row(RowGroupCursor& cursor) {
    SPOOR_ASSIGN(const Template* entry, cursor.next_template(Table::Span));
    SPOOR_ASSIGN(int64_t resource, cursor.next_fixed(FixedColumn::Resource));
    SPOOR_ASSIGN(int64_t start, cursor.next_fixed(FixedColumn::Start));
    SPOOR_ASSIGN(int64_t duration, cursor.next_fixed(FixedColumn::Duration));
    SPOOR_ASSIGN(int64_t depth, cursor.next_fixed(FixedColumn::Depth));
    SPOOR_ASSIGN(std::string_view id, cursor.next_id(static_cast<uint32_t>(FixedColumn::SpanId)));
    if (depth < 0 || static_cast<uint64_t>(depth) > path_.size()) {
      return data_loss("row group: a row is deeper than its parent allows");
    }
    Span span;
    span.trace_id = trace_id_;
    span.span_id = result_.arena.copy(id);
    uint64_t base = trace_start_;
    if (depth > 0) {
      const Span& parent = result_.spans[path_[static_cast<size_t>(depth) - 1]];
      span.parent_span_id = parent.span_id;
      base = parent.start.value;
    } else if (entry->shape.names_parent != 0) {
      SPOOR_ASSIGN(std::string_view parent,
                   cursor.next_id(static_cast<uint32_t>(FixedColumn::ParentId)));
      span.parent_span_id = result_.arena.copy(parent);
    }
    span.start = UnixNanos{base + static_cast<uint64_t>(start)};
    span.end = UnixNanos{span.start.value + static_cast<uint64_t>(duration)};
    SPOOR_TRY(set_origin(*entry, resource, span));
    ColumnSource source(cursor, choice_);
    source.begin(*entry);
    SPOOR_TRY(assemble_span(entry->shape, source, result_.arena, span));
    path_.resize(static_cast<size_t>(depth));
    path_.push_back(result_.spans.size());
    result_.spans.push_back(span);
    return {};
  }

 private:
  Status set_origin(const Template& entry, int64_t relative, Span& span) {
    uint64_t resource =
        metadata_.first_resource_of_service[entry.shape.service] + static_cast<uint64_t>(relative);
    if (resource >= metadata_.resources.size()) return data_loss("row group: unknown resource");
    if (resource == last_resource_ && entry.shape.scope == last_scope_) {
      span.resource = result_.spans.back().resource;
      span.scope = result_.spans.back().scope;
      return {};
    }
    last_resource_ = resource;
    last_scope_ = entry.shape.scope;
    auto [r, new_resource] = resources_.try_emplace(resource, result_.resources.size());
    if (new_resource) result_.resources.push_back(metadata_.resources[resource]);
    auto [s, new_scope] = scopes_.try_emplace(entry.shape.scope, result_.scopes.size());
    if (new_scope) result_.scopes.push_back(metadata_.scopes[entry.shape.scope]);
    span.resource = static_cast<uint32_t>(r->second);
    span.scope = static_cast<uint32_t>(s->second);
    return {};
  }

  const SectionMetadata& metadata_;
  const ColumnChoice& choice_;
  SpanBatch& result_;
  uint64_t trace_start_;
  std::string_view trace_id_;
  std::vector<size_t> path_;  // from the root to the row before: indexes into result_.spans
  std::unordered_map<uint64_t, size_t> resources_, scopes_;
  uint64_t last_resource_ = ~uint64_t{0}, last_scope_ = 0;  // of the row before
};

Status TraceReader::read(const TracePlace& place, SpanBatch& result) {
  const size_t spans = result.spans.size();
  const size_t resources = result.resources.size(), scopes = result.scopes.size();
  Status status = read_rows(place, result);
  if (status.ok()) {
    result.pinned.push_back(metadata_);
    return status;
  }
  cursor_.reset();
  result.spans.resize(spans);
  result.resources.resize(resources);
  result.scopes.resize(scopes);
  const std::string& path = section_.file().path();
  if (status.message().starts_with(path)) return status;
  return Status(status.code(), path + ": " + status.message());
}

Status TraceReader::read_rows(const TracePlace& place, SpanBatch& result) {
  Assembly assembly(*metadata_, choice_, place, result);
  uint64_t row = place.first_row;
  for (const uint64_t end = row + place.rows; row < end;) {
    SPOOR_TRY(open_group_of(row));
    const uint64_t run_end = std::min(end, group_end_);
    SPOOR_TRY(cursor_->seek(static_cast<uint32_t>(row - group_begin_),
                            static_cast<uint32_t>(run_end - row), result.pinned));
    for (; row < run_end; ++row) SPOOR_TRY(assembly.read_row(*cursor_));
  }
  return {};
}

Status TraceReader::open_group_of(uint64_t row) {
  if (cursor_ && row >= group_begin_ && row < group_end_) return {};
  cursor_.reset();
  group_begin_ = 0;
  const auto& groups = section_.footer().row_groups;
  for (size_t i = 0; i < groups.size(); ++i) {
    group_end_ = group_begin_ + groups[i].rows;
    if (row < group_end_) {
      SPOOR_ASSIGN(cursor_, RowGroupCursor::open(section_, *metadata_, choice_, i));
      return {};
    }
    group_begin_ = group_end_;
  }
  return data_loss("more rows in traces than in row groups");
}

}  // namespace spoor::store
