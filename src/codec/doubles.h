// Pages of doubles: as decimals where every value is a short decimal fraction, else raw. Exact in
// every bit, NaN payloads and the sign of zero included. Layout: docs/format/part.md, "Double
// page".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace spoor::codec {

// REQUIRES: 1 to kPageValues values.
void encode_doubles(std::span<const double> values, std::string& target);

Status decode_doubles(std::string_view page, std::span<double> values);

}  // namespace spoor::codec
