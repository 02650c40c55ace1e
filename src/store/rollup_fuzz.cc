// Any bytes are names, a directory or a page of rollups, or are refused; names and a directory
// that are accepted come back from their encoding.
#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "store/limits.h"
#include "store/rollup_format.h"

namespace {

using namespace spoor;
using namespace spoor::store;

void read_names(std::string_view input) {
  auto names = decode_rollup_names(input, {"a", "b"});
  if (!names.ok()) return;
  SPOOR_ASSERT(names->resolved_operations().size() == names->operations.size());
  SPOOR_ASSERT(names->resolved_edges().size() == names->edges.size());
  std::string bytes;
  encode(*names, bytes);
  auto again = decode_rollup_names(bytes, {"a", "b"});
  SPOOR_ASSERT(again.ok() && again->names == names->names);
  SPOOR_ASSERT(again->operations == names->operations && again->edges == names->edges);
}

void read_directory(std::string_view input) {
  auto directory = decode_rollup_directory(input);
  if (!directory.ok()) return;
  std::string bytes;
  encode(*directory, bytes);
  auto again = decode_rollup_directory(bytes);
  SPOOR_ASSERT(again.ok() && again->operations.size() == directory->operations.size());
  SPOOR_ASSERT(again->edges.size() == directory->edges.size());
}

// Cells that are accepted lie where the page says, and their histograms can be read.
template <typename Cell>
void read_page(std::string_view input, const RollupPage& page) {
  constexpr size_t kCodes = 100;
  Cells<Cell> cells;
  if (!decode(input, page, kCodes, cells).ok()) return;
  SPOOR_ASSERT(cells.cells.size() == page.cells);
  auto check = [&](const CellHistogram& place) {
    DurationHistogram histogram = cells.histogram(place);
    SPOOR_ASSERT(histogram.first_bucket + histogram.counts.size() <= kDurationBuckets);
    (void)histogram.count();
  };
  for (const Cell& cell : cells.cells) {
    SPOOR_ASSERT(cell.code < kCodes);
    SPOOR_ASSERT(cell.minute >= page.first_minute && cell.minute <= page.last_minute);
    if constexpr (std::is_same_v<Cell, OperationCell>) {
      check(cell.durations);
    } else {
      check(cell.client);
      check(cell.server);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader reader(std::string_view(reinterpret_cast<const char*>(data), size));
  uint8_t which = reader.fixed<uint8_t>();
  RollupPage page;
  if (which % 4 >= 2) {
    page.cells = 1 + reader.fixed<uint16_t>() % kRollupPageCells;
    page.first_minute = reader.fixed<uint16_t>();
    page.last_minute = page.first_minute + reader.fixed<uint8_t>();
  }
  std::string_view input = reader.bytes(reader.remaining());
  if (which % 4 == 0) read_names(input);
  if (which % 4 == 1) read_directory(input);
  if (which % 4 == 2) read_page<OperationCell>(input, page);
  if (which % 4 == 3) read_page<EdgeCell>(input, page);
  return 0;
}
