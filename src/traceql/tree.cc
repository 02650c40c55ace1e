#include "traceql/tree.h"

#include <tuple>

#include "base/assert.h"
#include "traceql/metrics_tree.h"

namespace spoor::traceql {

FieldExpression FieldExpression::of(Literal literal) {
  FieldExpression node;
  node.literal = std::move(literal);
  return node;
}

FieldExpression FieldExpression::of(Field field) {
  FieldExpression node;
  node.kind = Kind::Field;
  node.position = field.position;
  node.field = std::move(field);
  return node;
}

FieldExpression FieldExpression::operation(Operator op, std::vector<FieldExpression> operands) {
  SPOOR_ASSERT(!operands.empty());
  FieldExpression node;
  node.kind = Kind::Operation;
  node.op = op;
  node.position = joined(operands.front().position, operands.back().position);
  node.operands = std::move(operands);
  return node;
}

bool is_relation(SpansetOperator op) {
  return op >= SpansetOperator::Child;
}

bool is_negated_relation(SpansetOperator op) {
  return is_relation(op) && relation_of(op).is_negated;
}

Relation relation_of(SpansetOperator op) {
  SPOOR_ASSERT(is_relation(op));
  constexpr int kFirst = static_cast<int>(SpansetOperator::Child);
  constexpr int kRelations = static_cast<int>(SpansetOperator::NotChild) - kFirst;
  int number = static_cast<int>(op) - kFirst, group = number / kRelations;
  return {static_cast<SpansetOperator>(kFirst + number % kRelations), group == 1, group == 2};
}

SpansetOperator inverse(SpansetOperator relation) {
  switch (relation) {
    case SpansetOperator::Child:
      return SpansetOperator::Parent;
    case SpansetOperator::Descendant:
      return SpansetOperator::Ancestor;
    case SpansetOperator::Parent:
      return SpansetOperator::Child;
    case SpansetOperator::Ancestor:
      return SpansetOperator::Descendant;
    default:
      SPOOR_ASSERT(relation == SpansetOperator::Sibling);
      return relation;
  }
}

bool operator==(const FieldExpression& a, const FieldExpression& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case FieldExpression::Kind::Constant:
      return a.literal == b.literal;
    case FieldExpression::Kind::Field:
      return a.field == b.field;
    case FieldExpression::Kind::Operation:
      return a.op == b.op && a.operands == b.operands;
  }
  return false;
}

bool operator==(const SpansetExpression& a, const SpansetExpression& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case SpansetExpression::Kind::Filter:
      return a.condition == b.condition;
    case SpansetExpression::Kind::Operation:
      return a.op == b.op && a.operands == b.operands;
    case SpansetExpression::Kind::Pipeline:
      return a.stages == b.stages;
  }
  return false;
}

bool operator==(const ScalarExpression& a, const ScalarExpression& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ScalarExpression::Kind::Constant:
      return a.literal == b.literal;
    case ScalarExpression::Kind::Aggregate:
      return a.function == b.function &&
             (a.function == AggregateFunction::Count || a.argument == b.argument);
    case ScalarExpression::Kind::Operation:
      return a.op == b.op && a.operands == b.operands;
    case ScalarExpression::Kind::Pipeline:
      return a.stages == b.stages && a.operands == b.operands;
  }
  return false;
}

bool operator==(const ScalarFilter& a, const ScalarFilter& b) {
  return a.op == b.op && a.left == b.left && a.right == b.right;
}

bool operator==(const GroupBy& a, const GroupBy& b) {
  return a.key == b.key;
}

bool operator==(const Coalesce&, const Coalesce&) {
  return true;
}

bool operator==(const Select& a, const Select& b) {
  return a.fields == b.fields;
}

bool operator==(const Stage& a, const Stage& b) {
  return a.body == b.body;
}

bool operator==(const MetricsAggregate& a, const MetricsAggregate& b) {
  return std::tie(a.function, a.field, a.quantiles, a.by, a.selection, a.numbers) ==
         std::tie(b.function, b.field, b.quantiles, b.by, b.selection, b.numbers);
}

bool operator==(const SecondStage& a, const SecondStage& b) {
  if (a.kind != b.kind) return false;
  if (a.kind != SecondStage::Kind::Filter) return a.count == b.count;
  return a.comparison == b.comparison && a.literal == b.literal;
}

bool operator==(const MetricsExpression& a, const MetricsExpression& b) {
  if (a.kind != b.kind || a.second_stages != b.second_stages) return false;
  switch (a.kind) {
    case MetricsExpression::Kind::Aggregate:
      return a.stages == b.stages && a.aggregate == b.aggregate;
    case MetricsExpression::Kind::Constant:
      return a.literal == b.literal;
    case MetricsExpression::Kind::Arithmetic:
      return a.op == b.op && a.operands == b.operands;
  }
  return false;
}

bool operator==(const Hint& a, const Hint& b) {
  return a.name == b.name && a.value == b.value;
}

bool operator==(const Query& a, const Query& b) {
  return a.stages == b.stages && a.metrics == b.metrics && a.hints == b.hints;
}

}  // namespace spoor::traceql
