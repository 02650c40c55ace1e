#include "store/section_reader.h"

#include <algorithm>
#include <atomic>

#include "base/bytes.h"
#include "codec/integers.h"
#include "store/limits.h"
#include "store/section_catalogue.h"
#include "store/section_rollups.h"
#include "store/shared_traces.h"
#include "store/trace_index.h"
#include "store/trace_reader.h"

namespace spoor::store {

uint64_t SectionReader::new_number() {
  static std::atomic<uint64_t> next{1};
  return next++;
}

Status SectionReader::damaged(std::string_view what) const {
  return data_loss(file_->path() + ": section " + std::to_string(section_.id) + ": " +
                   std::string(what));
}

Result<std::shared_ptr<SectionReader>> SectionReader::open(std::shared_ptr<const PartFile> file,
                                                           const PartSection& section,
                                                           std::shared_ptr<RecentBlocks> recent) {
  std::shared_ptr<SectionReader> reader(
      new SectionReader(std::move(file), section, std::move(recent)));
  SPOOR_ASSIGN(std::string bytes, reader->file_->read_block(section, section.footer));
  Result<SectionFooter> footer = decode_section_footer(bytes);
  if (footer.status().code() == Code::Unimplemented) {
    return unimplemented(reader->file_->path() + ": section of tenant " + section.tenant_name +
                         ": " + footer.status().message());
  }
  SPOOR_ASSIGN(reader->footer_, std::move(footer));
  uint64_t rows = 0;
  for (const RowGroupRef& group : reader->footer_.row_groups) rows += group.rows;
  if (rows != reader->footer_.spans || rows != section.spans) {
    return reader->damaged("row counts disagree");
  }
  if (reader->footer_.traces > rows || reader->footer_.traces != section.traces) {
    return reader->damaged("trace counts disagree");
  }
  reader->filters_ =
      std::make_unique<SectionFilters>(*reader->file_, reader->section_, reader->footer_);
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
                                                               size_t page) const {
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
  uint64_t page = index_page_of(trace_id.hash(), directories->index_pages.size());
  SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, directories->index_pages[page]));
  return find_in_page(*directories, bytes, trace_id);
}

Result<std::optional<TracePlace>> SectionReader::find_in_page(const Directories& directories,
                                                              std::string_view page,
                                                              const TraceId& trace_id) {
  uint16_t remainder = index_remainder_of(trace_id.hash());
  if (page.size() % kIndexEntryBytes != 0) return damaged("trace index page cut short");
  for (size_t at = 0; at < page.size(); at += kIndexEntryBytes) {
    if (load_le<uint16_t>(page.data() + at) != remainder) continue;
    uint32_t ordinal = load_le<uint32_t>(page.data() + at + 2);
    if (ordinal >= directories.traces) return damaged("index names an unknown trace");
    SPOOR_ASSIGN(auto places, read_trace_page(directories, ordinal / kTracesPerPage));
    const TracePlace& place = places[ordinal % kTracesPerPage];
    if (place.id == trace_id) return std::optional(place);
  }
  return std::optional<TracePlace>();
}

Status SectionReader::locate_all(std::span<const TraceId> trace_ids, const TakePlace& take) {
  SPOOR_ASSIGN(auto directories, this->directories());
  std::string bytes;
  // Of the page in hand. Few ids pass, so that few are looked for among its entries.
  std::vector<bool> has_remainder(size_t{1} << 16);
  auto mark_remainders = [&](bool is_there) {
    for (size_t at = 0; at + kIndexEntryBytes <= bytes.size(); at += kIndexEntryBytes) {
      has_remainder[load_le<uint16_t>(bytes.data() + at)] = is_there;
    }
  };
  uint64_t read = ~uint64_t{0};
  for (size_t i = 0; i < trace_ids.size(); ++i) {
    uint64_t hash = trace_ids[i].hash(),
             page = index_page_of(hash, directories->index_pages.size());
    if (page != read) {
      mark_remainders(false);
      SPOOR_ASSIGN(bytes, file_->read_block(section_, directories->index_pages[page]));
      mark_remainders(true);
      read = page;
    }
    if (!has_remainder[index_remainder_of(hash)]) continue;
    SPOOR_ASSIGN(auto place, find_in_page(*directories, bytes, trace_ids[i]));
    if (place) take(i, *place);
  }
  return {};
}

Result<std::vector<uint8_t>> SectionReader::contains(std::span<const TraceId> trace_ids) {
  std::vector<uint8_t> found(trace_ids.size());
  SPOOR_TRY(locate_all(trace_ids, [&](size_t i, const TracePlace&) { found[i] = 1; }));
  return found;
}

Status SectionReader::find(const TraceId& trace_id, SpanBatch& result) {
  SPOOR_ASSIGN(std::optional<TracePlace> place, locate(trace_id));
  if (!place) return {};
  SPOOR_ASSIGN(auto metadata, this->metadata());
  return TraceReader(*this, std::move(metadata)).read(*place, result);
}

