// Pages of 64-bit integers: frame of reference with bit packing and patched exceptions, of the
// values or of the steps from one to the next.
//
// A page holds up to kPageValues values and does not say how many: the caller stores the count.
// The layout, byte by byte, is in docs/format/part.md, "Integer page".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::codec {

// A vector's worth (1,024): small enough that one page decodes within L1.
constexpr size_t kPageValues = 1024;

// Appends the page. REQUIRES: 1 to kPageValues values.
void encode_integers(std::span<const int64_t> values, std::string& target);

// Fills `values` from the page, which must end exactly at the end of `page`. DataLoss if the
// page is not well-formed; never reads outside it.
Status decode_integers(std::string_view page, std::span<int64_t> values);

// Reads a page that further bytes follow: the number of bytes it took.
Result<size_t> decode_integers_prefix(std::string_view bytes, std::span<int64_t> values);

}  // namespace spoor::codec
