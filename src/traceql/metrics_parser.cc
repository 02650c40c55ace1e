#include "base/assert.h"
#include "traceql/names.h"
#include "traceql/parser_steps.h"

namespace spoor::traceql {
namespace {

double as_double(const Literal& literal) {
  if (const auto* integer = std::get_if<int64_t>(&literal)) return static_cast<double>(*integer);
  return std::get<double>(literal);
}

}  // namespace

// A function of metrics over the spans of `stages`, whose height is given.
Result<Built<MetricsExpression>> Parser::metrics(std::vector<Stage> stages, uint32_t height) {
  SPOOR_ASSERT(!stages.empty());
  Built<MetricsExpression> built;
  MetricsAggregate& aggregate = built.node.aggregate;
  Position first = current_.position;
  aggregate.function = *metrics_function_named(current_.text);
  built.node.position = joined(stages.front().position, first);
  built.node.stages = std::move(stages);
  SPOOR_TRY(advance());
  Position opening = current_.position;
  SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
  SPOOR_ASSIGN(uint32_t arguments_height, metrics_arguments(aggregate));
  SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
  if (aggregate.function != MetricsFunction::Compare && at_word("by")) {
    SPOOR_TRY(advance());
    SPOOR_ASSIGN(aggregate.by, fields_in_parentheses());
  }
  aggregate.position = since(first);
  built.node.position = since(built.node.position);
  built.height = std::max(height, arguments_height) + 1;
  SPOOR_TRY(check_height(built.height));
  return built;
}

// Returns their height.
Result<uint32_t> Parser::metrics_arguments(MetricsAggregate& aggregate) {
  switch (aggregate.function) {
    case MetricsFunction::Rate:
    case MetricsFunction::CountOverTime:
      return 0u;
    case MetricsFunction::Compare:
      return compare_arguments(aggregate);
    default:
      break;
  }
  SPOOR_ASSIGN(aggregate.field, field());
  if (aggregate.function != MetricsFunction::QuantileOverTime) return 0u;
  if (!at(TokenKind::Comma)) return expected("',' and a quantile such as 0.9");
  while (at(TokenKind::Comma)) {
    SPOOR_TRY(advance());
    Position first = current_.position;
    SPOOR_ASSIGN(Literal literal, number());
    if (std::holds_alternative<Duration>(literal)) {
      return error(first, "expected a quantile between 0 and 1, got a duration");
    }
    aggregate.quantiles.push_back(as_double(literal));
  }
  return 0u;
}

Result<uint32_t> Parser::compare_arguments(MetricsAggregate& aggregate) {
  SPOOR_ASSIGN(auto selection, filter());
  aggregate.selection = std::move(selection.node.condition);
  while (at(TokenKind::Comma)) {
    SPOOR_TRY(advance());
    Position first = current_.position;
    SPOOR_ASSIGN(Literal literal, number());
    const auto* integer = std::get_if<int64_t>(&literal);
    if (integer == nullptr) return error(since(first), "expected an integer");
    aggregate.numbers.push_back(*integer);
  }
  size_t count = aggregate.numbers.size();
  if (count == 2 || count > 3) {
    return error(current_.position,
                 "compare takes a filter, then at most top n, or top n, start and end");
  }
  return selection.height;
}

// "| topk(n)", "| bottomk(n)" and comparisons with a number, in any order.
Status Parser::second_stages(MetricsExpression& expression) {
  while (true) {
    Position first = current_.position;
    auto comparison = operator_of(current_.kind);
    if (comparison && is_comparison(*comparison)) {
      SPOOR_TRY(advance());
      SPOOR_ASSIGN(Literal literal, number());
      SPOOR_TRY(value_filter(expression, *comparison, std::move(literal), since(first)));
      continue;
    }
    if (comparison && is_arithmetic(*comparison)) {
      return error(current_.position,
                   "arithmetic of metrics needs parentheses, as in ({ } | rate()) * 2");
    }
    if (!at(TokenKind::Pipe)) return {};
    SPOOR_TRY(advance());
    if (!at_word("topk") && !at_word("bottomk")) return expected("'topk' or 'bottomk'");
    SecondStage stage;
    stage.kind = at_word("topk") ? SecondStage::Kind::TopK : SecondStage::Kind::BottomK;
    SPOOR_TRY(advance());
    Position opening = current_.position;
    SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
    SPOOR_ASSIGN(Literal literal, number());
    const auto* count = std::get_if<int64_t>(&literal);
    if (count == nullptr) return error(since(first), "expected a whole number of series");
    stage.count = *count;
    SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
    stage.position = since(first);
    expression.second_stages.push_back(std::move(stage));
  }
}

Status Parser::value_filter(MetricsExpression& expression, Operator comparison, Literal literal,
                            Position position) {
  if (comparison == Operator::Matches || comparison == Operator::DoesNotMatch) {
    return error(position, "values of metrics are numbers, no regular expression applies");
  }
  SecondStage stage;
  stage.kind = SecondStage::Kind::Filter;
  stage.comparison = comparison;
  stage.literal = std::move(literal);
  stage.position = position;
  expression.second_stages.push_back(std::move(stage));
  return {};
}

// Arithmetic of metrics with metrics or numbers; a comparison with a number is a second stage.
Result<Built<Term>> Parser::combined_metrics(Built<Term> left, const Token& op, Built<Term> right) {
  auto plain = operator_of(op.kind);
  auto* filtered = std::get_if<MetricsExpression>(&left.node);
  const auto* bound = std::get_if<ScalarExpression>(&right.node);
  bool is_bound = bound != nullptr && bound->kind == ScalarExpression::Kind::Constant;
  if (plain && is_comparison(*plain) && filtered != nullptr && is_bound) {
    Position position = joined(op.position, bound->position);
    SPOOR_TRY(value_filter(*filtered, *plain, bound->literal, position));
    return left;
  }
  bool is_possible = plain == Operator::Add || plain == Operator::Subtract ||
                     plain == Operator::Multiply || plain == Operator::Divide;
  if (!is_possible) {
    return error(op.position,
                 "expected one of + - * / between metrics, or a comparison with a "
                 "number behind them, got " +
                     described(op, text_));
  }
  MetricsExpression node;
  node.kind = MetricsExpression::Kind::Arithmetic;
  node.op = *plain;
  for (Built<Term>* operand : {&left, &right}) {
    auto* scalar = std::get_if<ScalarExpression>(&operand->node);
    if (scalar == nullptr) {
      node.operands.push_back(std::move(std::get<MetricsExpression>(operand->node)));
      continue;
    }
    if (scalar->kind != ScalarExpression::Kind::Constant) {
      return error(scalar->position, "expected metrics or a number beside " + described(op, text_) +
                                         ", got an aggregate");
    }
    MetricsExpression literal;
    literal.kind = MetricsExpression::Kind::Constant;
    literal.literal = std::move(scalar->literal);
    literal.position = scalar->position;
    node.operands.push_back(std::move(literal));
  }
  node.position = joined(node.operands.front().position, node.operands.back().position);
  return Built<Term>{Term(std::move(node)), std::max(left.height, right.height) + 1};
}

// "with (name = literal, ...)".
Result<std::vector<Hint>> Parser::hints() {
  SPOOR_TRY(advance());
  Position opening = current_.position;
  SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
  std::vector<Hint> found;
  while (true) {
    Hint hint;
    hint.position = current_.position;
    hint.name = std::move(current_.text);
    SPOOR_TRY(expect(TokenKind::Word, "the name of a hint"));
    SPOOR_TRY(expect(TokenKind::Equal, "'='"));
    if (at(TokenKind::Text)) {
      hint.value = std::move(current_.text);
      SPOOR_TRY(advance());
    } else if (at(TokenKind::Word)) {
      auto literal = literal_named(current_.text);
      if (!literal) return expected("a value");
      hint.value = std::move(*literal);
      SPOOR_TRY(advance());
    } else {
      SPOOR_ASSIGN(hint.value, number());
    }
    hint.position = since(hint.position);
    found.push_back(std::move(hint));
    if (!at(TokenKind::Comma)) break;
    SPOOR_TRY(advance());
  }
  SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
  return found;
}

}  // namespace spoor::traceql
