// A trace as a tree in the terminal:
//
//   trace 0af7651916cd43dd8448eb211c80319c
//   2026-11-22T12:34:56.123456789Z  duration 1.25s  services 3  spans 4  errors 1
//
//   frontend  GET /checkout                   1.25s  ====================
//   |- cart  GetCart                         12.0ms  =
//   `- payment  Charge                        800ms       =============
//      ! card declined
//
// (with box-drawing characters in place of the ASCII above). A parent that is not in the batch
// stands as a line of its own; spans whose parents form a ring are shown from the earliest.
// Works without recursion, in time and output linear in the spans, whatever their shape: below
// a depth that half the width can draw, the depth is a number. What senders wrote is escaped:
// no control byte and no change of writing direction reaches the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "model/span.h"

namespace spoor::app {

struct TraceTreeOptions {
  enum class Colour { Off, On };

  Colour colour = Colour::Off;
  size_t columns = 100;  // taken as at least 40 and at most 400
};

// The spans are those of one trace, in any order.
std::string render_trace_tree(const SpanBatch& batch, const TraceTreeOptions& options);

// Text from a sender as a terminal may show it: control characters, bytes that are not UTF-8 and
// marks that turn the writing direction come out as \n, \x1b, \u202e.
std::string escape_for_terminal(std::string_view text);

}  // namespace spoor::app
