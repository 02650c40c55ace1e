// The spans of a batch in the nesting that OTLP's messages have: by resource, in it by scope.
#pragma once

#include <cstdint>
#include <vector>

#include "model/span.h"

namespace spoor::wire {

struct ScopeGroup {
  uint32_t scope;               // index into batch.scopes
  std::vector<uint32_t> spans;  // indexes into batch.spans
};

struct ResourceGroup {
  uint32_t resource;  // index into batch.resources
  std::vector<ScopeGroup> scopes;
};

// Resources, the scopes of each, and the spans of each scope in order of first appearance.
std::vector<ResourceGroup> group_spans(const SpanBatch& batch);

}  // namespace spoor::wire
