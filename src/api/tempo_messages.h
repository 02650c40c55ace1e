// What StreamingQuerier is asked for: its messages, with the meaning that the parameters of the
// HTTP API have (tempo_parameters.h). InvalidArgument says what is wrong.
#pragma once

#include "api/tempo_requests.h"
#include "wire/tempo_request.h"

namespace spoor::api {

Result<TempoSearch> tempo_search_of(const wire::TempoSearchMessage& message);
Result<TempoMetrics> tempo_metrics_of(const wire::TempoMetricsMessage& message,
                                      TempoMetricsForm form, UnixNanos now);
Result<TempoTagsRequest> tempo_tags_of(const wire::TempoTagsMessage& message);

// The tag is a name as of parse_tempo_values_v1() and _v2(), not encoded.
Result<TempoValuesRequest> tempo_values_v1_of(const wire::TempoTagValuesMessage& message);
Result<TempoValuesRequest> tempo_values_v2_of(const wire::TempoTagValuesMessage& message);

}  // namespace spoor::api
