#include "query/counted_pieces.h"

#include "base/bytes.h"

namespace spoor::query {
namespace {

// Of an entry beside what the piece takes: its key, twice, and the nodes around it.
constexpr uint64_t kEntryBytes = 256;

}  // namespace

void CountedPiece::add_to(MetricsTable& table, const MetricsIntervals& intervals) const {
  const size_t first_interval = intervals.of(first);
  for (const auto& [key, cells] : groups) table.cells(key).add(cells, first_interval);
}

uint64_t CountedPiece::size_bytes() const {
  uint64_t bytes = sizeof *this;
  for (const auto& [key, cells] : groups) {
    bytes += sizeof key + key.capacity() + cells.size_bytes();
  }
  return bytes;
}

Hash128 CountedPieces::question(const MetricsPlan& plan, const MetricsIntervals& intervals) {
  std::string text = plan.what_is_counted();
  append_varint(text, intervals.is_instant() ? 0 : intervals.step());
  return hash128(text);
}

void CountedPieces::keep(const Key& key, std::shared_ptr<const CountedPiece> piece) {
  const uint64_t bytes = piece->size_bytes() + kEntryBytes;
  pieces_.keep(key, std::move(piece), bytes);
}

}  // namespace spoor::query
