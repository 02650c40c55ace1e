// Column pages read from a damaged disk: any bytes, any count.
#include <cstdint>
#include <vector>

#include "codec/doubles.h"
#include "codec/integers.h"
#include "codec/strings.h"

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
      (void)spoor::codec::StringPage::decode(page, count, 1 << 20);
  }
  return 0;
}
