// Reads what encode_tempo_search_proto() writes: for commands that list what a server found.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "wire/jaeger_summaries.h"

namespace spoor::wire {

// Ends are exact to the millisecond, as the message says durations. InvalidArgument where the bytes
// are no SearchResponse.
Result<std::vector<ListedTrace>> decode_tempo_search_proto(std::string_view bytes);

}  // namespace spoor::wire
