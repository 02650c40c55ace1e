// What `spoor search` asks a server for: tags through Jaeger's API, a TraceQL query through
// Tempo's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "wire/jaeger_summaries.h"

namespace spoor::app {

struct SearchQuestion {
  std::string query;  // TraceQL; empty: tags
  std::string target;
  std::string list_type;  // of the answer that decode() reads; JSON is what both can answer
  Result<std::vector<wire::ListedTrace>> (*decode)(std::string_view body) = nullptr;
};

// The first argument begins with { or ( where it is a query. InvalidArgument says how it is used.
Result<SearchQuestion> search_question(const CommandLine& line);

// The line of the query that an error names ("... 1:8: unexpected ...") and a caret below its
// place; empty where it names none.
std::string place_in_query(std::string_view query, std::string_view message);

}  // namespace spoor::app
