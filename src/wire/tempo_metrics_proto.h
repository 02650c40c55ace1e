// The bodies of Tempo's metrics endpoints as protobuf, of the structs that the JSON is written from
// (tempo_metrics.h). Field numbers: QueryRangeResponse and QueryInstantResponse of Tempo's
// pkg/tempopb/tempo.proto. Series are the list that split_tempo_message() cuts between.
#pragma once

#include <span>
#include <string>

#include "wire/tempo_metrics.h"

namespace spoor::wire {

std::string encode_tempo_query_range_proto(std::span<const TempoSeries> series,
                                           const TempoSearchMetrics& metrics,
                                           const TempoTraceOutcome& outcome);
std::string encode_tempo_query_instant_proto(std::span<const TempoInstantSeries> series,
                                             const TempoSearchMetrics& metrics,
                                             const TempoTraceOutcome& outcome);

}  // namespace spoor::wire
