// What both generations of Jaeger's HTTP API ask for, and the conditions that their tags become.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "net/http.h"
#include "query/search.h"

namespace spoor::api {

// Traces of one answer; a search with whole traces for more would not end.
constexpr size_t kJaegerTracesDefault = 100;
constexpr size_t kJaegerTracesMax = 100'000;

struct JaegerSearch {
  query::SearchRequest request;
  std::vector<TraceId> trace_ids;  // legacy: these traces instead of a search
  bool is_raw = false;             // no adjusters
};

struct JaegerTraceRequest {
  TraceId id;
  bool is_raw = false;
};

struct JaegerDependencyRequest {
  UnixNanos from;
  UnixNanos to;
  std::string service;  // only edges from or to it; empty: all
};

// The parameter's first value if it has one that is not empty.
std::string_view text_parameter(const net::QueryParams& params, std::string_view name);

// As parse_trace_id, with Jaeger's texts.
Result<TraceId> parse_jaeger_trace_id(std::string_view text);

// The extensions `count` and `cursor`. `malformed` puts the parameter's name to an error.
using Malformed = Status (*)(std::string_view name, const Status& status);
Status apply_extensions(const net::QueryParams& params, Malformed malformed,
                        query::SearchRequest& request);

// What is common to both: which service, operation and durations (nanoseconds; 0: any).
struct JaegerBasics {
  std::string_view service;
  std::string_view operation;
  int64_t duration_min = 0;
  int64_t duration_max = 0;
};
void append_conditions(const JaegerBasics& basics, std::vector<query::Expression>& conditions);

// One condition for each tag; of a key given twice the last counts, as in Jaeger's maps. The key
// may end with an operator: `key!` not equal, `key~` matches, `key!~` does not match, `key>` at
// least, `key<` at most. InvalidArgument names the tag.
class JaegerTags {
 public:
  void set(std::string key, std::string value);
  Status append_conditions(std::vector<query::Expression>& conditions) const;

 private:
  std::vector<std::pair<std::string, std::string>> tags_;
};

// The names that tags and filters use for OTLP's numbers; empty if there is none of that name.
std::optional<int64_t> span_kind_number(std::string_view name);    // "server"
std::optional<int64_t> span_status_number(std::string_view name);  // "error"

// The conjunction; always true if there are none.
query::Expression conjunction(std::vector<query::Expression> conditions);

}  // namespace spoor::api
