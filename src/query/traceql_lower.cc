#include "query/traceql_lower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace spoor::query {

using traceql::SpansetExpression;
using traceql::SpansetOperator;

namespace {

// How much a condition is likely to leave out.
int weight_of(const Expression& node) {
  int weight = 0;
  const bool is_of_parents =
      node.kind == Expression::Kind::Compare && node.field == Field::of(Intrinsic::NamesParent);
  if (is_of_parents) return 1;  // every trace has such spans
  switch (node.kind) {
    case Expression::Kind::True:
    case Expression::Kind::Not:
      return 0;
    case Expression::Kind::And:
      for (const Expression& operand : node.operands) weight += weight_of(operand);
      return std::min(weight, 1 << 20);
    case Expression::Kind::Or:
      weight = 1 << 20;  // of what never holds
      for (const Expression& operand : node.operands) {
        weight = std::min(weight, weight_of(operand));
      }
      return weight;
    case Expression::Kind::Compare:
      break;
  }
  switch (node.comparison) {
    case Comparison::Equal:
      return 4;
    case Comparison::Matches:
      return 3;
    case Comparison::NotEqual:
    case Comparison::DoesNotMatch:
    case Comparison::Exists:
    case Comparison::Missing:
      return 1;
    default:
      return 2;
  }
}

// The second where both ask for as much.
Expression stronger(Expression a, Expression b) {
  return weight_of(a) > weight_of(b) ? std::move(a) : std::move(b);
}

Expression lower_stages(const std::vector<traceql::Stage>& stages);

Expression lower_spansets(const SpansetExpression& node) {
  if (node.kind == SpansetExpression::Kind::Pipeline) return lower_stages(node.stages);
  if (node.kind == SpansetExpression::Kind::Filter) {
    return lower_condition(node.condition, Purpose::Necessary).expression;
  }
  if (traceql::is_negated_relation(node.op)) return lower_spansets(node.operands.back());
  std::vector<Expression> operands;
  for (const SpansetExpression& operand : node.operands) {
    operands.push_back(lower_spansets(operand));
  }
  if (node.op == SpansetOperator::Or) return Expression::any_of(std::move(operands));
  Expression best = std::move(operands.front());
  for (size_t i = 1; i < operands.size(); ++i) {
    best = stronger(std::move(best), std::move(operands[i]));
  }
  return best;
}

// Spans only get fewer from stage to stage, so those that are left satisfy all plain filters.
Expression lower_stages(const std::vector<traceql::Stage>& stages) {
  std::vector<Expression> filters;
  Expression best = Expression::always();
  for (const traceql::Stage& stage : stages) {
    const auto* node = std::get_if<SpansetExpression>(&stage.body);
    if (node == nullptr) continue;
    if (node->kind == SpansetExpression::Kind::Filter) {
      filters.push_back(lower_condition(node->condition, Purpose::Necessary).expression);
    }
    best = stronger(std::move(best), lower_spansets(*node));
  }
  if (filters.size() < 2) return best;
  return stronger(std::move(best), Expression::all_of(std::move(filters)));
}

// What holds for the spans that are found.
class FoundSpans {
 public:
  explicit FoundSpans(Purpose purpose) : purpose_(purpose) {}

  Expression lower(const std::vector<traceql::Stage>& stages) {
    std::vector<Expression> conditions;
    for (const traceql::Stage& stage : stages) {
      if (std::holds_alternative<traceql::ScalarFilter>(stage.body)) fit = Fit::Loose;
      const auto* node = std::get_if<SpansetExpression>(&stage.body);
      if (node != nullptr) conditions.push_back(lower(*node));
    }
    if (conditions.size() == 1) return std::move(conditions.front());
    return Expression::all_of(std::move(conditions));
  }

  Fit fit = Fit::Exact;

 private:
  Expression lower(const SpansetExpression& node) {
    if (node.kind == SpansetExpression::Kind::Pipeline) return lower(node.stages);
    if (node.kind == SpansetExpression::Kind::Filter) {
      LoweredCondition lowered = lower_condition(node.condition, purpose_);
      fit = std::max(fit, lowered.fit);
      return std::move(lowered.expression);
    }
    if (node.op != SpansetOperator::Or) fit = Fit::Loose;
    // A relation finds spans of its right side, a union those of both.
    bool finds_one_side = traceql::is_relation(node.op) && !traceql::relation_of(node.op).is_union;
    if (finds_one_side) return lower(node.operands.back());
    std::vector<Expression> operands;
    for (const SpansetExpression& operand : node.operands) operands.push_back(lower(operand));
    return Expression::any_of(std::move(operands));
  }

  const Purpose purpose_;
};

Expression traces_of(const SpansetExpression& node) {
  switch (node.kind) {
    case SpansetExpression::Kind::Pipeline:
      return lower_traces(node.stages);
    case SpansetExpression::Kind::Filter:
      return lower_condition(node.condition, Purpose::TracesAlone).expression;
    case SpansetExpression::Kind::Operation:
      break;
  }
  if (traceql::is_negated_relation(node.op)) return traces_of(node.operands.back());
  std::vector<Expression> operands;
  for (const SpansetExpression& operand : node.operands) operands.push_back(traces_of(operand));
  return node.op == SpansetOperator::Or ? Expression::any_of(std::move(operands))
                                        : Expression::all_of(std::move(operands));
}

}  // namespace

Expression lower_traces(const std::vector<traceql::Stage>& stages) {
  std::vector<Expression> conditions;
  for (const traceql::Stage& stage : stages) {
    const auto* node = std::get_if<SpansetExpression>(&stage.body);
    if (node != nullptr) conditions.push_back(traces_of(*node));
  }
  Expression all = Expression::all_of(std::move(conditions));
  return check(all).ok() ? std::move(all) : Expression::always();
}

Expression lower_spans(const std::vector<traceql::Stage>& stages) {
  Expression necessary = FoundSpans(Purpose::Necessary).lower(stages);
  return check(necessary).ok() ? std::move(necessary) : Expression::always();
}

std::optional<Expression> lower_plain_spans(const std::vector<traceql::Stage>& stages) {
  FoundSpans found(Purpose::Plain);
  Expression exact = found.lower(stages);
  if (found.fit == Fit::Loose || !check(exact).ok()) return std::nullopt;
  return exact;
}

LoweredQuery lower(const traceql::Query& query) {
  SPOOR_ASSERT(!query.metrics);
  FoundSpans found(Purpose::Necessary);
  Expression of_found = found.lower(query.stages);
  if (found.fit != Fit::Loose && check(of_found).ok()) return {std::move(of_found), found.fit};
  Expression necessary = lower_stages(query.stages);
  return {check(necessary).ok() ? std::move(necessary) : Expression::always(), Fit::Loose};
}

}  // namespace spoor::query
