// Summaries of traces that lie wholly in one section, from templates, times and depths alone.
#pragma once

#include <optional>
#include <vector>

#include "query/trace_summary.h"
#include "store/section_reader.h"

namespace spoor::query {

struct SummaryPlace {
  store::TracePlace place;
  size_t ordinal = 0;  // where the summary goes
};

// Fills result[ordinal] of each place; leaves those alone that need the spans themselves (a span
// names a parent that is not there, a root whose name is a value). Orders the places by row.
Status summarize_places(store::SectionReader& section, std::vector<SummaryPlace>& places,
                        std::vector<std::optional<TraceSummary>>& result);

}  // namespace spoor::query
