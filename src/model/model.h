// The facade of model: the only currency on the road of a span.
//
//   ids.h    TraceId, SpanId, TenantId
//   value.h  Value, KeyValue, Attributes
//   span.h   Resource, Scope, Span, Event, Link, SpanBatch
//   sampling_weight.h  how many spans a sampled one stands for
//   content_hash.h  finding equal spans among many
#pragma once

#include "model/ids.h"
#include "model/span.h"
#include "model/value.h"
