#include "store/trace_index.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "codec/integers.h"
#include "store/limits.h"

namespace spoor::store {

static_assert(kTracesPerPage <= codec::kPageValues);

Result<BlockRef> TraceTableBuilder::write_table(const ColumnBuilder::WriteBlock& write) const {
  std::string directory;
  append_varint(directory, entries_.size());
  std::string page;
  std::vector<int64_t> rows, starts, flags;
  uint64_t first_row = 0;
  for (size_t first = 0; first < entries_.size(); first += kTracesPerPage) {
    size_t count = std::min(kTracesPerPage, entries_.size() - first);
    page.clear();
    rows.clear(), starts.clear(), flags.clear();
    for (size_t i = first; i < first + count; ++i) {
      page.append(entries_[i].id.view());
      rows.push_back(entries_[i].rows);
      starts.push_back(static_cast<int64_t>(entries_[i].start));
      flags.push_back(entries_[i].flags);
    }
    codec::encode_integers(rows, page);
    codec::encode_integers(starts, page);
    codec::encode_integers(flags, page);
    SPOOR_ASSIGN(BlockRef block, write(page));
    append_varint(directory, first_row);
    append_varint(directory, block.offset);
    append_varint(directory, block.bytes);
    for (int64_t count_of_trace : rows) first_row += static_cast<uint64_t>(count_of_trace);
  }
  return write(directory);
}

Result<BlockRef> TraceTableBuilder::write_index(const ColumnBuilder::WriteBlock& write) const {
  struct Item {
    uint64_t hash;
    uint32_t ordinal;
  };
  std::vector<Item> items(entries_.size());
  for (uint32_t i = 0; i < entries_.size(); ++i) items[i] = {entries_[i].id.hash(), i};
  std::ranges::sort(items, [](const Item& a, const Item& b) {
    return std::tie(a.hash, a.ordinal) < std::tie(b.hash, b.ordinal);
  });
  uint64_t pages = (items.size() + kIndexEntriesPerPage - 1) / kIndexEntriesPerPage;
  std::string directory;
  append_varint(directory, pages);
  std::string page;
  size_t next = 0;
  for (uint64_t p = 0; p < pages; ++p) {
    page.clear();
    for (; next < items.size() && index_page_of(items[next].hash, pages) == p; ++next) {
      append_le(page, index_remainder_of(items[next].hash));
      append_le(page, items[next].ordinal);
    }
    SPOOR_ASSIGN(BlockRef block, write(page));
    if (p == 0) append_varint(directory, block.offset);
    append_varint(directory, block.bytes);
  }
  return write(directory);
}

}  // namespace spoor::store
