// A run of bytes under zstd where that is smaller, else as it is. Self-describing; layout in
// docs/format/part.md, "Block".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace spoor::codec {

void encode_block(std::string_view raw, std::string& target);

// DataLoss if the block is not well-formed or would be larger than `raw_bytes_max`.
Result<std::vector<char>> decode_block(std::string_view block, size_t raw_bytes_max);

}  // namespace spoor::codec
