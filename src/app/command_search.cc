#include <cstdio>

#include "app/command.h"
#include "app/remote_server.h"
#include "app/search_request.h"
#include "app/trace_table.h"

namespace spoor::app {
namespace {

int print_trees(RemoteServer& server, const std::vector<wire::ListedTrace>& traces) {
  for (const wire::ListedTrace& trace : traces) {
    Result<SpanBatch> spans = server.get_trace(trace.id);
    if (!spans.ok()) return fail(spans.status().message());
    print_trace_tree(*spans);
    std::fputc('\n', stdout);
  }
  return 0;
}

}  // namespace

int command_search(const CommandLine& line) {
  Result<SearchQuestion> question = search_question(line);
  if (!question.ok()) return fail(question.status().message(), 2);
  Result<RemoteServer> server = RemoteServer::find(line);
  if (!server.ok()) return fail(server.status().message(), 2);
  const std::string& output = line.options.text("search.output");
  Result<std::string> body =
      server->get(question->target, output == "json" ? "application/json" : question->list_type);
  if (!body.ok()) {
    int code = fail(body.status().message());
    std::fputs(place_in_query(question->query, body.status().message()).c_str(), stderr);
    return code;
  }
  if (output == "json") {
    std::printf("%s\n", body->c_str());
    return 0;
  }
  auto traces = question->decode(*body);
  if (!traces.ok()) return fail("the answer cannot be read: " + traces.status().message());
  if (output == "tree") return print_trees(*server, *traces);
  std::string table = render_trace_table(*traces);
  std::fwrite(table.data(), 1, table.size(), stdout);
  if (traces->empty())
    std::fputs("no trace matches; a longer --since looks further back\n", stderr);
  return 0;
}

}  // namespace spoor::app
