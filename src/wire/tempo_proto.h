// What the protobuf bodies of Tempo's endpoints have in common. As all of ProtobufWriter: what
// comes last in a message is written first.
#pragma once

#include "wire/protobuf.h"
#include "wire/tempo.h"
#include "wire/tempo_search.h"

namespace spoor::wire {

constexpr uint32_t kTempoMetricsField = 2;

// SearchMetrics, the second field of every response.
inline void write_search_metrics(ProtobufWriter& out, const TempoSearchMetrics& metrics) {
  enum { kTraces = 1, kBytes, kBlocks, kCompletedJobs, kTotalJobs, kBlockBytes, kSpans };
  size_t end = out.mark();
  out.varint_unless_zero(kSpans, metrics.inspected_spans);
  out.varint_unless_zero(kBlockBytes, metrics.total_block_bytes);
  out.varint_unless_zero(kTotalJobs, metrics.total_jobs);
  out.varint_unless_zero(kCompletedJobs, metrics.completed_jobs);
  out.varint_unless_zero(kBlocks, metrics.total_blocks);
  out.varint_unless_zero(kBytes, metrics.inspected_bytes);
  out.varint_unless_zero(kTraces, metrics.inspected_traces);
  out.message(kTempoMetricsField, end);
}

// The third and the fourth.
inline void write_outcome(ProtobufWriter& out, const TempoTraceOutcome& outcome) {
  enum { kStatus = 3, kMessage = 4 };
  out.bytes_unless_empty(kMessage, outcome.message);
  out.varint_unless_zero(kStatus, static_cast<uint64_t>(outcome.status));
}

}  // namespace spoor::wire
