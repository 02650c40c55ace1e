// Random TraceQL queries from the grammar, as trees. The same seed and weights make the same
// queries. Trees are of the shapes that the parser makes; whether they mean anything is up to
// the weights: with `typed` set they pass traceql::check().
// Header only, so that only those tests link traceql that use it.
#pragma once

#include <utility>
#include <vector>

#include "support/arbitrary_condition.h"
#include "traceql/metrics_tree.h"

namespace spoor::test {

class ArbitraryQueries : public ArbitraryConditions {
 public:
  explicit ArbitraryQueries(uint64_t seed, QueryWeights weights = {})
      : ArbitraryConditions(seed, std::move(weights)) {}

  traceql::Query query() {
    traceql::Query query;
    if (percent(weights_.metrics_percent)) {
      query.metrics = metrics(below(2));
    } else {
      query.stages = stages(weights_.depth, true);
    }
    if (percent(weights_.hints_percent)) {
      for (int i = below(2); i >= 0; --i) {
        query.hints.push_back({any<std::string>({"most_recent", "sample", "exemplars"}),
                               weights_.typed ? traceql::Literal(true) : literal(),
                               {}});
      }
    }
    return query;
  }

  traceql::SpansetExpression spansets(int depth) {
    traceql::SpansetExpression node;
    if (depth > 0 && percent(weights_.pipeline_percent)) {
      node.kind = traceql::SpansetExpression::Kind::Pipeline;
      node.stages = stages(depth - 1, false);
      return node;
    }
    if (depth == 0 || percent(40)) {
      if (!percent(10)) node.condition = condition(weights_.depth);
      return node;
    }
    node.kind = traceql::SpansetExpression::Kind::Operation;
    node.op = static_cast<traceql::SpansetOperator>(below(17));
    int count = node.op <= traceql::SpansetOperator::And ? operand_count() : 2;
    for (int i = 0; i < count; ++i) node.operands.push_back(spansets(depth - 1));
    return node;
  }

 private:
  traceql::ScalarExpression scalar(int depth) {
    using namespace traceql;
    ScalarExpression node;
    if (depth > 0 && percent(30)) {
      node.kind = ScalarExpression::Kind::Operation;
      node.op = static_cast<Operator>(static_cast<int>(Operator::Add) + below(6));
      node.operands.push_back(scalar(depth - 1));
      node.operands.push_back(scalar(depth - 1));
      return node;
    }
    if (depth > 0 && !weights_.typed && percent(15)) {
      node.kind = ScalarExpression::Kind::Pipeline;
      node.stages = stages(depth - 1, true);
      node.operands.push_back(scalar(depth - 1));
      return node;
    }
    if (percent(30)) {
      node.literal = number();
      return node;
    }
    return aggregate(depth);
  }

  traceql::ScalarExpression aggregate(int depth) {
    using namespace traceql;
    ScalarExpression node;
    node.kind = ScalarExpression::Kind::Aggregate;
    node.function = static_cast<AggregateFunction>(below(5));
    if (node.function == AggregateFunction::Count) return node;
    node.argument = weights_.typed ? FieldExpression::of(attribute()) : expression(depth);
    return node;
  }

  // Not one filter alone, if that is not allowed: in parentheses it would not be a pipeline.
  std::vector<traceql::Stage> stages(int depth, bool one_filter_is_enough) {  // NOLINT
    using namespace traceql;
    std::vector<Stage> stages;
    for (int i = below(static_cast<size_t>(weights_.stages_max)); i >= 0; --i) {
      switch (below(6)) {
        case 0:
          stages.push_back(
              {ScalarFilter{aggregate(depth > 1 ? 1 : 0), static_cast<Operator>(2 + below(6)),
                            scalar(depth > 2 ? 2 : depth)},
               {}});
          break;
        case 1:
          stages.push_back(
              {GroupBy{weights_.typed ? FieldExpression::of(field()) : expression(depth)}, {}});
          break;
        case 2:
          stages.push_back({Coalesce{}, {}});
          break;
        case 3:
          stages.push_back({Select{{field(), field()}}, {}});
          break;
        default:
          stages.push_back({spansets(depth), {}});
      }
    }
    bool is_one_filter =
        stages.size() == 1 && std::holds_alternative<SpansetExpression>(stages.front().body);
    if (is_one_filter && !one_filter_is_enough) stages.push_back({Coalesce{}, {}});
    return stages;
  }

  traceql::MetricsExpression metrics(int depth) {
    using namespace traceql;
    MetricsExpression node;
    if (depth > 0) {
      node.kind = MetricsExpression::Kind::Arithmetic;
      node.op = static_cast<Operator>(static_cast<int>(Operator::Add) + below(4));
      node.operands.push_back(metrics(depth - 1));
      node.operands.push_back(metrics(depth - 1));
      if (percent(30)) node.operands[static_cast<size_t>(below(2))] = constant();
    } else {
      node.stages = stages(weights_.depth, true);
      node.aggregate = metrics_aggregate();
    }
    for (int i = below(3); i > 0; --i) {
      SecondStage stage;
      stage.kind = static_cast<SecondStage::Kind>(below(3));
      stage.count = 1 + below(10);
      stage.comparison = static_cast<Operator>(2 + below(6));
      if (stage.kind == SecondStage::Kind::Filter) stage.literal = number();
      node.second_stages.push_back(std::move(stage));
    }
    return node;
  }

  traceql::MetricsExpression constant() {
    traceql::MetricsExpression node;
    node.kind = traceql::MetricsExpression::Kind::Constant;
    if (percent(50)) {
      node.literal = any(weights_.integers);
    } else {
      node.literal = any<double>({0.5, 100.0});
    }
    return node;
  }

  traceql::MetricsAggregate metrics_aggregate() {
    using namespace traceql;
    MetricsAggregate aggregate;
    aggregate.function = static_cast<MetricsFunction>(below(weights_.typed ? 8 : 9));
    bool is_compare = aggregate.function == MetricsFunction::Compare;
    if (is_compare) {
      aggregate.selection = expression(weights_.depth);
      if (percent(50)) aggregate.numbers = {10};
      if (percent(30)) aggregate.numbers = {5, 1, 2};
      return aggregate;
    }
    if (aggregate.function > MetricsFunction::CountOverTime) {
      aggregate.field = weights_.typed ? attribute() : field();
    }
    if (aggregate.function == MetricsFunction::QuantileOverTime) aggregate.quantiles = {0.5, 0.99};
    for (int i = below(4); i > 0; --i) aggregate.by.push_back(field());
    return aggregate;
  }
};

}  // namespace spoor::test
