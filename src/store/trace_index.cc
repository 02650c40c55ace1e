#include "store/trace_index.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "codec/integers.h"
#include "store/limits.h"

namespace spoor::store {

static_assert(kTracesPerPage <= codec::kPageValues);

Status TraceTableBuilder::add(const TraceEntry& entry) {
  indexed_.push_back({entry.id.hash(), static_cast<uint32_t>(indexed_.size())});
  page_.push_back(entry);
  return page_.size() == kTracesPerPage ? write_page() : Status();
}

Status TraceTableBuilder::write_page() {
  std::string page;
  std::vector<int64_t> rows, starts, flags;
  const uint64_t first_row = first_row_;
  for (const TraceEntry& entry : page_) {
    page.append(entry.id.view());
    rows.push_back(entry.rows);
    starts.push_back(static_cast<int64_t>(entry.start));
    flags.push_back(entry.flags);
    first_row_ += entry.rows;
  }
  codec::encode_integers(rows, page);
  codec::encode_integers(starts, page);
  codec::encode_integers(flags, page);
  SPOOR_ASSIGN(BlockRef block, write_(page));
  append_varint(directory_, first_row);
  append_varint(directory_, block.offset);
  append_varint(directory_, block.bytes);
  page_.clear();
  return {};
}

Result<BlockRef> TraceTableBuilder::finish_table() {
  if (!page_.empty()) SPOOR_TRY(write_page());
  std::string directory;
  append_varint(directory, indexed_.size());
  directory += directory_;
  return write_(directory);
}

Result<BlockRef> TraceTableBuilder::write_index() {
  std::ranges::sort(indexed_, [](const Indexed& a, const Indexed& b) {
    return std::tie(a.hash, a.ordinal) < std::tie(b.hash, b.ordinal);
  });
  uint64_t pages = (indexed_.size() + kIndexEntriesPerPage - 1) / kIndexEntriesPerPage;
  std::string directory;
  append_varint(directory, pages);
  std::string page;
  size_t next = 0;
  for (uint64_t p = 0; p < pages; ++p) {
    page.clear();
    for (; next < indexed_.size() && index_page_of(indexed_[next].hash, pages) == p; ++next) {
      append_le(page, index_remainder_of(indexed_[next].hash));
      append_le(page, indexed_[next].ordinal);
    }
    SPOOR_ASSIGN(BlockRef block, write_(page));
    if (p == 0) append_varint(directory, block.offset);
    append_varint(directory, block.bytes);
  }
  return write_(directory);
}

}  // namespace spoor::store
