// The trace table and the trace index of a section, their writing side.
//
// The table has a page for every kTracesPerPage traces in order of the section: ids, row counts,
// start, flags. The index maps an id's hash to the ordinal of its trace: pages by hash range,
// entries of 16 bits of hash and the ordinal, so that one page read decides whether an id may be
// there. Layout: docs/format/part.md, "Trace table" and "Trace index".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "store/column_builder.h"
#include "store/part_format.h"

namespace spoor::store {

// Entries a page of the index has on average: one read of about 1.3 KiB.
constexpr size_t kIndexEntriesPerPage = 256;
constexpr size_t kIndexEntryBytes = 6;  // u16 of hash, u32 ordinal

// Which page an id's hash belongs to, and what its entry says of it.
constexpr uint64_t index_page_of(uint64_t hash, uint64_t pages) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * pages >> 64);
}
constexpr uint16_t index_remainder_of(uint64_t hash) {
  return static_cast<uint16_t>(hash);
}

struct TraceEntry {
  TraceId id;
  uint64_t start = 0;  // the earliest of its rows
  uint32_t rows = 0;
  uint8_t flags = 0;
};

// Writes pages of the table as they fill; of each trace 16 bytes stay in memory, for the index.
class TraceTableBuilder {
 public:
  explicit TraceTableBuilder(ColumnBuilder::WriteBlock write) : write_(std::move(write)) {}

  // How many there will be at most, so that they are not moved while they grow.
  void reserve(size_t traces) { indexed_.reserve(traces); }
  Status add(const TraceEntry& entry);
  size_t size() const { return indexed_.size(); }

  // Write what is left of the table and its directory, then the index with its own; the results are
  // the directories' places. REQUIRES: in this order, each once, after the last trace.
  Result<BlockRef> finish_table();
  Result<BlockRef> write_index();

 private:
  struct Indexed {
    uint64_t hash;
    uint32_t ordinal;
  };

  Status write_page();

  ColumnBuilder::WriteBlock write_;
  std::vector<TraceEntry> page_;  // that fills
  std::string directory_;         // of the pages that are written
  uint64_t first_row_ = 0;        // of the page that fills
  std::vector<Indexed> indexed_;
};

}  // namespace spoor::store
