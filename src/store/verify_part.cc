#include "store/verify_part.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "codec/doubles.h"
#include "codec/strings.h"
#include "codec/text_filter.h"
#include "store/integer_pages.h"
#include "store/limits.h"
#include "store/section_reader.h"
#include "store/section_rollups.h"
#include "store/text_page.h"
#include "store/trace_index.h"
#include "store/verify_recount.h"
#include "store/verify_rollups.h"

namespace spoor::store {
namespace {

class SectionVerifier {
 public:
  SectionVerifier(std::shared_ptr<const PartFile> file, const PartSection& section,
                  VerifyDepth depth, VerifyReport& report)
      : file_(std::move(file)), section_(section), depth_(depth), report_(report) {}

  void run() {
    ++report_.sections;
    Result<std::shared_ptr<SectionReader>> reader = SectionReader::open(file_, section_);
    if (!reader.ok()) return add(reader.status());
    reader_ = *reader;
    check(read(section_.footer));
    check_footer();
    Result<std::shared_ptr<const SectionMetadata>> metadata = reader_->metadata();
    check_metadata_blocks();
    if (metadata.ok()) {
      metadata_ = *metadata;
      demands_.emplace(*metadata_);
      for (size_t i = 0; i < reader_->footer().row_groups.size(); ++i) add(check_row_group(i));
    } else {
      add(metadata.status());
    }
    add(check_traces());
    add(check_rollup_pages());
    if (is_whole_) add(check_coverage());
    if (is_whole_ && depth_ == VerifyDepth::Rows) add(check_rows());
  }

 private:
  void add(const Status& status) {
    if (status.ok()) return;
    is_whole_ = false;
    bool is_newer = status.code() == Code::Unimplemented;
    report_.findings.push_back(
        {is_newer ? VerifyFinding::Kind::Newer : VerifyFinding::Kind::Damage, file_->path(),
         section_.offset, "section of tenant " + section_.tenant_name + ": " + status.message()});
  }
  void check(const Result<std::string>& block) { add(block.status()); }

  Result<std::string> read(const BlockRef& block) {
    ++report_.blocks;
    const uint64_t end = block.offset + block.bytes + kChecksumBytes;
    if (!runs_.empty() && runs_.back().end == block.offset) {
      runs_.back().end = end;
    } else {
      runs_.push_back({block.offset, end});
    }
    return file_->read_block(section_, block);
  }

  void check_footer() {
    const SectionFooter& footer = reader_->footer();
    if (footer.start_min != section_.start_min || footer.end_max != section_.end_max) {
      add(data_loss("times of the section's footer and the part's disagree"));
    }
    if (section_.id >> kSectionBits != file_->id().value) {
      add(wrong("part of the section's id", file_->id().value, section_.id >> kSectionBits));
    }
    report_.spans += footer.spans;
    report_.traces += footer.traces;
  }

  void check_metadata_blocks() {
    const SectionFooter& footer = reader_->footer();
    for (const BlockRef& block :
         {footer.services, footer.scopes, footer.resources, footer.templates}) {
      check(read(block));
    }
    for (const auto& dictionary : footer.dictionaries) check(read(dictionary.block));
  }

  Status check_row_group(size_t ordinal) {
    const RowGroupRef& group = reader_->footer().row_groups[ordinal];
    uint32_t vectors = vectors_of(group.rows);
    SPOOR_ASSIGN(std::string directory, read(group.directory));
    SPOOR_ASSIGN(RowGroupDirectory decoded, decode_row_group(directory, vectors));
    bool has_spreads = (reader_->footer().features & kFeatureStartSpreads) != 0;
    if (has_spreads == decoded.start_spreads.empty()) {
      return wrong("spreads of starts", has_spreads ? vectors : 0, decoded.start_spreads.size());
    }
    start_spreads_.push_back(std::move(decoded.start_spreads));
    const std::vector<ColumnChunk>& chunks = decoded.chunks;
    SPOOR_ASSIGN(integer_pages_, IntegerPages::open(chunks));
    Recount recount(*metadata_, *demands_, chunks);
    for (const ColumnChunk& chunk : chunks) SPOOR_TRY(check_chunk(chunk, recount));
    SPOOR_TRY(recount.check(group.rows));
    SPOOR_TRY(read(group.templates).status());
    SPOOR_ASSIGN(auto templates, reader_->group_templates(*metadata_, ordinal));
    if (*templates != recount.templates()) return disagrees(ordinal, "its list of templates");
    return check_template_rows(ordinal, *templates, recount);
  }

