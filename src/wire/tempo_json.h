// What the JSON bodies of Tempo's endpoints have in common.
#pragma once

#include "base/json_writer.h"
#include "wire/json_members.h"
#include "wire/tempo.h"
#include "wire/tempo_search.h"

namespace spoor::wire {

template <typename Items, typename Function>
void write_list(JsonWriter& json, JsonWriter::Key key, const Items& items, Function write) {
  json.key(key);
  json.begin_array();
  for (const auto& item : items) write(json, item);
  json.end_array();
}

// The member "metrics".
inline void write_search_metrics(JsonWriter& json, const TempoSearchMetrics& metrics) {
  json.key("metrics");
  json.begin_object();
  write_number_unless_zero(json, "inspectedTraces", metrics.inspected_traces);
  write_decimal_unless_zero(json, "inspectedBytes", metrics.inspected_bytes);
  write_number_unless_zero(json, "totalBlocks", metrics.total_blocks);
  write_number_unless_zero(json, "completedJobs", metrics.completed_jobs);
  write_number_unless_zero(json, "totalJobs", metrics.total_jobs);
  write_decimal_unless_zero(json, "totalBlockBytes", metrics.total_block_bytes);
  write_decimal_unless_zero(json, "inspectedSpans", metrics.inspected_spans);
  json.end_object();
}

// The members "status" and "message".
inline void write_outcome(JsonWriter& json, const TempoTraceOutcome& outcome) {
  if (outcome.status == TempoTraceStatus::Partial) {
    json.key("status");
    json.plain_string("PARTIAL");
  }
  write_text_unless_empty(json, "message", outcome.message);
}

}  // namespace spoor::wire
