#include "store/section_reader.h"

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "codec/integers.h"
#include "store/assemble.h"
#include "store/limits.h"
#include "store/row_group_cursor.h"
#include "store/section_catalogue.h"
#include "store/section_rollups.h"
#include "store/trace_index.h"

namespace spoor::store {
namespace {

// The source of assemble_span() over columns.
class ColumnSource {
 public:
  explicit ColumnSource(RowGroupCursor& cursor) : cursor_(cursor) {}

  void begin(const Template& row) { current_ = &row; }

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
  const Template* current_ = nullptr;
};

// Brings the rows of one trace back, in order, across row groups.
class TraceAssembly {
 public:
  TraceAssembly(const SectionMetadata& metadata, const TracePlace& place, SpanBatch& result)
      : metadata_(metadata),
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
    ColumnSource source(cursor);
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
    auto [r, new_resource] = resources_.try_emplace(resource, result_.resources.size());
    if (new_resource) result_.resources.push_back(metadata_.resources[resource]);
    auto [s, new_scope] = scopes_.try_emplace(entry.shape.scope, result_.scopes.size());
    if (new_scope) result_.scopes.push_back(metadata_.scopes[entry.shape.scope]);
    span.resource = static_cast<uint32_t>(r->second);
    span.scope = static_cast<uint32_t>(s->second);
    return {};
  }

  const SectionMetadata& metadata_;
  SpanBatch& result_;
  uint64_t trace_start_;
  std::string_view trace_id_;
  std::vector<size_t> path_;  // from the root to the row before: indexes into result_.spans
  std::unordered_map<uint64_t, size_t> resources_, scopes_;
};

}  // namespace

Status SectionReader::damaged(std::string_view what) const {
  return data_loss(file_->path() + ": section " + std::to_string(section_.id) + ": " +
                   std::string(what));
}

Result<std::shared_ptr<SectionReader>> SectionReader::open(std::shared_ptr<const PartFile> file,
                                                           const PartSection& section) {
  std::shared_ptr<SectionReader> reader(new SectionReader(std::move(file), section));
  SPOOR_ASSIGN(std::string bytes, reader->file_->read_block(section, section.footer));
  SPOOR_ASSIGN(reader->footer_, decode_section_footer(bytes));
  uint64_t rows = 0;
  for (const RowGroupRef& group : reader->footer_.row_groups) rows += group.rows;
  if (rows != reader->footer_.spans || rows != section.spans) {
    return reader->damaged("row counts disagree");
  }
  if (reader->footer_.traces > rows || reader->footer_.traces != section.traces) {
    return reader->damaged("trace counts disagree");
  }
  return reader;
}

Result<std::shared_ptr<const SectionMetadata>> SectionReader::metadata() {
  MutexLock lock(mutex_);
  if (!metadata_) {
    SPOOR_ASSIGN(metadata_, SectionMetadata::load(*file_, section_, footer_));
  }
  return metadata_;
}

Result<std::shared_ptr<const SectionRollups>> SectionReader::rollups() {
  MutexLock lock(mutex_);
  if (!rollups_) {
    SPOOR_ASSIGN(rollups_, SectionRollups::load(file_, section_, footer_));
  }
  return rollups_;
}

Result<std::shared_ptr<const SectionKeys>> SectionReader::keys() {
  SPOOR_ASSIGN(auto metadata, this->metadata());
  MutexLock lock(mutex_);
  if (!keys_) {
    SPOOR_ASSIGN(keys_, SectionKeys::load(std::move(metadata)));
  }
  return keys_;
}

Result<std::shared_ptr<const SectionReader::Directories>> SectionReader::directories() {
  MutexLock lock(mutex_);
  if (directories_) return directories_;
  auto loaded = std::make_shared<Directories>();
  SPOOR_ASSIGN(std::string table, file_->read_block(section_, footer_.trace_pages));
  ByteReader reader(table);
  loaded->traces = reader.varint();
  while (!reader.at_end() && !reader.failed()) {
    loaded->first_rows.push_back(reader.varint());
    BlockRef page;
    page.offset = reader.varint();
    page.bytes = reader.varint();
    loaded->trace_pages.push_back(page);
  }
  uint64_t pages = (loaded->traces + kTracesPerPage - 1) / kTracesPerPage;
  if (reader.failed() || pages != loaded->trace_pages.size() || loaded->traces != footer_.traces) {
    return damaged("bad trace table directory");
  }
  SPOOR_ASSIGN(std::string index, file_->read_block(section_, footer_.index_pages));
  ByteReader index_reader(index);
  uint64_t index_pages = index_reader.varint();
  uint64_t offset = index_reader.varint();
  for (uint64_t i = 0; i < index_pages && !index_reader.failed(); ++i) {
    BlockRef page{offset, index_reader.varint()};
    offset += page.bytes + kChecksumBytes;
    loaded->index_pages.push_back(page);
  }
  if (index_reader.failed() || !index_reader.at_end() || index_pages == 0) {
    return damaged("bad trace index directory");
  }
  directories_ = loaded;
  return directories_;
}

