#include "store/rollup_builder.h"

#include <algorithm>

#include "codec/block.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

template <typename Cells>
Status write_cells(const Cells& cells, const ColumnBuilder::WriteBlock& write,
                   std::vector<RollupPage>& pages) {
  std::string raw, block;
  for (size_t first = 0; first < cells.cells.size(); first += kRollupPageCells) {
    size_t count = std::min(kRollupPageCells, cells.cells.size() - first);
    RollupPage page;
    page.first_minute = cells.cells[first].minute;
    page.last_minute = cells.cells[first + count - 1].minute;
    page.cells = static_cast<uint32_t>(count);
    raw.clear(), block.clear();
    encode(cells, first, page, raw);
    codec::encode_block(raw, block);
    SPOOR_ASSIGN(page.block, write(block));
    pages.push_back(page);
  }
  return {};
}

}  // namespace

RollupBuilder::RollupBuilder(std::vector<std::string_view> services,
                             ColumnBuilder::WriteBlock write)
    : counter_(std::move(services)), write_(std::move(write)) {}

Status RollupBuilder::write_pages() {
  SPOOR_TRY(write_cells(counter_.take_operations(), write_, directory_.operations));
  return write_cells(counter_.take_edges(), write_, directory_.edges);
}

Status RollupBuilder::end_trace() {
  counter_.end_trace();
  return counter_.counters() < kRollupCountersMax ? Status() : write_pages();
}

Status RollupBuilder::finish(BlockRef& names, BlockRef& pages) {
  SPOOR_TRY(write_pages());
  std::string raw, block;
  encode(directory_, raw);
  SPOOR_ASSIGN(pages, write_(raw));
  raw.clear();
  encode(counter_.names(), raw);
  codec::encode_block(raw, block);
  SPOOR_ASSIGN(names, write_(block));
  return {};
}

}  // namespace spoor::store