  // What was left out is no error.
  Status check_template_rows(size_t ordinal, std::span<const GroupTemplate> templates,
                             const Recount& recount) {
    const RowGroupRef& group = reader_->footer().row_groups[ordinal];
    auto codes = recount.values(FixedColumn::SpanTemplate);
    if ((reader_->footer().features & kFeatureListedRows) != 0 &&
        group.loose_rows != recount.loose_rows()) {
      return wrong("rows without their root", recount.loose_rows(), group.loose_rows);
    }
    if (group.listed_rows.bytes > 0) {
      SPOOR_TRY(read(group.listed_rows).status());
      SPOOR_ASSIGN(auto listed, reader_->listed_rows(templates, ordinal));
      auto expected =
          list_rows(templates, group.listed_rows_max, codes, recount.values(FixedColumn::Duration));
      if (*listed != expected) return disagrees(ordinal, "its listed rows");
    }
    if (group.template_edges.bytes > 0) {
      SPOOR_TRY(read(group.template_edges).status());
      SPOOR_ASSIGN(auto edges, reader_->template_edges(templates, ordinal));
      auto expected = edges_between(templates, codes, recount.values(FixedColumn::Depth));
      if (*edges != expected) return disagrees(ordinal, "the edges between its templates");
    }
    return {};
  }

  static Status disagrees(size_t ordinal, std::string_view what) {
    return data_loss("row group " + std::to_string(ordinal) + ": " + std::string(what) +
                     " and its rows disagree");
  }

  Status check_chunk(const ColumnChunk& chunk, Recount& recount) {
    if (chunk.column >= kFixedColumns + metadata_->columns.size()) {
      return data_loss("row group: unknown column " + std::to_string(chunk.column));
    }
    SPOOR_TRY(open_filter(chunk));
    uint64_t offset = chunk.offset;
    size_t first = 0;
    for (const PageRef& page : chunk.pages) {
      SPOOR_ASSIGN(std::string bytes, read({offset, page.bytes}));
      Status decoded = check_page(chunk.column, bytes, first, page.values, recount);
      first += page.values;
      if (!decoded.ok()) {
        return data_loss("column " + std::to_string(chunk.column) + ", page at " +
                         std::to_string(section_.offset + offset) + ": " + decoded.message());
      }
      offset += page.bytes + kChecksumBytes;
    }
    return {};
  }

  // Its filter, if the column has one.
  Status open_filter(const ColumnChunk& chunk) {
    filter_.reset();
    if (chunk.filter_bytes == 0) return {};
    if (metadata_->page_type(chunk.column) != PageType::Text) {
      return data_loss("column " + std::to_string(chunk.column) + ": a filter of no texts");
    }
    SPOOR_ASSIGN(filter_bytes_, read(chunk.filter()));
    SPOOR_ASSIGN(filter_, codec::TextFilter::open(filter_bytes_));
    return {};
  }

  // The filter knows every text.
  Status check_texts(std::span<const std::string_view> texts) const {
    for (size_t i = 0; i < texts.size() && filter_; ++i) {
      if (i > 0 && texts[i].data() == texts[i - 1].data()) continue;  // a reference to it
      if (filter_->may_contain(codec::text_filter_hash(texts[i]))) continue;
      return data_loss("the filter does not know a text");
    }
    return {};
  }

  Status check_page(uint32_t column, std::string_view bytes, size_t first, uint32_t values,
                    Recount& recount) {
    switch (metadata_->page_type(column)) {
      case PageType::Integer: {
        std::vector<int64_t> page(values);
        auto templates = recount.templates_at(first, values);
        SPOOR_TRY(integer_pages_.decode(column, bytes, templates, page));
        if (recount.needs(column)) recount.add(column, page);
        return {};
      }
      case PageType::Double: {
        std::vector<double> page(values);
        return codec::decode_doubles(bytes, page);
      }
      case PageType::Text:
      case PageType::List: {
        SPOOR_ASSIGN(auto texts, decode_text_page(bytes, values, kPageRawBytesMax));
        return check_texts(texts.values());
      }
      case PageType::Id:
        if (bytes.size() == values * SpanId::kSize) return {};
        return wrong("bytes of an id page", values * SpanId::kSize, bytes.size());
    }
    return {};
  }

