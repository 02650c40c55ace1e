// What every decoder of spans gives back: the batch as the sender said it, and beside it the
// spans that passed a structural limit, so that admission refuses just these. A decoder fails as
// a whole only for bytes that cannot be read, too many spans, or too much memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/span.h"

namespace spoor::wire {

// Defaults from the table of limits in docs/reliability.md.
struct DecodeLimits {
  uint32_t any_value_depth = 16;  // levels of arrays and key-value lists in one attribute value
  uint32_t spans = 1'000'000;     // more: ResourceExhausted for the request
  uint32_t attributes = 16'384;   // of a span, and of each event, link, resource and scope
  uint32_t events_per_span = 16'384;
  uint32_t links_per_span = 16'384;

  // Deep enough for any_value_depth levels of key-value lists (4 each) in a link's attribute.
  uint32_t json_depth = 80;

  // Memory that the decoded form may take; an empty message of 2 bytes becomes a struct of up to
  // 300. More: ResourceExhausted for the request.
  uint64_t memory_bytes = 512 << 20;
};

enum class DefectReason : uint8_t { ValueDepth, Attributes, Events, Links, IntegerRange };

// A span of the batch that passed a limit itself or through its resource or scope. What is beyond
// the limit is missing from the span; ids and times are there.
struct SpanDefect {
  uint32_t span;  // index into batch.spans
  DefectReason reason;
};

// "span has more than 16384 attributes"
std::string describe(DefectReason reason, const DecodeLimits& limits);

struct DecodedRequest {
  SpanBatch batch;
  std::vector<SpanDefect> defects;  // in order of the span, at most one for each

  // Forgets the content, keeps the memory for the next request.
  void clear() {
    batch.clear();
    defects.clear();
  }
};

}  // namespace spoor::wire