Result<std::vector<TracePlace>> SectionReader::read_trace_page(const Directories& directories,
                                                               size_t page) {
  uint64_t first = page * kTracesPerPage;
  size_t count =
      static_cast<size_t>(std::min<uint64_t>(kTracesPerPage, directories.traces - first));
  SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, directories.trace_pages[page]));
  if (bytes.size() < count * TraceId::kSize) return damaged("trace page cut short");
  int64_t columns[3][kTracesPerPage];  // rows, starts, flags
  std::string_view rest = std::string_view(bytes).substr(count * TraceId::kSize);
  for (auto& column : columns) {
    SPOOR_ASSIGN(size_t taken, codec::decode_integers_prefix(rest, {column, count}));
    rest.remove_prefix(taken);
  }
  if (!rest.empty()) return damaged("trace page too long");
  std::vector<TracePlace> places(count);
  uint64_t row = directories.first_rows[page];
  for (size_t i = 0; i < count; ++i) {
    TracePlace& place = places[i];
    place.id =
        TraceId::from_bytes(std::string_view(bytes).substr(i * TraceId::kSize, TraceId::kSize));
    place.first_row = row;
    place.rows = static_cast<uint32_t>(columns[0][i]);
    place.start = static_cast<uint64_t>(columns[1][i]);
    place.flags = static_cast<uint8_t>(columns[2][i]);
    uint64_t left = footer_.spans - std::min(row, footer_.spans);
    if (columns[0][i] <= 0 || static_cast<uint64_t>(columns[0][i]) > left) {
      return damaged("bad trace rows");
    }
    row += place.rows;
  }
  return places;
}

Result<std::optional<TracePlace>> SectionReader::locate(const TraceId& trace_id) {
  SPOOR_ASSIGN(auto directories, this->directories());
  uint64_t hash = trace_id.hash();
  uint64_t page = index_page_of(hash, directories->index_pages.size());
  SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, directories->index_pages[page]));
  uint16_t remainder = index_remainder_of(hash);
  if (bytes.size() % kIndexEntryBytes != 0) return damaged("trace index page cut short");
  for (size_t at = 0; at < bytes.size(); at += kIndexEntryBytes) {
    if (load_le<uint16_t>(bytes.data() + at) != remainder) continue;
    uint32_t ordinal = load_le<uint32_t>(bytes.data() + at + 2);
    if (ordinal >= directories->traces) return damaged("index names an unknown trace");
    SPOOR_ASSIGN(auto places, read_trace_page(*directories, ordinal / kTracesPerPage));
    const TracePlace& place = places[ordinal % kTracesPerPage];
    if (place.id == trace_id) return std::optional(place);
  }
  return std::optional<TracePlace>();
}

Status SectionReader::find(const TraceId& trace_id, SpanBatch& result) {
  SPOOR_ASSIGN(std::optional<TracePlace> place, locate(trace_id));
  return place ? read_trace(*place, result) : Status();
}

Status SectionReader::read_trace(const TracePlace& place, SpanBatch& result) {
  SPOOR_ASSIGN(auto metadata, this->metadata());
  auto pages = std::make_shared<PinnedPages>();
  TraceAssembly assembly(*metadata, place, result);
  uint64_t group_begin = 0;
  uint64_t row = place.first_row;
  uint64_t end = place.first_row + place.rows;
  for (const RowGroupRef& group : footer_.row_groups) {
    uint64_t group_end = group_begin + group.rows;
    if (row < group_end && row < end) {
      RowGroupCursor cursor(*file_, section_, *metadata, *pages);
      SPOOR_TRY(cursor.open(group, static_cast<uint32_t>(row - group_begin)));
      for (; row < std::min(end, group_end); ++row) SPOOR_TRY(assembly.read_row(cursor));
    }
    group_begin = group_end;
  }
  result.pinned.push_back(metadata);
  result.pinned.push_back(pages);
  return {};
}

Status SectionReader::scan(const TraceHandler& handler) {
  SPOOR_ASSIGN(auto metadata, this->metadata());
  SPOOR_ASSIGN(std::vector<TracePlace> places, traces());
  // Text points into pages: those of the groups that the trace in hand lies in are kept.
  std::vector<std::unique_ptr<PinnedPages>> pages;
  std::unique_ptr<RowGroupCursor> cursor;
  uint64_t row = 0, group_end = 0;
  size_t next_group = 0;
  for (const TracePlace& place : places) {
    if (pages.size() > 1) pages.erase(pages.begin(), pages.end() - 1);
    SpanBatch batch;
    TraceAssembly assembly(*metadata, place, batch);
    for (uint64_t end = place.first_row + place.rows; row < end; ++row) {
      if (row == group_end) {
        if (next_group == footer_.row_groups.size()) return damaged("more traces than rows");
        const RowGroupRef& group = footer_.row_groups[next_group++];
        pages.push_back(std::make_unique<PinnedPages>());
        cursor = std::make_unique<RowGroupCursor>(*file_, section_, *metadata, *pages.back());
        SPOOR_TRY(cursor->open(group, 0));
        group_end += group.rows;
      }
      SPOOR_TRY(assembly.read_row(*cursor));
    }
    SPOOR_TRY(handler(place, batch));
  }
  return row == footer_.spans ? Status() : damaged("fewer rows in traces than in row groups");
}

Result<std::vector<TracePlace>> SectionReader::traces() {
  SPOOR_ASSIGN(auto directories, this->directories());
  std::vector<TracePlace> all;
  for (size_t page = 0; page < directories->trace_pages.size(); ++page) {
    SPOOR_ASSIGN(auto places, read_trace_page(*directories, page));
    all.insert(all.end(), places.begin(), places.end());
  }
  return all;
}

}  // namespace spoor::store