  // Table and index: rows without a gap, every trace found by its id and no other way.
  Status check_traces() {
    const SectionFooter& footer = reader_->footer();
    SPOOR_TRY(read(footer.trace_pages).status());
    SPOOR_TRY(read(footer.index_pages).status());
    SPOOR_ASSIGN(auto directories, reader_->directories());
    // A part may have millions of traces: no more is kept of each.
    std::vector<uint64_t> hashes;
    hashes.reserve(directories->traces);
    uint64_t row = 0;
    for (size_t page = 0; page < directories->trace_pages.size(); ++page) {
      SPOOR_TRY(read(directories->trace_pages[page]).status());
      SPOOR_ASSIGN(auto places, reader_->read_trace_page(*directories, page));
      for (const TracePlace& place : places) {
        if (place.first_row != row) return wrong("first row of a trace", row, place.first_row);
        row += place.rows;
        hashes.push_back(place.id.hash());
      }
    }
    if (row != footer.spans) return wrong("rows of all traces", footer.spans, row);
    std::vector<uint8_t> seen(hashes.size(), 0);
    size_t pages = directories->index_pages.size();
    for (size_t p = 0; p < pages; ++p) {
      SPOOR_ASSIGN(std::string bytes, read(directories->index_pages[p]));
      if (bytes.size() % kIndexEntryBytes != 0) return data_loss("trace index page cut short");
      for (size_t at = 0; at < bytes.size(); at += kIndexEntryBytes) {
        uint16_t remainder = load_le<uint16_t>(bytes.data() + at);
        uint32_t ordinal = load_le<uint32_t>(bytes.data() + at + 2);
        if (ordinal >= hashes.size()) return wrong("trace ordinal below", hashes.size(), ordinal);
        uint64_t hash = hashes[ordinal];
        bool belongs = index_page_of(hash, pages) == p && index_remainder_of(hash) == remainder;
        if (!belongs || seen[ordinal]) return data_loss("trace index: entry in a wrong place");
        seen[ordinal] = 1;
      }
    }
    if (std::ranges::count(seen, 0) > 0) return data_loss("trace index: a trace has no entry");
    return {};
  }

  Status check_rollup_pages() {
    SPOOR_TRY(read(reader_->footer().rollup_names).status());
    SPOOR_TRY(read(reader_->footer().rollup_pages).status());
    SPOOR_ASSIGN(auto rollups, reader_->rollups());
    for (const auto* pages : {&rollups->directory().operations, &rollups->directory().edges}) {
      for (const RollupPage& page : *pages) SPOOR_TRY(read(page.block).status());
    }
    return {};
  }

