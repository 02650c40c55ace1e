// The bodies of Tempo's metrics endpoints, JSON as gogo's jsonpb writes it: 64-bit integers as
// strings, zero values left out; the list of series is there also when it is empty. Points that
// are not numbers do not exist here: who fills the structs leaves them out. What the structs
// point to is the caller's. Messages: QueryRangeResponse and QueryInstantResponse of Tempo's
// pkg/tempopb/tempo.proto.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/value.h"
#include "wire/tempo.h"
#include "wire/tempo_search.h"

namespace spoor::wire {

struct TempoSample {
  int64_t time_ms = 0;
  double value = 0;
};

struct TempoExemplar {
  Attributes labels;
  double value = 0;
  int64_t time_ms = 0;
};

struct TempoSeries {
  Attributes labels;
  std::span<const TempoSample> samples;
  std::span<const TempoExemplar> exemplars;
};

struct TempoInstantSeries {
  Attributes labels;
  double value = 0;
};

// GET /api/metrics/query_range: {"series":[...],"metrics":{...}} and, where they say something,
// "status":"PARTIAL" and "message". The series are in pieces of one or more, each written by
// encode_tempo_series(), so that several threads can write them.
std::string encode_tempo_query_range(std::span<const std::string> pieces,
                                     const TempoSearchMetrics& metrics,
                                     const TempoTraceOutcome& outcome);
std::string encode_tempo_series(std::span<const TempoSeries> series);

// GET /api/metrics/query: the same with one value for each series.
std::string encode_tempo_query_instant(std::span<const TempoInstantSeries> series,
                                       const TempoSearchMetrics& metrics,
                                       const TempoTraceOutcome& outcome);

}  // namespace spoor::wire
