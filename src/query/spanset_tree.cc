#include "query/spanset_tree.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/assert.h"

namespace spoor::query {
namespace {

using traceql::Operator;
using traceql::ScalarExpression;
using traceql::SpansetExpression;
using traceql::SpansetOperator;

// "count() > 3" with its sides in this order.
std::optional<SpansetStep> count_step(const traceql::ScalarFilter& filter) {
  const ScalarExpression& left = filter.left;
  const auto* number = std::get_if<int64_t>(&filter.right.literal);
  bool is_count = left.kind == ScalarExpression::Kind::Aggregate &&
                  left.function == traceql::AggregateFunction::Count &&
                  filter.right.kind == ScalarExpression::Kind::Constant && number != nullptr;
  if (!is_count) return std::nullopt;
  SpansetStep step;
  step.kind = SpansetStep::Kind::Count;
  step.op = filter.op;
  step.count = *number;
  return step;
}

// Of "max(duration) > 1s": what one of the spans then satisfies.
std::optional<traceql::FieldExpression> extreme_condition(const traceql::ScalarFilter& filter) {
  using traceql::AggregateFunction;
  const ScalarExpression& left = filter.left;
  bool is_aggregate = left.kind == ScalarExpression::Kind::Aggregate &&
                      filter.right.kind == ScalarExpression::Kind::Constant &&
                      left.argument.kind == traceql::FieldExpression::Kind::Field;
  if (!is_aggregate) return std::nullopt;
  const bool is_extreme =
      left.function == AggregateFunction::Min || left.function == AggregateFunction::Max;
  // Averages of other fields may be rounded to more than the greatest of them.
  const bool is_average = left.function == AggregateFunction::Avg &&
                          left.argument.field == traceql::Field::of(traceql::Intrinsic::Duration) &&
                          filter.op != Operator::Equal && filter.op != Operator::NotEqual;
  if (!is_extreme && !is_average) return std::nullopt;
  return traceql::FieldExpression::operation(
      filter.op, {left.argument, traceql::FieldExpression::of(filter.right.literal)});
}

// Where the ancestors of a row decide whether a node keeps it: what holds for all rows that it may
// keep, and the filters of which they satisfy one. Filters that look at whole traces are not such.
struct Decisive {
  std::vector<size_t> filters;
  Expression condition;
};

// Whether the operator keeps rows of its last operand by what is above them.
bool looks_up(SpansetOperator op) {
  if (!traceql::is_relation(op)) return false;
  auto [relation, is_negated, is_union] = traceql::relation_of(op);
  return !is_union &&
         (relation == SpansetOperator::Child || relation == SpansetOperator::Descendant);
}

class Deciding {
 public:
  // `conditions` of the filters of the tree.
  Deciding(std::span<const Prepared> filters, std::span<const Expression> conditions)
      : filters_(filters), conditions_(conditions) {}

  std::optional<Decisive> of(const SpansetNode& node) const {
    switch (node.kind) {
      case SpansetNode::Kind::Filter:
        if (filters_[node.rows].trace_needs().any()) return std::nullopt;
        return Decisive{{node.rows}, conditions_[node.rows]};
      case SpansetNode::Kind::Pipeline:
        return of(node.steps);
      case SpansetNode::Kind::Operation:
        break;
    }
    const bool is_last = looks_up(node.op);
    if (!is_last && node.op != SpansetOperator::Or) return std::nullopt;
    Decisive either;
    std::vector<Expression> conditions;
    for (const SpansetNode& operand : node.operands) {
      std::optional<Decisive> one = of(operand);
      if (!one) return std::nullopt;
      if (is_last && &operand == &node.operands.back()) return one;
      either.filters.insert(either.filters.end(), one->filters.begin(), one->filters.end());
      conditions.push_back(std::move(one->condition));
    }
    either.condition = Expression::any_of(std::move(conditions));
    return either;
  }

 private:
  // Rows only get fewer from step to step.
  std::optional<Decisive> of(const std::vector<SpansetStep>& steps) const {
    std::optional<Decisive> last;
    std::vector<Expression> conditions;
    for (const SpansetStep& step : steps) {
      if (step.kind != SpansetStep::Kind::Narrow) return std::nullopt;
      last = of(step.node);
      if (!last) return std::nullopt;
      conditions.push_back(std::move(last->condition));
    }
    if (last) last->condition = Expression::all_of(std::move(conditions));
    return last;
  }

  std::span<const Prepared> filters_;
  std::span<const Expression> conditions_;
};

// A trace has a pair whichever side of it is kept.
void keep_deeper_side(SpansetNode& node) {
  const bool is_pair = node.kind == SpansetNode::Kind::Operation && node.operands.size() == 2 &&
                       traceql::is_relation(node.op);
  if (!is_pair) return;
  traceql::Relation relation = traceql::relation_of(node.op);
  if (relation.is_negated || relation.kind == SpansetOperator::Sibling) return;
  node.op = relation.kind;
  if (looks_up(node.op)) return;
  node.op = traceql::inverse(node.op);
  std::swap(node.operands.front(), node.operands.back());
}

class Building {
 public:
  std::vector<Prepared> filters;
  std::vector<Expression> conditions;  // of each filter

