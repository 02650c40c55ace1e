// Spans equal in every field are one span, wherever they were found.
#pragma once

#include "model/span.h"

namespace spoor::store {

// Whether two spans of the batch have the same id: only then may one repeat another. REQUIRES, as
// below: ids of eight bytes, as all that passed admission have them.
bool has_repeated_ids(const SpanBatch& batch);

// Takes those out that equal one before them, resource and scope included.
void drop_repeated_spans(SpanBatch& batch);

}  // namespace spoor::store
