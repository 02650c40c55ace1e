// What Jaeger does to a trace before it shows it, unless the client asks for the raw spans. In
// this order:
//
//   1. server spans that share their client's id (Zipkin) get an id of their own
//   2. attributes in order of their keys, events in order of their names
//   3. equal spans once
//   4. clock skew between hosts: shifted, or only told
//   5. numeric `ip` and `peer.ipv4` as dotted text
//   6. telemetry.sdk.* and telemetry.distro.* from spans to their resource
//   7. links without a trace id removed
//
// What they find is told as warnings in the span attribute kJaegerWarningsKey.
#pragma once

#include <cstdint>
#include <string>

#include "model/span.h"

namespace spoor::wire {

struct AdjustOptions {
  // The largest shift of a span's times; 0: none is shifted.
  int64_t clock_skew_nanos_max = 0;
};

// Adjusts the spans of one trace in place; new lists and texts go to the batch's arena.
void adjust_trace(SpanBatch& batch, const AdjustOptions& options = {});

// Puts the spans into an order that does not depend on where they lie: by start, the longer ones
// first, then by id.
void order_spans(SpanBatch& batch);

// As Go prints a time.Duration: "-100ms", "1.5s", "1h0m0s".
std::string go_duration(int64_t nanos);

}  // namespace spoor::wire