  SpansetNode stages(const std::vector<traceql::Stage>& stages) {
    SpansetNode pipeline;
    pipeline.kind = SpansetNode::Kind::Pipeline;
    bool is_grouped = false;
    for (const traceql::Stage& stage : stages) {
      if (const auto* node = std::get_if<SpansetExpression>(&stage.body)) {
        // Between groups an operator is an error; what finds the trace may still be evaluated.
        bool can_follow = !is_grouped || node->kind == SpansetExpression::Kind::Filter;
        if (can_follow) {
          SpansetStep step;
          step.node = spansets(*node);
          pipeline.fit = std::max(pipeline.fit, step.node.fit);
          pipeline.steps.push_back(std::move(step));
          continue;
        }
      } else if (const auto* filter = std::get_if<traceql::ScalarFilter>(&stage.body)) {
        if (add_count(pipeline, *filter, is_grouped)) continue;
        if (auto condition = extreme_condition(*filter)) {
          SpansetStep step;
          step.kind = SpansetStep::Kind::Any;
          step.node = this->filter(*condition);
          pipeline.steps.push_back(std::move(step));
        }
      } else {
        if (std::holds_alternative<traceql::GroupBy>(stage.body)) is_grouped = true;
        if (std::holds_alternative<traceql::Coalesce>(stage.body)) is_grouped = false;
        continue;
      }
      pipeline.fit = Fit::Loose;
    }
    bool is_one = pipeline.steps.size() == 1 &&
                  pipeline.steps.front().kind == SpansetStep::Kind::Narrow &&
                  pipeline.fit == pipeline.steps.front().node.fit;
    if (!is_one) return pipeline;
    SpansetNode only = std::move(pipeline.steps.front().node);
    return only;
  }

 private:
  // Whether the columns count exactly what the query counts.
  static bool add_count(SpansetNode& pipeline, const traceql::ScalarFilter& filter,
                        bool is_grouped) {
    std::optional<SpansetStep> step = is_grouped ? std::nullopt : count_step(filter);
    if (!step) return false;
    bool is_exact = pipeline.fit == Fit::Exact;
    // There may be more rows than spans that the query counts.
    bool wants_many = step->op == Operator::Greater || step->op == Operator::GreaterOrEqual;
    if (!is_exact && step->op == Operator::Equal) step->op = Operator::GreaterOrEqual;
    if (is_exact || wants_many || step->op == Operator::GreaterOrEqual) {
      pipeline.steps.push_back(std::move(*step));
    }
    return is_exact;
  }

  SpansetNode spansets(const SpansetExpression& expression) {
    switch (expression.kind) {
      case SpansetExpression::Kind::Filter:
        return filter(expression.condition);
      case SpansetExpression::Kind::Pipeline:
        return stages(expression.stages);
      case SpansetExpression::Kind::Operation:
        break;
    }
    SpansetNode node;
    node.kind = SpansetNode::Kind::Operation;
    node.op = expression.op;
    for (const SpansetExpression& operand : expression.operands) {
      node.operands.push_back(spansets(operand));
      node.fit = std::max(node.fit, node.operands.back().fit);
    }
    if (!traceql::is_negated_relation(node.op)) return node;
    if (node.operands.front().fit == Fit::Exact) return node;
    // A left side of too many rows would take too many away.
    SpansetNode right = std::move(node.operands.back());
    right.fit = Fit::Loose;
    return right;
  }

  SpansetNode filter(const traceql::FieldExpression& condition) {
    LoweredCondition lowered = lower_condition(condition, Purpose::WithTraces);
    SpansetNode node;
    bool can_run = check(lowered.expression).ok();
    node.fit = can_run ? lowered.fit : Fit::Loose;
    node.rows = add(can_run ? lowered.expression : Expression::always());
    return node;
  }

  size_t add(const Expression& expression) {
    Result<Prepared> prepared = prepare(expression);
    SPOOR_ASSERT(prepared.ok());  // check() let the regular expressions and the size pass
    filters.push_back(std::move(*prepared));
    conditions.push_back(expression);
    return filters.size() - 1;
  }
};

enum class Keeps : uint8_t { Found, SameTraces };

std::optional<SpansetTree> make_tree(const std::vector<traceql::Stage>& stages, Keeps keeps) {
  Building building;
  SpansetTree tree;
  tree.root = building.stages(stages);
  bool is_one_filter = tree.root.kind == SpansetNode::Kind::Filter &&
                       !building.filters[tree.root.rows].trace_needs().any();
  bool is_nothing = tree.root.kind == SpansetNode::Kind::Pipeline && tree.root.steps.empty();
  if (is_one_filter || is_nothing) return std::nullopt;
  if (keeps == Keeps::SameTraces) keep_deeper_side(tree.root);
  tree.filters = std::move(building.filters);
  Result<Prepared> of_traces = prepare(lower_traces(stages));
  SPOOR_ASSERT(of_traces.ok());  // as of filters
  tree.of_traces = std::move(*of_traces);
  if (auto decisive = Deciding(tree.filters, building.conditions).of(tree.root)) {
    tree.decisive = std::move(decisive->filters);
    tree.decisive_condition = std::move(decisive->condition);
  }
  return tree;
}

}  // namespace

TraceNeeds SpansetTree::trace_needs() const {
  TraceNeeds needs;
  for (const Prepared& filter : filters) needs |= filter.trace_needs();
  return needs;
}

std::optional<SpansetTree> SpansetTree::make(const std::vector<traceql::Stage>& stages) {
  return make_tree(stages, Keeps::Found);
}

std::optional<SpansetTree> SpansetTree::make_for_traces(const std::vector<traceql::Stage>& stages) {
  return make_tree(stages, Keeps::SameTraces);
}

TraceCandidates TraceCandidates::of(const traceql::Query& query) {
  LoweredQuery lowered = lower(query);
  TraceCandidates candidates{std::move(lowered.necessary),
                             SpansetTree::make_for_traces(query.stages), lowered.fit};
  if (!candidates.spansets) return candidates;
  const SpansetTree& tree = *candidates.spansets;
  candidates.fit = std::min(candidates.fit, tree.root.fit);
  if (!tree.decisive.empty()) candidates.condition = tree.decisive_condition;
  return candidates;
}

}  // namespace spoor::query
