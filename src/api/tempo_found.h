// What a TraceQL search found, as the encoders of Tempo's answers take it: attributes under the
// names and values under the types that Tempo shows.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "query/traceql_search.h"
#include "wire/tempo_search.h"

namespace spoor::api {

// Views of one result, which outlives them.
class TempoFound {
 public:
  explicit TempoFound(const query::TraceqlResult& found);
  std::span<const wire::TempoTrace> traces() const { return traces_; }

 private:
  wire::TempoTrace trace(const query::TraceqlMatch& match);
  wire::TempoSpanset spanset(const query::TraceqlSpanset& found);
  wire::TempoSpan span(const query::TraceqlSpan& found);
  template <typename T>
  std::span<T> allocate(size_t count) {
    return {arena_.allocate<T>(count), count};
  }

  Arena arena_;
  std::vector<std::string_view> keys_;  // by field of the result
  std::vector<wire::TempoTrace> traces_;
};

}  // namespace spoor::api
