// A TraceQL query as far as columns can follow it: its filters as conditions on single rows, and
// the operators between the sets of rows for which they hold. What columns cannot tell is left
// out, so that every trace that matches is found and few others are. Made once for a query, then
// immutable and thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "query/expression.h"
#include "query/prepared.h"
#include "query/traceql_lower.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

struct SpansetStep;

struct SpansetNode {
  enum class Kind : uint8_t { Filter, Operation, Pipeline };
  Kind kind = Kind::Filter;
  // How far its rows are those of the query, not more of them.
  Fit fit = Fit::Exact;
  size_t rows = 0;  // of a filter: its index in SpansetTree::filters
  traceql::SpansetOperator op = traceql::SpansetOperator::And;  // of an operation
  std::vector<SpansetNode> operands;                            // of an operation: two or more
  std::vector<SpansetStep> steps;                               // of a pipeline, in order
};

// What a pipeline does with its rows: narrows them, keeps the traces that have a number of them, or
// those of which one of them satisfies a filter.
struct SpansetStep {
  enum class Kind : uint8_t { Narrow, Count, Any };
  Kind kind = Kind::Narrow;
  SpansetNode node;                                   // of Narrow; of Any, a filter
  traceql::Operator op = traceql::Operator::Greater;  // of Count: a comparison
  int64_t count = 0;
};

struct SpansetTree {
  std::vector<Prepared> filters;
  SpansetNode root;
  // Where the ancestors of a row decide whether the tree keeps it: the filters of which it
  // satisfies one. No other fragment of a trace then says more of a row whose tree has its root.
  // Else empty.
  std::vector<size_t> decisive;
  Expression decisive_condition;   // what holds for it
  TraceNeeds trace_needs() const;  // of all filters
  Prepared of_traces;              // what every trace satisfies that matches

  // Of the stages of a search, or of those before a metrics function. Nothing where the tree would
  // say no more than the condition of one filter on single spans. REQUIRES: traceql::check() let
  // the query pass.
  static std::optional<SpansetTree> make(const std::vector<traceql::Stage>& stages);
  // The same for who asks for traces: keeps rows of the same traces, but where it can of their
  // deeper side, which ancestors decide.
  static std::optional<SpansetTree> make_for_traces(const std::vector<traceql::Stage>& stages);
};

// How columns find the traces of a search: by rows for which a condition holds, of traces in which
// the tree keeps rows.
struct TraceCandidates {
  Expression condition;  // of every trace that matches a span satisfies it
  std::optional<SpansetTree> spansets;
  Fit fit = Fit::Loose;  // whether they find others

  static TraceCandidates of(const traceql::Query& query);
};

}  // namespace spoor::query
