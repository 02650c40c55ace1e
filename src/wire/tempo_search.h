// The bodies of Tempo's search and completion endpoints, JSON as gogo's jsonpb writes it: 64-bit
// integers as strings, zero values left out. The list that an answer is for is there also when
// it is empty. What the structs point to is the caller's. Messages: Tempo's
// pkg/tempopb/tempo.proto.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/span.h"

namespace spoor::wire {

struct TempoSpan {
  SpanId id;
  std::string_view name;
  UnixNanos start;
  uint64_t duration_nanos = 0;
  Attributes attributes;  // the fields that the query names
};

struct TempoSpanset {
  std::span<const TempoSpan> spans;  // as many as were asked for
  uint32_t matched = 0;              // all of them
  Attributes attributes;             // groups and aggregates: by(name), count()
};

struct TempoService {
  std::string_view name;
  uint32_t span_count = 0;
  uint32_t error_count = 0;
};

struct TempoTrace {
  TraceId id;
  bool has_root = true;  // false: the service is shown as Tempo shows a root that did not come
  std::string_view root_service;
  std::string_view root_name;
  UnixNanos start;
  uint64_t duration_nanos = 0;             // written as milliseconds
  std::span<const TempoSpanset> spansets;  // the first is written as spanSet, too
  std::span<const TempoService> services;  // each name once

  // As answers have them.
  std::string_view shown_root_service() const;
  uint32_t duration_millis() const;
};

// What a search looked at.
struct TempoSearchMetrics {
  uint32_t inspected_traces = 0;
  uint64_t inspected_bytes = 0;
  uint64_t inspected_spans = 0;
  uint32_t total_blocks = 0;
  uint64_t total_block_bytes = 0;
  uint32_t completed_jobs = 0;
  uint32_t total_jobs = 0;
};

// GET /api/search: {"traces":[...],"metrics":{...}}.
std::string encode_tempo_search(std::span<const TempoTrace> traces,
                                const TempoSearchMetrics& metrics);

// GET /api/search/tags: {"tagNames":[...],"metrics":{}}.
std::string encode_tempo_tags_v1(std::span<const std::string> names);

// What a completion looked at; JSON leaves it empty.
struct TempoListMetrics {
  uint32_t completed_jobs = 0;
  uint32_t total_jobs = 0;
};

struct TempoTagScope {
  std::string_view name;  // "span"
  std::span<const std::string> tags;
};

// GET /api/v2/search/tags: {"scopes":[{"name":"span","tags":[...]},...],"metrics":{}}.
std::string encode_tempo_tags_v2(std::span<const TempoTagScope> scopes);

// A word of the language is a keyword: the states and kinds of spans.
enum class TempoValueType : uint8_t { String, Int, Float, Bool, Duration, Keyword };

struct TempoTagValue {
  TempoValueType type = TempoValueType::String;
  std::string_view text;
};

std::string_view name_of(TempoValueType type);  // "string"

// GET /api/search/tag/{tag}/values: {"tagValues":["a",...],"metrics":{}}, and
// GET /api/v2/search/tag/{tag}/values: {"tagValues":[{"type":"string","value":"a"},...],...}.
std::string encode_tempo_tag_values_v1(std::span<const TempoTagValue> values);
std::string encode_tempo_tag_values_v2(std::span<const TempoTagValue> values);

// GET /api/status/buildinfo. `version` is the Tempo release whose API it is: Grafana enables
// features by it. `revision` says which program that is.
std::string encode_tempo_build_info(std::string_view version, std::string_view revision);

}  // namespace spoor::wire
