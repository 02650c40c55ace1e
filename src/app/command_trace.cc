#include "app/command.h"
#include "app/remote_server.h"

namespace spoor::app {

int command_trace(const CommandLine& line) {
  if (line.options.positional().size() != 1) return fail("usage: spoor trace ID", 2);
  Result<TraceId> id = parse_trace_id(line.options.positional()[0]);
  if (!id.ok()) return fail(id.status().message(), 2);
  Result<RemoteServer> server = RemoteServer::find(line);
  if (!server.ok()) return fail(server.status().message(), 2);
  Result<SpanBatch> trace = server->get_trace(*id);
  if (!trace.ok()) return fail(trace.status().message());
  print_trace_tree(*trace);
  return 0;
}

}  // namespace spoor::app
