// The layout of a part file in structures; docs/format/part.md has the bytes. Writer, reader,
// verify and dump share this file and nothing else.
//
// All blocks are followed by the CRC32C of their bytes bound to (section id, offset in the
// section), or (part id, offset in the file) for the part's own header, footer and trailer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "store/log_position.h"
#include "store/shape.h"

namespace spoor::store {

constexpr uint32_t kPartVersion = 1;
constexpr std::string_view kPartMagic = "SPOORPT1";
constexpr std::string_view kPartTrailerMagic = "SPT1";
constexpr size_t kPartHeaderBytes = 32;
constexpr size_t kPartTrailerBytes = 32;
constexpr size_t kChecksumBytes = 4;
// Section ids are unique among all parts: the part's number and the section's place in it.
constexpr unsigned kSectionBits = 20;

struct PartId {
  uint64_t value = 0;
  auto operator<=>(const PartId&) const = default;
};

// Columns that every span has, in this order before the columns of fields. Numbers are stored.
enum class FixedColumn : uint32_t {
  SpanTemplate = 0,
  EventTemplate = 1,
  LinkTemplate = 2,
  Resource = 3,  // relative to the first resource of the template's service
  SpanId = 4,
  Start = 5,  // distance from the parent's start, or from the trace's for a row of depth 0
  Duration = 6,
  Depth = 7,
  ParentId = 8,  // of rows of depth 0 whose template names a parent
};
constexpr uint32_t kFixedColumns = 9;

constexpr FixedColumn template_column(Table table) {
  return static_cast<FixedColumn>(static_cast<uint32_t>(table));
}

// How the values of a column lie in its pages. Lists are attribute lists on their way to disk: a
// page of texts says itself whether it is one of lists (text_page.h).
enum class PageType : uint8_t { Integer = 0, Double = 1, Text = 2, Id = 3, List = 4 };

// A column of field values. Text columns with a dictionary have Integer pages of codes.
struct ColumnId {
  Table table = Table::Span;
  FieldKind kind = FieldKind::Attribute;
  ValueType type = ValueType::Absent;
  std::string_view key;
  bool operator==(const ColumnId&) const = default;
};

// Whether values of the type take place in a page at all, and in which.
constexpr bool is_stored(ValueType type) {
  return type != ValueType::Absent && type != ValueType::Empty;
}
constexpr PageType page_type_of(ValueType type) {
  if (type == ValueType::Int || type == ValueType::Bool) return PageType::Integer;
  return type == ValueType::Double ? PageType::Double : PageType::Text;
}

// A block within a section: its payload's place; the checksum follows it.
struct BlockRef {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

struct RowGroupRef {
  uint32_t rows = 0;
  uint64_t start_min = 0;
  uint64_t end_max = 0;
  BlockRef directory;
  BlockRef templates;  // group_templates.h
  // With kFeatureListedRows. A block of no bytes is not there.
  uint32_t loose_rows = 0;  // in trees of which the root is not in the row group
  uint32_t listed_rows_max = 0;
  BlockRef listed_rows;     // listed_rows.h
  BlockRef template_edges;  // template_edges.h
};

// What a reader must know beside version 1 to read a section, a bit each. A bit is given out once
// and never again; a reader refuses a section with one that it does not know, and serves the
// others.
constexpr uint64_t kFeatureStartSpreads = 1 << 0;
constexpr uint64_t kFeatureListedRows = 1 << 1;
constexpr uint64_t kKnownFeatures = kFeatureStartSpreads | kFeatureListedRows;

struct SectionFooter {
  uint64_t features = 0;
  uint64_t spans = 0;
  uint64_t traces = 0;
  uint64_t start_min = 0;
  uint64_t end_max = 0;
  BlockRef services;
  BlockRef scopes;
  BlockRef resources;
  BlockRef templates;     // columns and templates of the three tables
  BlockRef trace_pages;   // directory of the trace table
  BlockRef index_pages;   // directory of the trace index
  BlockRef rollup_names;  // operations and edges of the rollups
  BlockRef rollup_pages;  // directory of their pages
  struct Dictionary {
    uint32_t column = 0;  // index among the field columns
    uint32_t entries = 0;
    BlockRef block;
  };
  std::vector<Dictionary> dictionaries;
  std::vector<RowGroupRef> row_groups;

  // The row of the section that the row group begins with.
  uint64_t first_row_of(size_t group) const {
    uint64_t first_row = 0;
    for (size_t i = 0; i < group; ++i) first_row += row_groups[i].rows;
    return first_row;
  }
};

// The services block without the compression around it: names and the number of each one's
// first resource. The views point into `bytes`.
Status decode_services(std::string_view bytes, std::vector<std::string_view>& names,
                       std::vector<uint32_t>& first_resources);

void encode(const SectionFooter& footer, std::string& target);
// Unimplemented for features that are not known.
Result<SectionFooter> decode_section_footer(std::string_view bytes);

// One page of a column chunk.
struct PageRef {
  uint32_t values = 0;
  uint32_t bytes = 0;
};

// A column within a row group: values per vector, and its pages, which lie one behind another
// from `offset`, each followed by its checksum.
struct ColumnChunk {
  uint32_t column = 0;  // fixed columns first, then fields
  uint64_t offset = 0;
  std::vector<uint32_t> values_of_vector;
  std::vector<PageRef> pages;
  std::string context;        // what its pages share (integer_pages.h)
  uint32_t filter_bytes = 0;  // of the filter of its texts behind the last page; 0: none

  BlockRef filter() const {
    uint64_t end = offset;
    for (const PageRef& page : pages) end += page.bytes + kChecksumBytes;
    return {end, filter_bytes};
  }
};

struct RowGroupDirectory {
  std::vector<ColumnChunk> chunks;
  // By vector, how long after the start of its trace a row starts at most. Empty in a section
  // without kFeatureStartSpreads.
  std::vector<uint64_t> start_spreads;
};

void encode(const RowGroupDirectory& directory, uint32_t vectors, std::string& target);
Result<RowGroupDirectory> decode_row_group(std::string_view bytes, uint32_t vectors);

// What the table says of one trace. Flags tell the query engine what it must stitch.
enum TraceFlags : uint8_t {
  kTraceHasOrphans = 1,  // a span names a parent that is not in the fragment
  kTraceHasRoot = 2,     // a span names no parent
};

struct PartSection {
  uint32_t tenant = 0;  // number in the manifest's catalogue
  std::string tenant_name;
  uint64_t id = 0;
  uint64_t offset = 0;  // in the file
  uint64_t bytes = 0;
  BlockRef footer;  // in the section
  uint64_t spans = 0;
  uint64_t traces = 0;
  uint64_t start_min = 0;
  uint64_t end_max = 0;
};

struct PartFooter {
  uint64_t generation = 0;  // of the manifest that was to name the part
  LogPosition log_floor;    // what lies below is in parts once that manifest is in force
  std::vector<PartSection> sections;
};

void encode(const PartFooter& footer, std::string& target);
Result<PartFooter> decode_part_footer(std::string_view bytes);

std::string encode_part_header(PartId id, Day day);
Status check_part_header(std::string_view bytes, PartId id, Day day);

struct PartTrailer {
  BlockRef footer;  // in the file
};
std::string encode_part_trailer(PartId id, const PartTrailer& trailer, uint64_t trailer_offset);
Result<PartTrailer> decode_part_trailer(std::string_view bytes, PartId id, uint64_t trailer_offset);

}  // namespace spoor::store
