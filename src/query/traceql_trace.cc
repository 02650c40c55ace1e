#include "query/traceql_trace.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/assert.h"

namespace spoor::query {

TraceqlTrace::TraceqlTrace(const SpanBatch& batch) : batch_(batch), order_(batch.spans.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::ranges::stable_sort(order_, {}, [&](uint32_t i) {
    const Span& one = batch_.spans[i];
    return std::tuple(one.start, one.span_id, one.end, one.name);
  });
  if (order_.empty()) return;
  UnixNanos end = span(0).end;
  for (SpanIndex i = 0; i < size(); ++i) {
    end = std::max(end, span(i).end);
    if (!root_ && !span(i).has_parent()) root_ = i;
  }
  if (end > span(0).start) duration_ = end.value - span(0).start.value;
}

void TraceqlTrace::find_parents(std::vector<Place>& places) const {
  // The first of equal ids comes first.
  std::vector<std::pair<std::string_view, SpanIndex>> ids;
  ids.reserve(size());
  for (SpanIndex i = 0; i < size(); ++i) ids.emplace_back(span(i).span_id, i);
  std::ranges::sort(ids);
  for (SpanIndex i = 0; i < size(); ++i) {
    if (!span(i).has_parent()) continue;
    auto found = std::ranges::lower_bound(ids, span(i).parent_span_id, {},
                                          &decltype(ids)::value_type::first);
    if (found == ids.end() || found->first != span(i).parent_span_id || found->second == i) {
      continue;
    }
    places[i].parent = found->second;
    ++places[found->second].children;
  }
}

const TraceqlTrace::Tree& TraceqlTrace::tree() {
  if (tree_) return *tree_;
  tree_.emplace();
  std::vector<Place>& places = tree_->places;
  places.resize(size());
  find_parents(places);
  // Children of a span in their order, as a list from the first to the next.
  std::vector<SpanIndex> first_child(size(), kNoSpan), next_sibling(size(), kNoSpan);
  for (SpanIndex i = static_cast<SpanIndex>(size()); i-- > 0;) {
    SpanIndex parent = places[i].parent;
    if (parent != kNoSpan) next_sibling[i] = std::exchange(first_child[parent], i);
  }
  uint32_t number = 0;
  for (SpanIndex root = 0; root < size(); ++root) {
    if (span(root).has_parent()) continue;
    SPOOR_ASSERT(places[root].left == 0);
    for (SpanIndex at = root; at != kNoSpan;) {
      if (places[at].left == 0) {
        places[at].left = ++number;
        tree_->depth_first.push_back(at);
        if (first_child[at] != kNoSpan) {
          at = first_child[at];
          continue;
        }
      }
      places[at].right = ++number;
      bool has_next = at != root && next_sibling[at] != kNoSpan;
      at = has_next ? next_sibling[at] : at == root ? kNoSpan : places[at].parent;
    }
  }
  return *tree_;
}

}  // namespace spoor::query
