// The bytes of a section's rollups: names, pages of cells, the directory of the pages.
// Layout: docs/format/part.md, "Rollups".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/part_format.h"
#include "store/rollup.h"

namespace spoor::store {

// What pages name by code, in order of codes. A node of an edge is a service, or from
// services.size() on one of the names.
struct RollupNames {
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct StoredOperation {
    uint32_t service = 0;  // kNone: any
    uint32_t name = 0;     // kNone: one of the many that are not kept apart
    uint32_t kind = 0;
    RollupStatus status = RollupStatus::Unset;
    bool operator==(const StoredOperation&) const = default;
  };
  struct StoredEdge {
    uint32_t client = 0;  // nodes; both kNone: one of the many that are not kept apart
    uint32_t server = 0;
    ConnectionType type = ConnectionType::Call;
    bool operator==(const StoredEdge&) const = default;
  };

  std::vector<std::string_view> services;  // the section's; not part of the bytes
  std::vector<std::string_view> names;
  std::vector<StoredOperation> operations;
  std::vector<StoredEdge> edges;

  std::string_view node(uint32_t node) const {
    return node < services.size() ? services[node] : names[node - services.size()];
  }
  // By code, with the names filled in.
  std::vector<Operation> resolved_operations() const;
  std::vector<Edge> resolved_edges() const;
};

void encode(const RollupNames& names, std::string& target);
// The views point into `bytes`. DataLoss on damage.
Result<RollupNames> decode_rollup_names(std::string_view bytes,
                                        std::vector<std::string_view> services);

// A histogram whose counts lie in a list that many share.
struct CellHistogram {
  uint64_t sum = 0;
  uint32_t first_bucket = 0;
  uint32_t buckets = 0;
  uint64_t first_count = 0;
};
struct OperationCell {
  uint64_t minute = 0;
  uint32_t code = 0;
  CellHistogram durations;
};
struct EdgeCell {
  uint64_t minute = 0;
  uint32_t code = 0;
  uint64_t calls = 0;
  uint64_t failed = 0;
  CellHistogram client, server;
};
template <typename Cell>
struct Cells {
  std::vector<Cell> cells;
  std::vector<uint64_t> counts;

  DurationHistogram histogram(const CellHistogram& place) const {
    return {place.sum, place.first_bucket,
            std::span(counts).subspan(place.first_count, place.buckets)};
  }
};
using OperationCells = Cells<OperationCell>;
using EdgeCells = Cells<EdgeCell>;

// One page: at most kRollupPageCells cells of the minutes it says.
struct RollupPage {
  uint64_t first_minute = 0;
  uint64_t last_minute = 0;
  uint32_t cells = 0;
  BlockRef block;

  bool touches(const TimeRange& range) const {
    return !range.is_empty() && first_minute <= range.last_minute() &&
           last_minute >= range.first_minute();
  }
};
struct RollupDirectory {
  std::vector<RollupPage> operations;
  std::vector<RollupPage> edges;
};

void encode(const RollupDirectory& directory, std::string& target);
Result<RollupDirectory> decode_rollup_directory(std::string_view bytes);

// Appends the page of cells [first, first + page.cells), which lie in order of minute and code,
// without the compression around it. REQUIRES: page says the minutes of these cells.
void encode(const OperationCells& cells, size_t first, const RollupPage& page, std::string& target);
void encode(const EdgeCells& cells, size_t first, const RollupPage& page, std::string& target);
// Appends the cells of the page. `codes`: how many operations or edges there are. DataLoss on
// damage; then what was appended is not to be used.
Status decode(std::string_view bytes, const RollupPage& page, size_t codes, OperationCells& cells);
Status decode(std::string_view bytes, const RollupPage& page, size_t codes, EdgeCells& cells);

}  // namespace spoor::store
