// Answers a metrics query of Tempo's API: runs it and writes its series.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "api/tempo_call.h"
#include "api/tempo_requests.h"
#include "query/query_context.h"
#include "store/snapshot.h"

namespace spoor::api {

struct TempoSeriesAnswer {
  std::string body;
  std::vector<std::string> missing;  // why series may lack spans
};

// Of an instant each series is one value. Errors as query::metrics().
Result<TempoSeriesAnswer> tempo_series(std::span<const store::Snapshot> snapshots,
                                       const TempoMetrics& asked, TempoMetricsForm form,
                                       TempoAnswer type, query::QueryContext& context);

}  // namespace spoor::api
