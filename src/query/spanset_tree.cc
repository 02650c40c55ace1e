#include "query/spanset_tree.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "query/traceql_lower.h"

namespace spoor::query {
namespace {

using traceql::Operator;
using traceql::ScalarExpression;
using traceql::SpansetExpression;
using traceql::SpansetOperator;

bool is_true(const Expression& expression) {
  return expression.kind == Expression::Kind::True ||
         (expression.kind == Expression::Kind::And &&
          std::ranges::all_of(expression.operands, is_true));
}

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

class Building {
 public:
  std::vector<Prepared> filters;

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
          pipeline.is_exact = pipeline.is_exact && step.node.is_exact;
          pipeline.steps.push_back(std::move(step));
          continue;
        }
      } else if (const auto* filter = std::get_if<traceql::ScalarFilter>(&stage.body)) {
        if (add_count(pipeline, *filter, is_grouped)) continue;
      } else {
        if (std::holds_alternative<traceql::GroupBy>(stage.body)) is_grouped = true;
        if (std::holds_alternative<traceql::Coalesce>(stage.body)) is_grouped = false;
        continue;
      }
      pipeline.is_exact = false;
    }
    bool is_one = pipeline.steps.size() == 1 &&
                  pipeline.steps.front().kind == SpansetStep::Kind::Narrow &&
                  pipeline.is_exact == pipeline.steps.front().node.is_exact;
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
    bool is_exact = pipeline.is_exact;
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
      node.is_exact = node.is_exact && node.operands.back().is_exact;
    }
    if (!traceql::is_negated_relation(node.op) || node.operands.front().is_exact) return node;
    // A left side of too many rows would take too many away.
    SpansetNode right = std::move(node.operands.back());
    right.is_exact = false;
    return right;
  }

  SpansetNode filter(const traceql::FieldExpression& condition) {
    LoweredCondition lowered = lower_condition(condition);
    SpansetNode node;
    node.is_exact = lowered.is_exact;
    node.rows = add(lowered.necessary);
    if (!is_true(lowered.of_root)) node.root = add(lowered.of_root);
    return node;
  }

  size_t add(const Expression& expression) {
    Result<Prepared> prepared = prepare(expression);
    SPOOR_ASSERT(prepared.ok());  // check() let the regular expressions and the size pass
    filters.push_back(std::move(*prepared));
    return filters.size() - 1;
  }
};

}  // namespace

std::optional<SpansetTree> SpansetTree::make(const std::vector<traceql::Stage>& stages) {
  Building building;
  SpansetTree tree;
  tree.root = building.stages(stages);
  bool is_one_filter = tree.root.kind == SpansetNode::Kind::Filter && !tree.root.root;
  bool is_nothing = tree.root.kind == SpansetNode::Kind::Pipeline && tree.root.steps.empty();
  if (is_one_filter || is_nothing) return std::nullopt;
  tree.filters = std::move(building.filters);
  return tree;
}

}  // namespace spoor::query
