// The parameter `tags` of a search: logfmt, lowered to the query that means the same.
//
//   service.name=shop http.url="/a b" error=true
//
// Every tag has to hold for one span. A value is looked for anywhere in the text of the span's
// or its resource's attribute, in either case; one that is a number or true or false is also
// compared with attributes of that type. Some keys are not attributes: name, error,
// status.code, root.name, root.service.name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "traceql/metrics_tree.h"

namespace spoor::api {

constexpr size_t kTempoTagsMax = 64;

// In the order of the text.
using TempoTags = std::vector<std::pair<std::string, std::string>>;

// Of a trace, in nanoseconds; 0: any.
struct TempoDurations {
  int64_t min = 0;
  int64_t max = 0;
};

// InvalidArgument says where the text is not logfmt. A key alone has an empty value.
Result<TempoTags> parse_tempo_tags_text(std::string_view text);

// Passes traceql::check(). Of a key given twice the last counts; an empty value asks that the
// attribute is there. InvalidArgument names the tag.
Result<traceql::Query> tempo_tags_query(const TempoTags& tags, const TempoDurations& durations);

}  // namespace spoor::api
