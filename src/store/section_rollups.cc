#include "store/section_rollups.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "codec/block.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

uint64_t cells_of(const std::vector<RollupPage>& pages) {
  uint64_t cells = 0;
  for (const RollupPage& page : pages) cells += page.cells;
  return cells;
}

bool contains(const TimeRange& range, uint64_t minute) {
  return minute >= range.first_minute() && minute <= range.last_minute();
}

}  // namespace

Result<std::shared_ptr<const SectionRollups>> SectionRollups::load(
    std::shared_ptr<const PartFile> file, const PartSection& section, const SectionFooter& footer) {
  std::shared_ptr<SectionRollups> rollups(new SectionRollups(std::move(file), section));
  SPOOR_TRY(rollups->load_names(footer));
  SPOOR_ASSIGN(std::string directory, rollups->file_->read_block(section, footer.rollup_pages));
  SPOOR_ASSIGN(rollups->directory_, decode_rollup_directory(directory));
  return std::shared_ptr<const SectionRollups>(std::move(rollups));
}

Result<std::string_view> SectionRollups::read_kept(const BlockRef& block) {
  SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, block));
  SPOOR_ASSIGN(std::vector<char> raw, codec::decode_block(bytes, kMetadataBytesMax));
  blocks_.push_back(std::move(raw));
  return std::string_view(blocks_.back().data(), blocks_.back().size());
}

Status SectionRollups::load_names(const SectionFooter& footer) {
  SPOOR_ASSIGN(std::string_view service_bytes, read_kept(footer.services));
  std::vector<std::string_view> services;
  std::vector<uint32_t> first_resources;
  SPOOR_TRY(decode_services(service_bytes, services, first_resources));
  SPOOR_ASSIGN(std::string_view bytes, read_kept(footer.rollup_names));
  SPOOR_ASSIGN(RollupNames names, decode_rollup_names(bytes, std::move(services)));
  operations_ = names.resolved_operations();
  edges_ = names.resolved_edges();
  for (uint32_t i = 0; i < operations_.size(); ++i) {
    if (!operations_[i].is_other) by_service_.push_back(i);
    if (!operations_[i].is_any_service) services_.push_back(operations_[i].service);
    has_other_operations_ |= operations_[i].is_other;
    has_operations_of_any_service_ |= operations_[i].is_any_service;
  }
  std::ranges::sort(services_);
  auto repeated = std::ranges::unique(services_);
  services_.erase(repeated.begin(), repeated.end());
  std::ranges::sort(by_service_, {}, [&](uint32_t i) {
    const Operation& operation = operations_[i];
    return std::tie(operation.service, operation.name, operation.kind);
  });
  return {};
}

std::span<const uint32_t> SectionRollups::operations_of(std::string_view service) const {
  auto range = std::ranges::equal_range(by_service_, service, {},
                                        [&](uint32_t i) { return operations_[i].service; });
  return {range.begin(), range.end()};
}

bool SectionRollups::touches(const TimeRange& range) const {
  return std::ranges::any_of(directory_.operations,
                             [&](const RollupPage& page) { return page.touches(range); });
}

template <typename Cell>
Status SectionRollups::read_page(const RollupPage& page, size_t codes, Cells<Cell>& cells) const {
  SPOOR_ASSIGN(std::string bytes, file_->read_block(section_, page.block));
  SPOOR_ASSIGN(std::vector<char> raw, codec::decode_block(bytes, kRollupPageRawBytesMax));
  cells.cells.clear();
  cells.counts.clear();
  return decode({raw.data(), raw.size()}, page, codes, cells);
}

Status SectionRollups::visit_operation_cells(const TimeRange& range,
                                             const OperationCellsHandler& handler) const {
  OperationCells page_cells;
  for (const RollupPage& page : directory_.operations) {
    if (!page.touches(range)) continue;
    SPOOR_TRY(read_page(page, operations_.size(), page_cells));
    std::span<const OperationCell> cells = page_cells.cells;
    auto first = std::ranges::lower_bound(cells, range.first_minute(), {}, &OperationCell::minute);
    auto end = std::ranges::upper_bound(cells, range.last_minute(), {}, &OperationCell::minute);
    if (first < end) handler({first, end}, page_cells);
  }
  return {};
}

Status SectionRollups::visit_operations(const TimeRange& range,
                                        const OperationVisitor& visitor) const {
  return visit_operation_cells(
      range, [&](std::span<const OperationCell> cells, const OperationCells& page) {
        for (const OperationCell& cell : cells) {
          visitor({cell.minute, operations_[cell.code], page.histogram(cell.durations)});
        }
      });
}

Status SectionRollups::visit_edges(const TimeRange& range, const EdgeVisitor& visitor) const {
  EdgeCells page_cells;
  for (const RollupPage& page : directory_.edges) {
    if (!page.touches(range)) continue;
    SPOOR_TRY(read_page(page, edges_.size(), page_cells));
    for (const EdgeCell& cell : page_cells.cells) {
      if (!contains(range, cell.minute)) continue;
      visitor({cell.minute, edges_[cell.code], cell.calls, cell.failed,
               page_cells.histogram(cell.client), page_cells.histogram(cell.server)});
    }
  }
  return {};
}

Result<std::shared_ptr<const std::vector<SectionRollups::EdgeCalls>>> SectionRollups::edge_calls(
    const TimeRange& range) const {
  bool is_kept = cells_of(directory_.edges) <= kCachedEdgeCallsMax;
  if (is_kept) {
    MutexLock lock(mutex_);
    if (edge_calls_) return edge_calls_;
  }
  auto calls = std::make_shared<std::vector<EdgeCalls>>();
  EdgeCells page_cells;
  for (const RollupPage& page : directory_.edges) {
    if (!is_kept && !page.touches(range)) continue;
    SPOOR_TRY(read_page(page, edges_.size(), page_cells));
    for (const EdgeCell& cell : page_cells.cells) {
      calls->push_back({static_cast<uint32_t>(cell.minute), cell.code, cell.calls, cell.failed});
    }
  }
  std::shared_ptr<const std::vector<EdgeCalls>> result = std::move(calls);
  if (is_kept) {
    MutexLock lock(mutex_);
    edge_calls_ = result;
  }
  return result;
}

Status SectionRollups::visit_edge_calls(const TimeRange& range,
                                        const EdgeCallsHandler& handler) const {
  bool touched = std::ranges::any_of(directory_.edges,
                                     [&](const RollupPage& page) { return page.touches(range); });
  if (!touched) return {};
  SPOOR_ASSIGN(auto calls, edge_calls(range));
  for (const EdgeCalls& entry : *calls) {
    if (contains(range, entry.minute)) handler(entry);
  }
  return {};
}

}  // namespace spoor::store
