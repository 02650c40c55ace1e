#include "query/traceql_relations.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace spoor::query {
namespace {

using traceql::SpansetOperator;
using Flags = std::vector<uint32_t>;  // by span; a count where it says so

Flags flags_of(TraceqlTrace& trace, const SpanIndexes& set) {
  Flags flags(trace.size());
  for (SpanIndex i : set) flags[i] = 1;
  return flags;
}

// Spans with a parent in the set.
Flags children_of(TraceqlTrace& trace, const Flags& set) {
  Flags related(trace.size());
  for (SpanIndex i : trace.depth_first()) {
    SpanIndex parent = trace.parent(i);
    related[i] = parent != kNoSpan && set[parent];
  }
  return related;
}

Flags descendants_of(TraceqlTrace& trace, const Flags& set) {
  Flags related(trace.size());
  for (SpanIndex i : trace.depth_first()) {
    SpanIndex parent = trace.parent(i);
    related[i] = parent != kNoSpan && (set[parent] || related[parent]);
  }
  return related;
}

Flags parents_of(TraceqlTrace& trace, const Flags& set) {
  Flags related(trace.size());
  for (SpanIndex i : trace.depth_first()) {
    SpanIndex parent = trace.parent(i);
    if (parent != kNoSpan && set[i]) related[parent] = 1;
  }
  return related;
}

Flags ancestors_of(TraceqlTrace& trace, const Flags& set) {
  Flags related(trace.size());
  const std::vector<SpanIndex>& order = trace.depth_first();
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    SpanIndex parent = trace.parent(*i);
    if (parent != kNoSpan && (set[*i] || related[*i])) related[parent] = 1;
  }
  return related;
}

Flags siblings_of(TraceqlTrace& trace, const Flags& set) {
  Flags counts(trace.size());  // of children in the set
  for (SpanIndex i : trace.depth_first()) {
    SpanIndex parent = trace.parent(i);
    if (parent != kNoSpan) counts[parent] += set[i];
  }
  Flags related(trace.size());
  for (SpanIndex i : trace.depth_first()) {
    SpanIndex parent = trace.parent(i);
    related[i] = parent != kNoSpan && counts[parent] > set[i];
  }
  return related;
}

// Spans that stand on the right of the relation to one of the set.
Flags related_to(SpansetOperator relation, TraceqlTrace& trace, const SpanIndexes& set) {
  Flags flags = flags_of(trace, set);
  switch (relation) {
    case SpansetOperator::Child:
      return children_of(trace, flags);
    case SpansetOperator::Descendant:
      return descendants_of(trace, flags);
    case SpansetOperator::Parent:
      return parents_of(trace, flags);
    case SpansetOperator::Ancestor:
      return ancestors_of(trace, flags);
    default:
      SPOOR_ASSERT(relation == SpansetOperator::Sibling);
      return siblings_of(trace, flags);
  }
}

SpanIndexes keep(const SpanIndexes& set, const Flags& flags, uint32_t wanted) {
  SpanIndexes kept;
  std::ranges::copy_if(set, std::back_inserter(kept),
                       [&](SpanIndex i) { return flags[i] == wanted; });
  return kept;
}

}  // namespace

SpanIndexes unite(const SpanIndexes& a, const SpanIndexes& b) {
  SpanIndexes all;
  all.reserve(a.size() + b.size());
  std::ranges::set_union(a, b, std::back_inserter(all));
  return all;
}

SpanIndexes relate(SpansetOperator op, TraceqlTrace& trace, const SpanIndexes& left,
                   const SpanIndexes& right) {
  auto [relation, is_negated, is_union] = traceql::relation_of(op);
  if (left.empty() || right.empty()) return is_negated ? right : SpanIndexes();
  SpanIndexes found = keep(right, related_to(relation, trace, left), is_negated ? 0 : 1);
  if (!is_union) return found;
  return unite(found, keep(left, related_to(traceql::inverse(relation), trace, right), 1));
}

}  // namespace spoor::query
