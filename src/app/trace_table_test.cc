#include "app/trace_table.h"

#include <gtest/gtest.h>

namespace spoor::app {
namespace {

TEST(TraceTable, columns_line_up_and_control_characters_are_escaped) {
  wire::ListedTrace trace;
  trace.id = TraceId{{0x0a, 0x0b}};
  trace.root_service = "frontend";
  trace.root_name = "GET /\x1b[31m";
  trace.start = UnixNanos{1'795'000'000'123'456'789};
  trace.end = UnixNanos{trace.start.value + 1'250'000'000};
  trace.span_count = 31;
  trace.error_count = 2;
  wire::ListedTrace other = trace;
  other.root_service = "cart";
  other.end = UnixNanos{1};
  std::vector<wire::ListedTrace> traces = {trace, other};
  EXPECT_EQ(render_trace_table(traces),
            "2026-11-18T11:06:40.123Z     1.25s     31 spans    2 errors  "
            "0a0b0000000000000000000000000000  frontend  GET /\\x1b[31m\n"
            "2026-11-18T11:06:40.123Z       0ns     31 spans    2 errors  "
            "0a0b0000000000000000000000000000  cart      GET /\\x1b[31m\n");
  EXPECT_EQ(render_trace_table({}), "");
}

}  // namespace
}  // namespace spoor::app
