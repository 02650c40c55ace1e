// Spans equal in every field are one span, wherever they were found.
#pragma once

#include "model/span.h"

namespace spoor::store {

// Takes those out that equal one before them, resource and scope included.
void drop_repeated_spans(SpanBatch& batch);

}  // namespace spoor::store
