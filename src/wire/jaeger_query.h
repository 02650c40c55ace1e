// What clients of Jaeger's APIs send as JSON: maps of tags, the filter of /api/v3, and a whole
// request of /api/v3 as the body of a POST.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace spoor::wire {

using JaegerPairs = std::vector<std::pair<std::string, std::string>>;

// {"key":"value",...} in the order of the text. Everything but strings is refused.
Result<JaegerPairs> decode_jaeger_tags(std::string_view json);

// A node of Jaeger's structured filter (its RFC 0005).
struct JaegerFilter {
  enum class Kind { Call, Attribute, Field, Nested, Scalar, List };
  Kind kind = Kind::Call;
  std::string name;                     // operator of Call, key of Attribute, name of Field
  std::string level;                    // of Attribute, Field and Nested; may be empty
  std::string type;                     // of Scalar and List; may be empty
  std::vector<std::string> values;      // one of Scalar, any number of List
  std::vector<JaegerFilter> arguments;  // of Call
};

// {"op":"eq","args":[...]}. A key that the schema does not have is refused.
Result<JaegerFilter> decode_jaeger_filter(std::string_view json);

// {"query":{"serviceName":"shop","searchDepth":20,...}} as the parameters of the same GET:
// ("query.serviceName", "shop"), ("query.searchDepth", "20"). Objects stay JSON.
Result<JaegerPairs> decode_jaeger_v3_request(std::string_view json);

}  // namespace spoor::wire