namespace {

uint64_t size_bytes_of(const RowGroupLayout& layout) {
  return layout.size_bytes();
}

template <typename T>
uint64_t size_bytes_of(const std::vector<T>& list) {
  return list.capacity() * sizeof(T);
}

uint64_t size_bytes_of(const std::string& bytes) {
  return bytes.capacity();
}

}  // namespace

template <typename T, typename Load>
Result<SectionReader::Shared<T>> SectionReader::recent(BlockKind kind, uint64_t place,
                                                       const Load& load) const {
  const BlockKey key{number_, place, kind};
  if (recent_) {
    if (auto found = recent_->find(key)) return std::static_pointer_cast<const T>(found);
  }
  Result<T> decoded = load();
  if (!decoded.ok()) {
    const Status& status = decoded.status();
    bool names_file = status.message().starts_with(file_->path());
    return names_file ? status : damaged(status.message());
  }
  auto loaded = std::make_shared<const T>(std::move(*decoded));
  if (recent_) recent_->keep(key, loaded, size_bytes_of(*loaded));
  return Shared<T>(std::move(loaded));
}

Result<SectionReader::Shared<RowGroupLayout>> SectionReader::row_group_layout(
    const SectionMetadata& metadata, size_t group) const {
  return recent<RowGroupLayout>(BlockKind::Layout, group, [&] {
    return RowGroupLayout::load(*file_, section_, metadata, footer_.row_groups[group]);
  });
}

Result<SectionReader::Shared<std::vector<GroupTemplate>>> SectionReader::group_templates(
    const SectionMetadata& metadata, size_t group) const {
  using Templates = std::vector<GroupTemplate>;
  const size_t known = metadata.templates[static_cast<size_t>(Table::Span)].size();
  const RowGroupRef& place = footer_.row_groups[group];
  return recent<Templates>(BlockKind::Templates, group, [&]() -> Result<Templates> {
    SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, place.templates));
    return decode_group_templates(bytes, known, place.rows);
  });
}

Result<SectionReader::Shared<std::vector<ListedRow>>> SectionReader::listed_rows(
    std::span<const GroupTemplate> templates, size_t group) const {
  using Rows = std::vector<ListedRow>;
  const RowGroupRef& place = footer_.row_groups[group];
  return recent<Rows>(BlockKind::ListedRows, group, [&]() -> Result<Rows> {
    SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, place.listed_rows));
    return decode_listed_rows(bytes, templates, place.listed_rows_max, place.rows);
  });
}

Result<SectionReader::Shared<std::vector<TemplateEdge>>> SectionReader::template_edges(
    std::span<const GroupTemplate> templates, size_t group) const {
  using Edges = std::vector<TemplateEdge>;
  const RowGroupRef& place = footer_.row_groups[group];
  return recent<Edges>(BlockKind::TemplateEdges, group, [&]() -> Result<Edges> {
    SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, place.template_edges));
    return decode_template_edges(bytes, templates.size());
  });
}

Result<SectionReader::Shared<std::vector<TracePlace>>> SectionReader::trace_page(
    const Directories& directories, size_t page) const {
  return recent<std::vector<TracePlace>>(BlockKind::Traces, page,
                                         [&] { return read_trace_page(directories, page); });
}

Result<SectionReader::Shared<std::string>> SectionReader::page(const BlockRef& block) const {
  return recent<std::string>(BlockKind::Page, block.offset,
                             [&] { return file_->read_block(section_, block); });
}

Result<SectionReader::Shared<std::vector<uint64_t>>> SectionReader::traces_shared_with(
    SectionReader& other) {
  if (auto known = shared_traces_.find(other.number_)) return known;
  SPOOR_ASSIGN(SharedTraces found, find_shared_traces(*this, other));
  constexpr uint64_t kEntryBytes = 128;  // of a list and its place
  auto keep = [](SectionReader& here, const SectionReader& there, std::vector<uint64_t> rows) {
    auto kept = std::make_shared<const std::vector<uint64_t>>(std::move(rows));
    here.shared_traces_.keep(there.number_, kept, kEntryBytes + size_bytes_of(*kept));
    return kept;
  };
  keep(other, *this, std::move(found.of_second));
  return keep(*this, other, std::move(found.of_first));
}

Status SectionReader::scan(const TraceHandler& handler) {
  SPOOR_ASSIGN(std::vector<TracePlace> places, traces());
  SPOOR_ASSIGN(auto metadata, this->metadata());
  TraceReader reader(*this, std::move(metadata));
  uint64_t row = 0;
  for (const TracePlace& place : places) {
    if (place.first_row != row) return damaged("rows between two traces");
    SpanBatch batch;
    SPOOR_TRY(reader.read(place, batch));
    row += place.rows;
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
