#include "traceql/print.h"

#include "base/assert.h"
#include "traceql/literal_text.h"
#include "traceql/names.h"

namespace spoor::traceql {
namespace {

class Printer {
 public:
  void field(const Field& field);
  void expression(const FieldExpression& node);
  void spansets(const SpansetExpression& node);
  void scalar(const ScalarExpression& node);
  void stage(const Stage& stage);
  void stages(const std::vector<Stage>& stages);
  void metrics(const MetricsExpression& node);
  void query(const Query& query);

  std::string out;

 private:
  void write(const FieldExpression& node) { expression(node); }
  void write(const SpansetExpression& node) { spansets(node); }
  void write(const ScalarExpression& node) { scalar(node); }
  template <typename Node>
  void operand(const Node& node, bool in_parentheses);
  template <typename Node>
  void operation(const Node& node);  // of two operands or more
  void filter(const FieldExpression& condition);
  void fields(const std::vector<Field>& fields);
  void aggregate(const MetricsAggregate& aggregate);
  void second_stage(const SecondStage& stage);
};

bool is_logical(Operator op) {
  return op == Operator::And || op == Operator::Or;
}

bool is_number(const FieldExpression& node) {
  return node.kind == FieldExpression::Kind::Constant &&
         (std::holds_alternative<int64_t>(node.literal) ||
          std::holds_alternative<double>(node.literal) ||
          std::holds_alternative<Duration>(node.literal));
}

// Whether `node` must stand in parentheses as the first, or a later, operand of `op`.
template <typename Node, typename Operation>
bool needs_parentheses(const Node& node, Operation op, bool is_first) {
  if (node.kind != Node::Kind::Operation) return false;
  int inner = level_of(node.op), outer = level_of(op);
  if (inner != outer) return inner < outer;
  if constexpr (std::is_same_v<Operation, Operator>) {
    if (op == Operator::Power) return is_first;  // binds to the right
    if (node.op == Operator::Negate) return false;
    if (is_logical(op)) return !is_first || node.op == op;
  } else {
    if (op <= SpansetOperator::And) return !is_first || node.op == op;
  }
  return !is_first;
}

void Printer::field(const Field& field) {
  if (field.kind == Field::Kind::Intrinsic) {
    out += name_of(field.intrinsic).name;
    return;
  }
  if (field.owner == Owner::Parent)
    out += field.scope == AttributeScope::None ? "parent" : "parent.";
  out += name_of(field.scope);
  out += '.';
  append_attribute_name(out, field);
}

template <typename Node>
void Printer::operand(const Node& node, bool in_parentheses) {
  if (in_parentheses) out += '(';
  write(node);
  if (in_parentheses) out += ')';
}

template <typename Node>
void Printer::operation(const Node& node) {
  SPOOR_ASSERT(node.operands.size() >= 2);
  for (size_t i = 0; i < node.operands.size(); ++i) {
    if (i > 0) {
      out += ' ';
      out += symbol_of(node.op);
      out += ' ';
    }
    operand(node.operands[i], needs_parentheses(node.operands[i], node.op, i == 0));
  }
}

void Printer::expression(const FieldExpression& node) {
  if (node.kind == FieldExpression::Kind::Constant) return append_literal(out, node.literal);
  if (node.kind == FieldExpression::Kind::Field) return field(node.field);
  SPOOR_ASSERT(!node.operands.empty());
  if (node.op == Operator::Not || node.op == Operator::Negate) {
    const FieldExpression& inner = node.operands.front();
    out += symbol_of(node.op);
    // "-1" is read as a literal, "!" takes what binds more strongly.
    bool is_operation = inner.kind == FieldExpression::Kind::Operation;
    bool in_parentheses = node.op == Operator::Negate
                              ? is_operation || is_number(inner)
                              : is_operation && level_of(inner.op) < kNotLevel;
    return operand(inner, in_parentheses);
  }
  operation(node);
}

void Printer::filter(const FieldExpression& condition) {
  out += "{ ";
  if (condition != FieldExpression::of(true)) {
    expression(condition);
    out += ' ';
  }
  out += '}';
}

void Printer::spansets(const SpansetExpression& node) {
  switch (node.kind) {
    case SpansetExpression::Kind::Filter:
      return filter(node.condition);
    case SpansetExpression::Kind::Pipeline:
      out += '(';
      stages(node.stages);
      out += ')';
      return;
    case SpansetExpression::Kind::Operation:
      break;
  }
  operation(node);
}

void Printer::scalar(const ScalarExpression& node) {
  switch (node.kind) {
    case ScalarExpression::Kind::Constant:
      return append_literal(out, node.literal);
    case ScalarExpression::Kind::Aggregate:
      out += name_of(node.function);
      out += '(';
      if (node.function != AggregateFunction::Count) expression(node.argument);
      out += ')';
      return;
    case ScalarExpression::Kind::Pipeline:
      SPOOR_ASSERT(node.operands.size() == 1);
      out += '(';
      stages(node.stages);
      out += " | ";
      scalar(node.operands.front());
      out += ')';
      return;
    case ScalarExpression::Kind::Operation:
      break;
  }
  SPOOR_ASSERT(node.operands.size() == 2);
  operation(node);
}

void Printer::fields(const std::vector<Field>& fields) {
  SPOOR_ASSERT(!fields.empty());
  out += '(';
  for (const Field& each : fields) {
    if (&each != &fields.front()) out += ", ";
    field(each);
  }
  out += ')';
}

void Printer::stage(const Stage& stage) {
  if (const auto* node = std::get_if<SpansetExpression>(&stage.body)) {
    spansets(*node);
  } else if (const auto* filter = std::get_if<ScalarFilter>(&stage.body)) {
    scalar(filter->left);
    out += ' ';
    out += symbol_of(filter->op);
    out += ' ';
    scalar(filter->right);
  } else if (const auto* group = std::get_if<GroupBy>(&stage.body)) {
    out += "by(";
    expression(group->key);
    out += ')';
  } else if (const auto* select = std::get_if<Select>(&stage.body)) {
    out += "select";
    fields(select->fields);
  } else {
    out += "coalesce()";
  }
}

void Printer::stages(const std::vector<Stage>& stages) {
  for (const Stage& each : stages) {
    if (&each != &stages.front()) out += " | ";
    stage(each);
  }
}

void Printer::aggregate(const MetricsAggregate& aggregate) {
  out += name_of(aggregate.function);
  out += '(';
  if (aggregate.field) field(*aggregate.field);
  for (double quantile : aggregate.quantiles) {
    out += ", ";
    append_literal(out, quantile);
  }
  if (aggregate.function == MetricsFunction::Compare) {
    filter(aggregate.selection);
    for (int64_t number : aggregate.numbers) {
      out += ", ";
      append_literal(out, number);
    }
  }
  out += ')';
  if (aggregate.by.empty()) return;
  out += " by ";
  fields(aggregate.by);
}

void Printer::second_stage(const SecondStage& stage) {
  if (stage.kind == SecondStage::Kind::Filter) {
    out += ' ';
    out += symbol_of(stage.comparison);
    out += ' ';
    append_literal(out, stage.literal);
    return;
  }
  out += stage.kind == SecondStage::Kind::TopK ? " | topk(" : " | bottomk(";
  append_literal(out, stage.count);
  out += ')';
}

void Printer::metrics(const MetricsExpression& node) {
  if (node.kind == MetricsExpression::Kind::Constant) return append_literal(out, node.literal);
  if (node.kind == MetricsExpression::Kind::Aggregate) {
    stages(node.stages);
    out += " | ";
    aggregate(node.aggregate);
  } else {
    SPOOR_ASSERT(node.operands.size() == 2);
    for (const MetricsExpression& operand : node.operands) {
      bool is_literal = operand.kind == MetricsExpression::Kind::Constant;
      if (&operand != &node.operands.front()) {
        out += ' ';
        out += symbol_of(node.op);
        out += ' ';
      }
      if (!is_literal) out += '(';
      metrics(operand);
      if (!is_literal) out += ')';
    }
  }
  for (const SecondStage& stage : node.second_stages) second_stage(stage);
}

void Printer::query(const Query& query) {
  if (query.metrics) {
    metrics(*query.metrics);
  } else {
    stages(query.stages);
  }
  for (const Hint& hint : query.hints) {
    out += &hint == &query.hints.front() ? " with (" : ", ";
    out += hint.name;
    out += " = ";
    append_literal(out, hint.value);
  }
  if (!query.hints.empty()) out += ')';
}

}  // namespace

std::string to_string(const Query& query) {
  Printer printer;
  printer.query(query);
  return std::move(printer.out);
}

std::string to_string(const FieldExpression& expression) {
  Printer printer;
  printer.expression(expression);
  return std::move(printer.out);
}

std::string to_string(const SpansetExpression& expression) {
  Printer printer;
  printer.spansets(expression);
  return std::move(printer.out);
}

std::string to_string(const Field& field) {
  Printer printer;
  printer.field(field);
  return std::move(printer.out);
}

std::string to_string(const ScalarExpression& expression) {
  Printer printer;
  printer.scalar(expression);
  return std::move(printer.out);
}

std::string to_string(const Stage& stage) {
  Printer printer;
  printer.stage(stage);
  return std::move(printer.out);
}

}  // namespace spoor::traceql
