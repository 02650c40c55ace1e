// The trace table and the trace index of a section, their writing side.
//
// The table has a page for every kTracesPerPage traces in order of the section: ids, row counts,
// start, flags. The index maps an id's hash to the ordinal of its trace: pages by hash range,
// entries of 16 bits of hash and the ordinal, so that one page read decides whether an id may be
// there. Layout: docs/format/part.md, "Trace table" and "Trace index".
#pragma once

#include <string>
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

class TraceTableBuilder {
 public:
  void add(const TraceEntry& entry) { entries_.push_back(entry); }
  size_t size() const { return entries_.size(); }

  // Write pages and directories; the results are the directories' places.
  Result<BlockRef> write_table(const ColumnBuilder::WriteBlock& write) const;
  Result<BlockRef> write_index(const ColumnBuilder::WriteBlock& write) const;

 private:
  std::vector<TraceEntry> entries_;
};

}  // namespace spoor::store
