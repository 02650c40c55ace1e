// Column pages read from a damaged disk: any bytes, any count. What a page of texts holds is found
// when the page is searched for it.
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"

namespace {

using namespace spoor::codec;

void read_texts(std::string_view page, size_t count) {
  constexpr size_t kRawBytesMax = 1 << 20;
  (void)strings_may_contain(page, count, kRawBytesMax, {SoughtText::As::Whole, "0a"});
  auto decoded = StringPage::decode(page, count, kRawBytesMax);
  if (!decoded.ok()) return;
  for (std::string_view text : {decoded->values().front(), decoded->values().back()}) {
    if (text.empty()) continue;
    auto whole = strings_may_contain(page, count, kRawBytesMax, {SoughtText::As::Whole, text});
    SPOOR_ASSERT(whole.ok() && *whole);
    SoughtText part{SoughtText::As::Part, text.substr(text.size() / 2)};
    auto contained = strings_may_contain(page, count, kRawBytesMax, part);
    SPOOR_ASSERT(contained.ok() && *contained);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  size_t count = (data[0] | data[1] << 8) % (spoor::codec::kPageValues + 1);
  std::string_view page(reinterpret_cast<const char*>(data) + 3, size - 3);
  switch (data[2] % 3) {
    case 0: {
      std::vector<int64_t> values(count);
      (void)spoor::codec::decode_integers(page, values);
      break;
    }
    case 1: {
      std::vector<double> values(count);
      (void)spoor::codec::decode_doubles(page, values);
      break;
    }
    default:
      read_texts(page, count);
  }
  return 0;
}
