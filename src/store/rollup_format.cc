#include "store/rollup_format.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/assert.h"
#include "base/bytes.h"
#include "codec/integers.h"
#include "store/limits.h"

namespace spoor::store {
namespace {

static_assert(kRollupPageCells <= codec::kPageValues);
constexpr uint64_t kMinuteMax = ~uint64_t{0} / kNanosPerMinute;

Status damaged(std::string_view what) {
  return data_loss("rollups: " + std::string(what));
}

// kNone as 0, the rest one higher.
void append_optional(std::string& target, uint32_t number) {
  append_varint(target, number == RollupNames::kNone ? 0 : uint64_t{number} + 1);
}
// An optional number below `limit`, or failure of the reader.
uint32_t read_optional(ByteReader& reader, uint64_t limit) {
  uint64_t number = reader.varint();
  if (number > limit) reader.fail();
  return number == 0 ? RollupNames::kNone : static_cast<uint32_t>(number - 1);
}

Result<uint64_t> read_count(ByteReader& reader, size_t bytes_each) {
  uint64_t count = reader.varint();
  if (reader.failed() || count > reader.remaining() / bytes_each) return damaged("bad count");
  return count;
}

// The columns of a page, one behind another; a page holds its cells' values of each.
class ColumnsWriter {
 public:
  explicit ColumnsWriter(std::string& target) : target_(target) {}

  void add(std::span<const int64_t> values) {
    for (size_t at = 0; at < values.size(); at += codec::kPageValues) {
      codec::encode_integers(values.subspan(at, std::min(codec::kPageValues, values.size() - at)),
                             target_);
    }
  }
  template <typename Cell, typename Get>
  void add(std::span<const Cell> cells, Get get) {
    values_.clear();
    for (const Cell& cell : cells) values_.push_back(static_cast<int64_t>(get(cell)));
    add(values_);
  }

  template <typename Cell>
  void add_places(std::span<const Cell> cells, uint64_t minute) {
    add(cells, [last = minute](const Cell& cell) mutable {
      return cell.minute - std::exchange(last, cell.minute);
    });
    add(cells, [last = minute, code = uint64_t{0}](const Cell& cell) mutable {
      if (cell.minute != std::exchange(last, cell.minute)) code = 0;
      return cell.code - std::exchange(code, cell.code);
    });
  }

  template <typename Cell>
  void add_histograms(std::span<const Cell> cells, const std::vector<uint64_t>& counts,
                      CellHistogram Cell::* member) {
    add(cells, [&](const Cell& cell) { return (cell.*member).first_bucket; });
    add(cells, [&](const Cell& cell) { return (cell.*member).buckets; });
    add(cells, [&](const Cell& cell) { return (cell.*member).sum; });
    values_.clear();
    for (const Cell& cell : cells) {
      const CellHistogram& place = cell.*member;
      auto begin = counts.begin() + static_cast<ptrdiff_t>(place.first_count);
      values_.insert(values_.end(), begin, begin + place.buckets);
    }
    add(values_);
  }

 private:
  std::string& target_;
  std::vector<int64_t> values_;
};

class ColumnsReader {
 public:
  explicit ColumnsReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  Status read(std::span<int64_t> values) {
    for (size_t at = 0; at < values.size(); at += codec::kPageValues) {
      auto page = values.subspan(at, std::min(codec::kPageValues, values.size() - at));
      SPOOR_ASSIGN(size_t taken, codec::decode_integers_prefix(rest_, page));
      rest_.remove_prefix(taken);
    }
    return {};
  }
  template <typename Cell, typename Set>
  Status read(std::span<Cell> cells, Set set) {
    values_.resize(cells.size());
    SPOOR_TRY(read(values_));
    for (size_t i = 0; i < cells.size(); ++i) set(cells[i], static_cast<uint64_t>(values_[i]));
    return {};
  }

  template <typename Cell>
  Status read_places(std::span<Cell> cells, const RollupPage& page, size_t codes) {
    uint64_t minute = page.first_minute;
    SPOOR_TRY(read(cells, [&](Cell& cell, uint64_t step) {
      minute += step;
      cell.minute = minute;
    }));
    bool is_valid = true;
    uint64_t last = page.first_minute, code = 0;
    SPOOR_TRY(read(cells, [&](Cell& cell, uint64_t step) {
      if (cell.minute != std::exchange(last, cell.minute)) code = 0;
      code += step;
      is_valid &= cell.minute >= page.first_minute && cell.minute <= page.last_minute;
      is_valid &= code < codes;
      cell.code = static_cast<uint32_t>(code);
    }));
    return is_valid ? Status() : damaged("a cell of an unknown minute, operation or edge");
  }

