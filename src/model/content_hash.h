// A hash of everything a span says, so that equal spans can be found among many of one id
// without comparing each with each. Equal spans (operator== in span.h) have equal hashes.
#pragma once

#include <cstdint>

#include "model/span.h"

namespace spoor {

// Resource and scope indexes are left out, as in the comparison.
uint64_t content_hash(const Span& span);

}  // namespace spoor
