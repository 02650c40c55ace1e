// Admission: which spans of a decoded request are kept. The step between decoding and storing.
//
// Judges each span by itself against limits and clock, never by what was stored before, and says
// in ordinals what is refused and in one sentence why. A verdict is logged with the request, so
// that a replay repeats it and does not judge anew.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/out_of_time.h"
#include "model/span.h"

namespace spoor::ingest {

// Why a span is refused. Each has a label in the metric spoor_ingest_refused_spans_total.
enum class Reason : uint8_t {
  TraceId,       // not 16 bytes, or all zero
  SpanId,        // not 8 bytes, or all zero
  ParentSpanId,  // neither empty nor 8 bytes
  Utf8,          // a string that is not UTF-8
  KeyBytes,      // an attribute key larger than the limit
  ValueBytes,    // a string or bytes value larger than the limit
  SpanBytes,     // all strings of the span together
  TooOld,
  TooNew,
  Structure,  // beyond a limit of the decoder: too many attributes, too deep, a too wide integer
};
std::string_view label(Reason reason);

struct AdmissionLimits {
  uint64_t key_bytes = 1 << 10;
  uint64_t value_bytes = 8 << 20;
  uint64_t span_bytes = 16 << 20;
  uint64_t past_nanos = 7 * kNanosPerDay;    // a span may start so long ago: as data is kept
  uint64_t future_nanos = 2 * kNanosPerDay;  // and so far ahead of our clock
};

// A span that the decoder already found to be beyond a limit.
struct Defect {
  uint32_t span = 0;
  std::string description;
};

struct Verdict {
  std::vector<uint32_t> refused;      // ordinals, ascending
  std::map<Reason, uint64_t> counts;  // of the refused
  std::string message;                // for the sender; empty if nothing is refused
  OutOfTimeByService out_of_time;     // those refused as too old or too new
};

// `defects` in order of the span. Reads the batch once; does not change it.
Verdict judge(const SpanBatch& batch, const std::vector<Defect>& defects,
              const AdmissionLimits& limits, UnixNanos now);

}  // namespace spoor::ingest
