// Traces as a table in the terminal, newest first:
//
//   2026-11-22T12:34:56.123Z     1.25s  31 spans  2 errors  0af7651916cd43dd8448eb211c80319c
//   frontend  GET /checkout
//
// Times of the day line up, and what senders wrote is escaped.
#pragma once

#include <span>
#include <string>

#include "wire/jaeger_summaries.h"

namespace spoor::app {

std::string render_trace_table(std::span<const wire::ListedTrace> traces);

}  // namespace spoor::app