  // The blocks and their checksums tile the section.
  Status check_coverage() {
    std::ranges::sort(runs_, [](const Run& a, const Run& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t at = 0;
    for (const Run& run : runs_) {
      if (run.begin != at) return wrong("next block at", at, run.begin);
      at = run.end;
    }
    return at == section_.bytes ? Status() : wrong("bytes in blocks", section_.bytes, at);
  }

  // Every span can be put together, and the times on the way are those of its spans.
  Status check_rows() {
    const SectionFooter& footer = reader_->footer();
    uint64_t start_min = ~uint64_t{0}, end_max = 0, row = 0, group_end = 0;
    size_t group = 0, row_of_group = 0;
    std::vector<RowGroupRef> times;
    std::vector<std::vector<uint64_t>> spreads;
    SPOOR_ASSIGN(auto rollups, reader_->rollups());
    RollupCheck rollup_check(*rollups);
    SPOOR_TRY(reader_->scan([&](const TracePlace& place, const SpanBatch& batch) -> Status {
      if (batch.spans.size() != place.rows) {
        return wrong("spans of trace " + to_hex(place.id), place.rows, batch.spans.size());
      }
      rollup_check.add(batch);
      uint64_t start = ~uint64_t{0};
      for (const Span& span : batch.spans) {
        if (row++ == group_end) {
          group_end += footer.row_groups[group++].rows;
          times.emplace_back().start_min = ~uint64_t{0};
          spreads.emplace_back();
          row_of_group = 0;
        }
        if (row_of_group++ % kVectorRows == 0) spreads.back().push_back(0);
        uint64_t& spread = spreads.back().back();
        spread = std::max(spread, span.start.value - std::min(span.start.value, place.start));
        times.back().start_min = std::min(times.back().start_min, span.start.value);
        times.back().end_max = std::max({times.back().end_max, span.start.value, span.end.value});
        start = std::min(start, span.start.value);
        end_max = std::max({end_max, span.start.value, span.end.value});
      }
      start_min = std::min(start_min, start);
      if (start == place.start) return {};
      return wrong("start of trace " + to_hex(place.id), place.start, start);
    }));
    for (size_t i = 0; i < spreads.size(); ++i) {
      if (start_spreads_[i].empty() || start_spreads_[i] == spreads[i]) continue;
      return disagrees(i, "spreads of starts");
    }
    for (size_t i = 0; i < times.size(); ++i) {
      const RowGroupRef& known = footer.row_groups[i];
      if (times[i].start_min != known.start_min || times[i].end_max != known.end_max) {
        return disagrees(i, "times");
      }
    }
    if (start_min != footer.start_min) return wrong("earliest start", footer.start_min, start_min);
    if (end_max != footer.end_max) return wrong("latest end", footer.end_max, end_max);
    return rollup_check.check();
  }

  std::shared_ptr<const PartFile> file_;
  const PartSection& section_;
  const VerifyDepth depth_;
  VerifyReport& report_;
  std::shared_ptr<SectionReader> reader_;
  std::shared_ptr<const SectionMetadata> metadata_;
  std::optional<TemplateDemands> demands_;            // of the metadata
  std::vector<std::vector<uint64_t>> start_spreads_;  // by row group and vector
  IntegerPages integer_pages_;                        // of the row group in hand
  std::optional<codec::TextFilter> filter_;           // of the column in hand
  std::string filter_bytes_;
  // Blocks that were read one behind another, their checksums included.
  struct Run {
    uint64_t begin = 0, end = 0;
  };
  std::vector<Run> runs_;
  bool is_whole_ = true;
};

// Header, sections, footer and trailer follow one another without a gap.
Status check_layout(const PartFile& file) {
  uint64_t at = kPartHeaderBytes;
  for (const PartSection& section : file.footer().sections) {
    if (section.offset != at) return wrong("next section at", at, section.offset);
    at += section.bytes;
  }
  const BlockRef& footer = file.footer_block();
  if (footer.offset != at) return wrong("footer at", at, footer.offset);
  at += footer.bytes + kChecksumBytes + kPartTrailerBytes;
  return at == file.size_bytes() ? Status() : wrong("file size", at, file.size_bytes());
}

}  // namespace

void verify_part(os::World& world, const std::string& path, const ManifestPart& place,
                 const Manifest& manifest, VerifyDepth depth, VerifyReport& report) {
  ++report.parts;
  auto add = [&](const Status& status) {
    if (status.ok()) return;
    report.findings.push_back({VerifyFinding::Kind::Damage, path, std::nullopt, status.message()});
  };
  auto file = PartFile::open(world, path, place.id, place.day);
  if (!file.ok()) return add(file.status());
  const PartFooter& footer = (*file)->footer();
  report.bytes += (*file)->size_bytes();
  report.blocks += 1;
  add(check_layout(**file));
  if ((*file)->size_bytes() != place.size_bytes) {
    add(wrong("bytes by the manifest", place.size_bytes, (*file)->size_bytes()));
  }
  uint64_t spans = 0;
  for (const PartSection& section : footer.sections) {
    spans += section.spans;
    auto tenant = manifest.tenants.find(section.tenant);
    if (tenant == manifest.tenants.end() || tenant->second != section.tenant_name) {
      add(data_loss("tenant " + std::to_string(section.tenant) + " is " + section.tenant_name +
                    " here and another in the manifest"));
    }
    SectionVerifier(*file, section, depth, report).run();
  }
  if (spans != place.spans) add(wrong("spans by the manifest", place.spans, spans));
}

}  // namespace spoor::store
