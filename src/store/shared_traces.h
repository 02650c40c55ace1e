// Which traces two sections both have spans of: each then has a fragment, and only both together
// say how long the trace lasts or what its root is.
#pragma once

#include <cstdint>
#include <vector>

#include "store/section_reader.h"

namespace spoor::store {

// By their first rows in each section, ascending.
struct SharedTraces {
  std::vector<uint64_t> of_first, of_second;
};

// Reads the trace table of the section that has fewer traces, and the index of the other once for
// each half a million of them. Who asks again should ask SectionReader::traces_shared_with().
Result<SharedTraces> find_shared_traces(SectionReader& first, SectionReader& second);

}  // namespace spoor::store
