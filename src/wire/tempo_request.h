// What StreamingQuerier's methods are asked, as it comes: messages of Tempo's
// pkg/tempopb/tempo.proto. Zero stands for what is not said, as in every proto3 message; fields
// that only Tempo's own parts send to one another are skipped. Texts lie in the decoded bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace spoor::wire {

// Seconds since 1970.
struct TempoSecondsRange {
  uint32_t start = 0;
  uint32_t end = 0;
};

// SearchRequest: a query, or tags with durations.
struct TempoSearchMessage {
  std::string_view query;
  std::vector<std::pair<std::string_view, std::string_view>> tags;  // a key given twice: the last
  uint32_t duration_min_ms = 0;
  uint32_t duration_max_ms = 0;
  uint32_t limit = 0;
  uint32_t spans_per_spanset = 0;
  TempoSecondsRange range;
};

// SearchTagsRequest.
struct TempoTagsMessage {
  std::string_view scope;
  std::string_view query;
  TempoSecondsRange range;
  uint32_t limit = 0;  // of each scope
};

// SearchTagValuesRequest.
struct TempoTagValuesMessage {
  std::string_view tag;
  std::string_view query;
  TempoSecondsRange range;
  uint32_t limit = 0;
};

// QueryRangeRequest, and QueryInstantRequest without what is of ranges. Times and the step in
// nanoseconds.
struct TempoMetricsMessage {
  std::string_view query;
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t step = 0;
  uint32_t exemplars = 0;
  uint32_t series_max = 0;
};

// InvalidArgument where the bytes are no such message; it says where.
Result<TempoSearchMessage> decode_tempo_search_request(std::string_view bytes);
Result<TempoTagsMessage> decode_tempo_tags_request(std::string_view bytes);
Result<TempoTagValuesMessage> decode_tempo_tag_values_request(std::string_view bytes);
Result<TempoMetricsMessage> decode_tempo_range_request(std::string_view bytes);
Result<TempoMetricsMessage> decode_tempo_instant_request(std::string_view bytes);

}  // namespace spoor::wire
