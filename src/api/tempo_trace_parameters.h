// What Tempo's endpoints of one trace are asked for. InvalidArgument names the parameter.
#pragma once

#include <cstdint>
#include <optional>

#include "net/http.h"
#include "traceql/traceql.h"

namespace spoor::api {

struct TempoTraceRequest {
  TraceId id;
  // Of the second version: only spans for which this one filter holds, and levels of the tree above
  // and below them.
  std::optional<traceql::Query> filter;
  uint64_t levels_of_parents = 0;
  uint64_t levels_of_children = 0;
};

// The id is the path parameter `id`. `start` and `end` have to be a range; all spans are looked at,
// whatever it is.
Result<TempoTraceRequest> parse_tempo_trace_v1(const net::RequestHead& head,
                                               const net::QueryParams& params);
// Also `q`, `keep_hierarchy` with `ancestor_depth`, and `match_depth`; -1 for all levels.
// Unimplemented for the pruning of spans.
Result<TempoTraceRequest> parse_tempo_trace_v2(const net::RequestHead& head,
                                               const net::QueryParams& params);

}  // namespace spoor::api
