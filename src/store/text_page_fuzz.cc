// Text pages and contexts of row groups from a damaged disk: any bytes, any count. What is read as
// a page of lists is a page of the same lists when written again.
#include "store/text_page.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "store/integer_pages.h"
#include "store/limits.h"

namespace {

using namespace spoor;
using namespace spoor::store;

constexpr size_t kRawBytesMax = 1 << 20;

void read_texts(std::string_view page, size_t count) {
  auto decoded = decode_text_page(page, count, kRawBytesMax);
  if (!decoded.ok()) return;
  std::string again;
  encode_list_page(decoded->values(), again);
  auto second = decode_text_page(again, count, kPageRawBytesMax);
  SPOOR_ASSERT(second.ok() && std::ranges::equal(second->values(), decoded->values()));
}

void read_integers(std::string_view bytes, size_t count) {
  size_t half = bytes.size() / 2, quarter = bytes.size() / 4;
  std::vector<ColumnChunk> chunks(2);
  chunks[0].column = static_cast<uint32_t>(FixedColumn::SpanTemplate);
  chunks[0].context = bytes.substr(0, quarter);
  chunks[1].column = static_cast<uint32_t>(FixedColumn::Depth);
  chunks[1].context = bytes.substr(quarter, half - quarter);
  auto pages = IntegerPages::open(chunks);
  if (!pages.ok()) return;
  std::vector<int64_t> templates(count), depths(count);
  if (!pages->decode(chunks[0].column, bytes.substr(half), {}, templates).ok()) return;
  (void)pages->decode(chunks[1].column, bytes.substr(half), templates, depths);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  size_t count = 1 + (data[0] | data[1] << 8) % kVectorRows;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  if (data[2] % 2 == 0) {
    read_texts(bytes, count);
  } else {
    read_integers(bytes, count);
  }
  return 0;
}
