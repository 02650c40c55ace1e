// The adjuster that moves spans of one host so that they lie within their parents of another.
//
// A child from another host, or one whose host is unknown, that does not fit into its parent is
// centred in it; one that is longer than its parent is only kept from starting before it. What
// lies below it on the same host moves with it, events too. Hosts are known by the resource's
// host.id, else the first host.ip, else host.name.
#pragma once

#include "wire/jaeger_warnings.h"

namespace spoor::wire {

// A shift beyond `nanos_max` is told, not made; with 0 none is made.
void correct_clock_skew(SpanBatch& batch, int64_t nanos_max, SpanWarnings& warnings);

}  // namespace spoor::wire