  template <typename Cell>
  Status read_histograms(std::span<Cell> cells, std::vector<uint64_t>& counts,
                         CellHistogram Cell::* member) {
    bool is_valid = true;
    SPOOR_TRY(read(cells, [&](Cell& cell, uint64_t bucket) {
      is_valid &= bucket < kDurationBuckets;
      (cell.*member).first_bucket = static_cast<uint32_t>(bucket);
    }));
    uint64_t first = counts.size(), all = first;
    SPOOR_TRY(read(cells, [&](Cell& cell, uint64_t buckets) {
      CellHistogram& place = cell.*member;
      is_valid &= buckets <= kDurationBuckets - std::min(place.first_bucket, kDurationBuckets);
      place.buckets = static_cast<uint32_t>(buckets);
      place.first_count = all;
      all += is_valid ? buckets : 0;
    }));
    if (!is_valid) return damaged("a histogram of unknown buckets");
    SPOOR_TRY(read(cells, [&](Cell& cell, uint64_t sum) { (cell.*member).sum = sum; }));
    counts.resize(all);
    return read(std::span(reinterpret_cast<int64_t*>(counts.data()) + first, all - first));
  }

 private:
  std::string_view rest_;
  std::vector<int64_t> values_;
};

void encode_pages(const std::vector<RollupPage>& pages, std::string& target) {
  append_varint(target, pages.size());
  for (const RollupPage& page : pages) {
    append_varint(target, page.first_minute);
    append_varint(target, page.last_minute - page.first_minute);
    append_varint(target, page.cells);
    append_varint(target, page.block.offset);
    append_varint(target, page.block.bytes);
  }
}

Status decode_pages(ByteReader& reader, std::vector<RollupPage>& pages) {
  SPOOR_ASSIGN(uint64_t count, read_count(reader, 5));
  for (uint64_t i = 0; i < count; ++i) {
    RollupPage& page = pages.emplace_back();
    page.first_minute = reader.varint();
    uint64_t minutes = reader.varint();
    page.last_minute = page.first_minute + minutes;
    uint64_t cells = reader.varint();
    page.cells = static_cast<uint32_t>(cells);
    page.block.offset = reader.varint();
    page.block.bytes = reader.varint();
    if (page.first_minute > kMinuteMax || minutes > kMinuteMax - page.first_minute || cells == 0 ||
        cells > kRollupPageCells) {
      return damaged("bad page in the directory");
    }
  }
  return {};
}

template <typename Cell>
std::span<const Cell> cells_of_page(const Cells<Cell>& cells, size_t first,
                                    const RollupPage& page) {
  auto part = std::span(cells.cells).subspan(first, page.cells);
  SPOOR_ASSERT(!part.empty() && part.size() <= kRollupPageCells);
  SPOOR_ASSERT(part.front().minute == page.first_minute && part.back().minute == page.last_minute);
  return part;
}

template <typename Cell>
std::span<Cell> new_cells(Cells<Cell>& cells, const RollupPage& page) {
  cells.cells.resize(cells.cells.size() + page.cells);
  return std::span(cells.cells).last(page.cells);
}

}  // namespace

std::vector<Operation> RollupNames::resolved_operations() const {
  std::vector<Operation> resolved;
  resolved.reserve(operations.size());
  for (const StoredOperation& stored : operations) {
    Operation& operation = resolved.emplace_back();
    operation.kind = stored.kind;
    operation.status = stored.status;
    operation.is_any_service = stored.service == kNone;
    operation.is_other = stored.name == kNone;
    if (!operation.is_any_service) operation.service = services[stored.service];
    if (!operation.is_other) operation.name = names[stored.name];
  }
  return resolved;
}

std::vector<Edge> RollupNames::resolved_edges() const {
  std::vector<Edge> resolved;
  resolved.reserve(edges.size());
  for (const StoredEdge& stored : edges) {
    Edge& edge = resolved.emplace_back();
    edge.type = stored.type;
    edge.is_other = stored.client == kNone;
    if (edge.is_other) continue;
    edge.client = node(stored.client);
    edge.server = node(stored.server);
  }
  return resolved;
}

void encode(const RollupNames& names, std::string& target) {
  append_varint(target, names.names.size());
  for (std::string_view name : names.names) append_sized(target, name);
  append_varint(target, names.operations.size());
  for (const auto& operation : names.operations) {
    append_optional(target, operation.service);
    append_optional(target, operation.name);
    append_varint(target, operation.kind);
    target.push_back(static_cast<char>(operation.status));
  }
  append_varint(target, names.edges.size());
  for (const auto& edge : names.edges) {
    append_optional(target, edge.client);
    append_optional(target, edge.server);
    target.push_back(static_cast<char>(edge.type));
  }
}

Result<RollupNames> decode_rollup_names(std::string_view bytes,
                                        std::vector<std::string_view> services) {
  ByteReader reader(bytes);
  RollupNames names;
  names.services = std::move(services);
  SPOOR_ASSIGN(uint64_t name_count, read_count(reader, 1));
  for (uint64_t i = 0; i < name_count; ++i) names.names.push_back(reader.sized());
  SPOOR_ASSIGN(uint64_t operations, read_count(reader, 4));
  for (uint64_t i = 0; i < operations; ++i) {
    RollupNames::StoredOperation operation;
    operation.service = read_optional(reader, names.services.size());
    operation.name = read_optional(reader, names.names.size());
    operation.kind = static_cast<uint32_t>(reader.varint());
    operation.status = static_cast<RollupStatus>(reader.fixed<uint8_t>());
    if (operation.status > RollupStatus::Error) return damaged("unknown status");
    // What counts for any service cannot have a name.
    if (operation.service == RollupNames::kNone && operation.name != RollupNames::kNone) {
      return damaged("an operation of no service");
    }
    names.operations.push_back(operation);
  }
  SPOOR_ASSIGN(uint64_t edges, read_count(reader, 3));
  uint64_t nodes = names.services.size() + names.names.size();
  for (uint64_t i = 0; i < edges; ++i) {
    RollupNames::StoredEdge edge;
    edge.client = read_optional(reader, nodes);
    edge.server = read_optional(reader, nodes);
    uint8_t type = reader.fixed<uint8_t>();
    if (type >= kConnectionTypes) return damaged("unknown connection type");
    edge.type = static_cast<ConnectionType>(type);
    if ((edge.client == RollupNames::kNone) != (edge.server == RollupNames::kNone)) {
      return damaged("an edge with one end");
    }
    names.edges.push_back(edge);
  }
  if (reader.failed() || !reader.at_end()) return damaged("bad names");
  return names;
}

void encode(const RollupDirectory& directory, std::string& target) {
  encode_pages(directory.operations, target);
  encode_pages(directory.edges, target);
}

Result<RollupDirectory> decode_rollup_directory(std::string_view bytes) {
  ByteReader reader(bytes);
  RollupDirectory directory;
  SPOOR_TRY(decode_pages(reader, directory.operations));
  SPOOR_TRY(decode_pages(reader, directory.edges));
  if (reader.failed() || !reader.at_end()) return damaged("bad directory");
  return directory;
}

void encode(const OperationCells& cells, size_t first, const RollupPage& page,
            std::string& target) {
  std::span<const OperationCell> part = cells_of_page(cells, first, page);
  ColumnsWriter writer(target);
  writer.add_places(part, page.first_minute);
  writer.add_histograms(part, cells.counts, &OperationCell::durations);
}

void encode(const EdgeCells& cells, size_t first, const RollupPage& page, std::string& target) {
  std::span<const EdgeCell> part = cells_of_page(cells, first, page);
  ColumnsWriter writer(target);
  writer.add_places(part, page.first_minute);
  writer.add(part, [](const EdgeCell& cell) { return cell.calls; });
  writer.add(part, [](const EdgeCell& cell) { return cell.failed; });
  writer.add_histograms(part, cells.counts, &EdgeCell::client);
  writer.add_histograms(part, cells.counts, &EdgeCell::server);
}

Status decode(std::string_view bytes, const RollupPage& page, size_t codes, OperationCells& cells) {
  std::span<OperationCell> part = new_cells(cells, page);
  ColumnsReader reader(bytes);
  SPOOR_TRY(reader.read_places(part, page, codes));
  SPOOR_TRY(reader.read_histograms(part, cells.counts, &OperationCell::durations));
  return reader.at_end() ? Status() : damaged("a page is too long");
}

Status decode(std::string_view bytes, const RollupPage& page, size_t codes, EdgeCells& cells) {
  std::span<EdgeCell> part = new_cells(cells, page);
  ColumnsReader reader(bytes);
  SPOOR_TRY(reader.read_places(part, page, codes));
  SPOOR_TRY(reader.read(part, [](EdgeCell& cell, uint64_t calls) { cell.calls = calls; }));
  SPOOR_TRY(reader.read(part, [](EdgeCell& cell, uint64_t failed) { cell.failed = failed; }));
  SPOOR_TRY(reader.read_histograms(part, cells.counts, &EdgeCell::client));
  SPOOR_TRY(reader.read_histograms(part, cells.counts, &EdgeCell::server));
  return reader.at_end() ? Status() : damaged("a page is too long");
}

}  // namespace spoor::store
