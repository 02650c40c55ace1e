// A SpanBatch to OTLP JSON: hex ids, enums as numbers, 64-bit integers as decimal strings, zero
// values left out, grouped as in otlp_encode.h.
#pragma once

#include <string>

#include "model/span.h"

namespace spoor::wire {

// {"resourceSpans":[...]}; the array is there also when it is empty.
std::string encode_otlp_json(const SpanBatch& batch);

}  // namespace spoor::wire
