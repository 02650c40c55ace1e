#include "app/trace_table.h"

#include <algorithm>
#include <cstdio>

#include "app/trace_tree.h"
#include "base/time.h"

namespace spoor::app {
namespace {

constexpr size_t kMillisecondsEnd = 23;  // of "2026-11-22T12:34:56.123456789Z"

}  // namespace

std::string render_trace_table(std::span<const wire::ListedTrace> traces) {
  size_t service_columns = 0;
  for (const wire::ListedTrace& trace : traces) {
    service_columns = std::max(service_columns, escape_for_terminal(trace.root_service).size());
  }
  std::string table;
  for (const wire::ListedTrace& trace : traces) {
    uint64_t duration = trace.end < trace.start ? 0 : trace.end.value - trace.start.value;
    char numbers[128];
    std::snprintf(numbers, sizeof numbers, "  %8s  %5llu spans  %3llu errors  ",
                  format_duration(duration).c_str(),
                  static_cast<unsigned long long>(trace.span_count),
                  static_cast<unsigned long long>(trace.error_count));
    std::string service = escape_for_terminal(trace.root_service);
    service.resize(std::max(service_columns, service.size()), ' ');
    table += to_rfc3339(trace.start).substr(0, kMillisecondsEnd) + "Z" + numbers +
             to_hex(trace.id) + "  " + service + "  " + escape_for_terminal(trace.root_name) + "\n";
  }
  return table;
}

}  // namespace spoor::app
