// What Tempo's search, metrics and completion endpoints are asked for. InvalidArgument names the
// parameter.
#pragma once

#include <string_view>

#include "api/tempo_requests.h"
#include "net/http.h"

namespace spoor::api {

// `q`, or `tags` with minDuration and maxDuration; or, with none of them nor a range, tags as
// parameters of their own: "?service.name=shop".
Result<TempoSearch> parse_tempo_search(const net::QueryParams& params);

// `q` or `query`, start, end, since, step, exemplars, maxSeries, instant.
Result<TempoMetrics> parse_tempo_metrics(const net::QueryParams& params, TempoMetricsForm form,
                                         UnixNanos now);

Result<TempoTagsRequest> parse_tempo_tags(const net::QueryParams& params);

// `tag` is the path's, decoded once. Of the first version it is an intrinsic, or an attribute's
// name as senders write it; `q` is ignored.
Result<TempoValuesRequest> parse_tempo_values_v1(std::string_view tag,
                                                 const net::QueryParams& params);
// Of the second an intrinsic or an attribute with its scope ("span.x", "resource.x", ".x"), its
// name in quotes or not; it may be encoded once more, as Grafana does.
Result<TempoValuesRequest> parse_tempo_values_v2(std::string_view tag,
                                                 const net::QueryParams& params);

}  // namespace spoor::api
