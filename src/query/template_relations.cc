#include "query/template_relations.h"

#include <algorithm>

#include "base/assert.h"

namespace spoor::query {

using store::TemplateEdge;
using traceql::SpansetOperator;

namespace {

void unite(TemplateSet& set, const TemplateSet& other) {
  for (size_t i = 0; i < set.size(); ++i) set[i] |= other[i];
}

void intersect(TemplateSet& set, const TemplateSet& other) {
  for (size_t i = 0; i < set.size(); ++i) set[i] &= other[i];
}

// What one step leads to, and what a step leads to from there.
template <typename Step>
TemplateSet closure(const TemplateSet& set, const Step& step) {
  TemplateSet reached = step(set);
  for (TemplateSet front = reached; !is_empty(front);) {
    TemplateSet next = step(front);
    for (size_t i = 0; i < next.size(); ++i) next[i] &= reached[i] ^ 1;
    unite(reached, next);
    front = std::move(next);
  }
  return reached;
}

}  // namespace

bool is_empty(const TemplateSet& set) {
  return std::ranges::find(set, 1) == set.end();
}

TemplateSet TemplateRelations::kept(const SpansetNode& node) const {
  switch (node.kind) {
    case SpansetNode::Kind::Filter:
      return filters_[node.rows];
    case SpansetNode::Kind::Operation:
      return of_operation(node);
    case SpansetNode::Kind::Pipeline:
      break;
  }
  TemplateSet left(templates_, 1);
  for (const SpansetStep& step : node.steps) {
    if (step.kind == SpansetStep::Kind::Narrow) intersect(left, kept(step.node));
    if (step.kind != SpansetStep::Kind::Any) continue;
    TemplateSet some = left;
    intersect(some, kept(step.node));
    if (is_empty(some)) return some;
  }
  return left;
}

TemplateSet TemplateRelations::of_operation(const SpansetNode& node) const {
  TemplateSet rows = kept(node.operands.front());
  for (size_t i = 1; i < node.operands.size(); ++i) {
    TemplateSet more = kept(node.operands[i]);
    if (node.op == SpansetOperator::Or) {
      unite(rows, more);
    } else if (node.op == SpansetOperator::And) {
      bool has_both = !is_empty(rows) && !is_empty(more);
      unite(rows, more);
      if (!has_both) rows.assign(rows.size(), 0);
    } else {
      rows = relate(node.op, rows, more);
    }
  }
  return rows;
}

TemplateSet TemplateRelations::relate(SpansetOperator op, const TemplateSet& left,
                                      const TemplateSet& right) const {
  auto [relation, is_negated, is_union] = traceql::relation_of(op);
  if (is_negated) return right;
  TemplateSet found = related_to(relation, left);
  intersect(found, right);
  if (!is_union) return found;
  TemplateSet others = related_to(traceql::inverse(relation), right);
  intersect(others, left);
  unite(found, others);
  return found;
}

TemplateSet TemplateRelations::related_to(SpansetOperator relation, const TemplateSet& set) const {
  if (!edges_) return TemplateSet(set.size(), is_empty(set) ? 0 : 1);
  switch (relation) {
    case SpansetOperator::Child:
      return children_of(set);
    case SpansetOperator::Descendant:
      return closure(set, [this](const TemplateSet& from) { return children_of(from); });
    case SpansetOperator::Parent:
      return parents_of(set);
    case SpansetOperator::Ancestor:
      return closure(set, [this](const TemplateSet& from) { return parents_of(from); });
    default:
      SPOOR_ASSERT(relation == SpansetOperator::Sibling);
      return children_of(parents_of(set));
  }
}

TemplateSet TemplateRelations::children_of(const TemplateSet& set) const {
  TemplateSet found(set.size());
  for (const TemplateEdge& edge : *edges_) found[edge.child] |= set[edge.parent];
  return found;
}

TemplateSet TemplateRelations::parents_of(const TemplateSet& set) const {
  TemplateSet found(set.size());
  for (const TemplateEdge& edge : *edges_) found[edge.parent] |= set[edge.child];
  return found;
}

}  // namespace spoor::query
