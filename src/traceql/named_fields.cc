#include "traceql/named_fields.h"

#include <string>
#include <unordered_set>

#include "traceql/print.h"

namespace spoor::traceql {
namespace {

class Collector {
 public:
  void add(const Field& field) {
    if (seen_.insert(to_string(field)).second) fields.push_back(field);
  }
  void add(const std::vector<Field>& all) {
    for (const Field& field : all) add(field);
  }
  void add(const FieldExpression& node) {
    if (node.kind == FieldExpression::Kind::Field) add(node.field);
    for (const FieldExpression& operand : node.operands) add(operand);
  }
  void add(const SpansetExpression& node) {
    if (node.kind == SpansetExpression::Kind::Filter) add(node.condition);
    for (const SpansetExpression& operand : node.operands) add(operand);
    add(node.stages);
  }
  void add(const ScalarExpression& node) {
    add(node.stages);
    if (node.kind == ScalarExpression::Kind::Aggregate) add(node.argument);
    for (const ScalarExpression& operand : node.operands) add(operand);
  }
  void add(const ScalarFilter& filter) {
    add(filter.left);
    add(filter.right);
  }
  void add(const GroupBy& group) { add(group.key); }
  void add(const Coalesce&) {}
  void add(const Select& select) { add(select.fields); }
  void add(const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) {
      std::visit([&](const auto& body) { add(body); }, stage.body);
    }
  }
  void add(const MetricsExpression& node) {
    add(node.stages);
    if (node.kind == MetricsExpression::Kind::Aggregate) {
      if (node.aggregate.field) add(*node.aggregate.field);
      add(node.aggregate.selection);
      add(node.aggregate.by);
    }
    for (const MetricsExpression& operand : node.operands) add(operand);
  }

  std::vector<Field> fields;

 private:
  std::unordered_set<std::string> seen_;
};

}  // namespace

std::vector<Field> named_fields(const Query& query) {
  Collector collector;
  collector.add(query.stages);
  if (query.metrics) collector.add(*query.metrics);
  return std::move(collector.fields);
}

std::vector<Field> named_fields(const FieldExpression& expression) {
  Collector collector;
  collector.add(expression);
  return std::move(collector.fields);
}

}  // namespace spoor::traceql
