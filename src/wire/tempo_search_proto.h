// The bodies of Tempo's search and completion endpoints as protobuf, for Accept:
// application/protobuf and for the messages of StreamingQuerier. The structs are those that the
// JSON is written from (tempo_search.h). Field numbers: Tempo's pkg/tempopb/tempo.proto.
#pragma once

#include <string>
#include <vector>

#include "wire/tempo_search.h"

namespace spoor::wire {

// SearchResponse.
std::string encode_tempo_search_proto(std::span<const TempoTrace> traces,
                                      const TempoSearchMetrics& metrics);

// SearchTagsResponse and SearchTagsV2Response.
std::string encode_tempo_tags_v1_proto(std::span<const std::string> names,
                                       const TempoListMetrics& metrics = {});
std::string encode_tempo_tags_v2_proto(std::span<const TempoTagScope> scopes,
                                       const TempoListMetrics& metrics = {});

// SearchTagValuesResponse and SearchTagValuesV2Response.
std::string encode_tempo_tag_values_v1_proto(std::span<const TempoTagValue> values,
                                             const TempoListMetrics& metrics = {});
std::string encode_tempo_tag_values_v2_proto(std::span<const TempoTagValue> values,
                                             const TempoListMetrics& metrics = {});

// The list of every response is this field.
constexpr uint32_t kTempoListField = 1;

// Cuts a response that was encoded above between the items of its list into messages of at most
// `bytes_max`; an item that is longer is in a message of its own. The other fields are in each.
std::vector<std::string> split_tempo_message(std::string_view encoded, size_t bytes_max);

}  // namespace spoor::wire
