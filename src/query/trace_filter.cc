#include "query/trace_filter.h"

#include <vector>

#include "base/assert.h"
#include "query/traceql_evaluate.h"

namespace spoor::query {
namespace {

// Level by level away from the matches: each span is reached once, in a circle, too.
template <typename NextOf>
void keep_around(const SpanIndexes& matches, uint64_t levels, NextOf next_of,
                 std::vector<bool>& kept) {
  std::vector<bool> reached(kept.size());
  SpanIndexes level = matches, next;
  for (SpanIndex span : matches) reached[span] = true;
  for (uint64_t i = 0; i < levels && !level.empty(); ++i) {
    next.clear();
    for (SpanIndex span : level) {
      next_of(span, [&](SpanIndex other) {
        if (reached[other]) return;
        reached[other] = kept[other] = true;
        next.push_back(other);
      });
    }
    level.swap(next);
  }
}

std::vector<SpanIndexes> children_of(TraceqlTrace& trace) {
  std::vector<SpanIndexes> children(trace.size());
  for (SpanIndex i = 0; i < trace.size(); ++i) {
    SpanIndex parent = trace.place(i).parent;
    if (parent != kNoSpan) children[parent].push_back(i);
  }
  return children;
}

}  // namespace

Result<FilteredTrace> filter_trace(const TraceFilter& filter, SpanBatch& batch) {
  TraceqlTrace trace(batch);
  SPOOR_ASSIGN(std::vector<Spanset> spansets, evaluate(filter.plan, trace));
  SPOOR_ASSERT(spansets.size() <= 1);
  const SpanIndexes matches = spansets.empty() ? SpanIndexes() : std::move(spansets[0].spans);
  std::vector<bool> kept(trace.size());
  for (SpanIndex span : matches) kept[span] = true;
  if (filter.levels_of_parents > 0) {
    auto parent_of = [&](SpanIndex span, auto visit) {
      SpanIndex parent = trace.place(span).parent;
      if (parent != kNoSpan) visit(parent);
    };
    keep_around(matches, filter.levels_of_parents, parent_of, kept);
  }
  if (filter.levels_of_children > 0) {
    const std::vector<SpanIndexes> children = children_of(trace);
    auto visit_children = [&](SpanIndex span, auto visit) {
      for (SpanIndex child : children[span]) visit(child);
    };
    keep_around(matches, filter.levels_of_children, visit_children, kept);
  }
  std::vector<bool> stays(batch.spans.size());
  for (SpanIndex i = 0; i < trace.size(); ++i) {
    if (kept[i]) stays[static_cast<size_t>(&trace.span(i) - batch.spans.data())] = true;
  }
  std::vector<Span> left;
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    if (stays[i]) left.push_back(batch.spans[i]);
  }
  batch.spans = std::move(left);
  return FilteredTrace{matches.size(), batch.spans.size()};
}

}  // namespace spoor::query
