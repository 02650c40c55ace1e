// Pages of texts that spell numbers, kept as the numbers: decimal, hexadecimal, UUID, IPv4. All
// texts of a page are of one kind behind one common prefix, and come back byte for byte, leading
// zeros and the case of digits included. Layout: docs/format/part.md, "Numeric texts".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "codec/sought_text.h"

namespace spoor::codec {

// Numbers are stored.
enum class NumericKind : uint8_t {
  Decimal = 0,        // no leading zero, at most 18 digits
  PaddedDecimal = 1,  // any digits, at most 17
  LowerHex = 2,
  UpperHex = 3,
  LowerUuid = 4,
  UpperUuid = 5,
  Ipv4 = 6,  // four numbers without leading zeros
};

// Appends the texts if they are all of one kind. False, with `target` unchanged, otherwise.
// REQUIRES: 1 to kPageValues texts.
bool encode_numeric_texts(std::span<const std::string_view> texts, std::string& target);

// Appends the texts one behind another to `bytes` and fills the length of each. DataLoss if the
// page is not well-formed or they take more than `raw_bytes_max`.
Status decode_numeric_texts(std::string_view page, size_t raw_bytes_max, std::vector<char>& bytes,
                            std::span<int64_t> lengths);

// False if none of the page's texts, of which there are `count`, can be what is sought, as far as
// that is seen without spelling them.
Result<bool> numeric_texts_may_contain(std::string_view page, size_t count, size_t raw_bytes_max,
                                       const SoughtText& sought);

}  // namespace spoor::codec
