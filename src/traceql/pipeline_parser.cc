#include <array>

#include "traceql/names.h"
#include "traceql/parser_steps.h"

namespace spoor::traceql {
namespace {

template <typename Node>
Built<Term> term_of(Built<Node> built) {
  return {Term(std::move(built.node)), built.height};
}

std::string_view kind_of(const Term& term) {
  constexpr std::array<std::string_view, 4> kNames = {"spans", "a number", "a filter of aggregates",
                                                      "metrics"};
  return kNames[term.index()];
}

int token_level(TokenKind kind) {
  if (auto op = operator_of(kind)) return level_of(*op);
  if (auto op = spanset_operator_of(kind)) return level_of(*op);
  return 0;
}

bool is_one_spanset(const std::vector<Stage>& stages) {
  return stages.size() == 1 && std::holds_alternative<SpansetExpression>(stages.front().body);
}

}  // namespace

Result<Built<Pipeline>> Parser::pipeline() {
  Deeper deeper(*this, 6);
  SPOOR_TRY(check_nesting());
  Built<Pipeline> built;
  while (true) {
    bool is_word = at(TokenKind::Word);
    if (is_word && metrics_function_named(current_.text)) {
      if (built.node.stages.empty()) {
        return error(current_.position, described(current_, text_) +
                                            " needs spans before it, as in { } | " + current_.text +
                                            "()");
      }
      SPOOR_ASSIGN(auto series, metrics(std::move(built.node.stages), built.height));
      built.node.stages.clear();
      built.height = series.height;
      built.node.metrics = std::move(series.node);
      break;
    }
    if (at_word("by") || at_word("coalesce") || at_word("select")) {
      SPOOR_ASSIGN(auto stage, word_stage());
      built.node.stages.push_back(std::move(stage.node));
      built.height = std::max(built.height, stage.height);
    } else {
      SPOOR_ASSIGN(auto term, terms(kLogicalLevel));
      SPOOR_TRY(add_stage(built, std::move(term)));
    }
    if (built.node.scalar || built.node.metrics || !at(TokenKind::Pipe)) break;
    SPOOR_TRY(advance());
  }
  if (built.node.metrics) SPOOR_TRY(second_stages(*built.node.metrics));
  return built;
}

Status Parser::add_stage(Built<Pipeline>& built, Built<Term> term) {
  built.height = std::max(built.height, term.height);
  Pipeline& pipeline = built.node;
  if (auto* spansets = std::get_if<SpansetExpression>(&term.node)) {
    Position position = spansets->position;
    pipeline.stages.push_back({std::move(*spansets), position});
  } else if (auto* filter = std::get_if<ScalarFilter>(&term.node)) {
    Position position = joined(filter->left.position, filter->right.position);
    pipeline.stages.push_back({std::move(*filter), position});
  } else if (auto* scalar = std::get_if<ScalarExpression>(&term.node)) {
    pipeline.scalar = std::move(*scalar);
  } else {
    auto& metrics = std::get<MetricsExpression>(term.node);
    if (!pipeline.stages.empty()) {
      return error(metrics.position, "arithmetic of metrics cannot follow '|'");
    }
    pipeline.metrics = std::move(metrics);
  }
  return {};
}

// by(...), coalesce(), select(...).
Result<Built<Stage>> Parser::word_stage() {
  Position first = current_.position;
  std::string word = std::move(current_.text);
  SPOOR_TRY(advance());
  Built<Stage> built;
  if (word == "select") {
    SPOOR_ASSIGN(std::vector<Field> fields, fields_in_parentheses());
    built.node.body = Select{std::move(fields)};
  } else {
    Position opening = current_.position;
    SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
    if (word == "by") {
      SPOOR_ASSIGN(auto key, field_expression(kLogicalLevel));
      built.height = key.height + 1;
      built.node.body = GroupBy{std::move(key.node)};
    } else {
      built.node.body = Coalesce{};
    }
    SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
  }
  SPOOR_TRY(check_height(built.height));
  built.node.position = since(first);
  return built;
}

// Spansets, numbers and metrics, combined by operators of `level` and above.
Result<Built<Term>> Parser::terms(int level) {
  Deeper deeper(*this, 4);
  SPOOR_TRY(check_nesting());
  SPOOR_ASSIGN(auto left, term_operand());
  bool is_chain = false;
  while (true) {
    int found = token_level(current_.kind);
    if (found == 0 || found < level) break;
    Token op = current_;
    SPOOR_TRY(advance());
    bool to_the_right = op.kind == TokenKind::Caret;
    SPOOR_ASSIGN(auto right, terms(found + (to_the_right ? 0 : 1)));
    SPOOR_ASSIGN(left, combined(std::move(left), op, std::move(right), is_chain));
    SPOOR_TRY(check_height(left.height));
  }
  return left;
}

Result<Built<Term>> Parser::combined(Built<Term> left, const Token& op, Built<Term> right,
                                     bool& is_chain) {
  auto is = [](const Built<Term>& built, size_t index) { return built.node.index() == index; };
  constexpr size_t kSpans = 0, kScalar = 1, kMetrics = 3;
  auto plain = operator_of(op.kind);
  if (is(left, kSpans) && is(right, kSpans)) {
    if (auto spanset_op = spanset_operator_of(op.kind)) {
      return combined_spansets(std::move(left), *spanset_op, std::move(right), is_chain);
    }
  } else if (is(left, kScalar) && is(right, kScalar)) {
    bool is_regex = plain == Operator::Matches || plain == Operator::DoesNotMatch;
    if (plain && !is_regex && (is_comparison(*plain) || is_arithmetic(*plain))) {
      return combined_scalars(std::move(left), *plain, std::move(right));
    }
  } else if ((is(left, kMetrics) && (is(right, kMetrics) || is(right, kScalar))) ||
             (is(left, kScalar) && is(right, kMetrics))) {
    return combined_metrics(std::move(left), op, std::move(right));
  }
  return error(op.position, described(op, text_) + " cannot stand between " +
                                std::string(kind_of(left.node)) + " and " +
                                std::string(kind_of(right.node)));
}

Result<Built<Term>> Parser::combined_spansets(Built<Term> left, SpansetOperator op,
                                              Built<Term> right, bool& is_chain) {
  auto& a = std::get<SpansetExpression>(left.node);
  auto& b = std::get<SpansetExpression>(right.node);
  Position position = joined(a.position, b.position);
  bool is_logical = op <= SpansetOperator::And;
  if (is_chain && is_logical && a.op == op) {
    a.operands.push_back(std::move(b));
    a.position = position;
    left.height = std::max(left.height, right.height + 1);
    return left;
  }
  is_chain = true;
  SpansetExpression node;
  node.kind = SpansetExpression::Kind::Operation;
  node.op = op;
  node.operands.push_back(std::move(a));
  node.operands.push_back(std::move(b));
  node.position = position;
  return Built<Term>{Term(std::move(node)), std::max(left.height, right.height) + 1};
}

Result<Built<Term>> Parser::combined_scalars(Built<Term> left, Operator op, Built<Term> right) {
  auto& a = std::get<ScalarExpression>(left.node);
  auto& b = std::get<ScalarExpression>(right.node);
  uint32_t height = std::max(left.height, right.height) + 1;
  if (is_comparison(op)) {
    return Built<Term>{Term(ScalarFilter{std::move(a), op, std::move(b)}), height};
  }
  ScalarExpression node;
  node.kind = ScalarExpression::Kind::Operation;
  node.op = op;
  node.position = joined(a.position, b.position);
  node.operands.push_back(std::move(a));
  node.operands.push_back(std::move(b));
  return Built<Term>{Term(std::move(node)), height};
}

Result<Built<Term>> Parser::term_operand() {
  Position first = current_.position;
  if (at(TokenKind::OpenBrace)) {
    SPOOR_ASSIGN(auto built, filter());
    return term_of(std::move(built));
  }
  if (at(TokenKind::OpenParen)) return parenthesised();
  if (at(TokenKind::Number) || at(TokenKind::Minus)) {
    ScalarExpression node;
    SPOOR_ASSIGN(node.literal, number());
    node.position = since(first);
    return Built<Term>{Term(std::move(node))};
  }
  if (at(TokenKind::Word) && aggregate_named(current_.text)) {
    SPOOR_ASSIGN(auto built, aggregate());
    return term_of(std::move(built));
  }
  return unknown_stage();
}

Status Parser::unknown_stage() const {
  std::string name = described(current_, text_);
  bool is_word = at(TokenKind::Word);
  if (at(TokenKind::Attribute) || (is_word && intrinsic_named(current_.text))) {
    return error(current_.position, "expected '{' before " + name +
                                        ": conditions stand in braces, as in { duration > 1s }");
  }
  if (at_word("topk") || at_word("bottomk")) {
    return error(current_.position,
                 name + " needs metrics before it, as in { } | rate() | " + current_.text + "(5)");
  }
  if (at_word("with")) {
    return error(current_.position, "'with' stands at the end, after a query");
  }
  if (is_word) {
    return error(current_.position,
                 "unknown function " + name + near_miss(current_.text, stage_words()));
  }
  return expected("'{', '(' or a function");
}

// In parentheses: a pipeline, or a part of one that they only group.
Result<Built<Term>> Parser::parenthesised() {
  Position first = current_.position;
  SPOOR_TRY(advance());
  SPOOR_ASSIGN(auto built, pipeline());
  SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', first));
  Pipeline& inner = built.node;
  if (inner.metrics) return Built<Term>{Term(std::move(*inner.metrics)), built.height};
  uint32_t height = built.height + 1;
  if (inner.scalar) {
    inner.scalar->position = since(first);
    if (inner.stages.empty()) return Built<Term>{Term(std::move(*inner.scalar)), built.height};
    SPOOR_TRY(check_height(height));
    ScalarExpression node;
    node.kind = ScalarExpression::Kind::Pipeline;
    node.stages = std::move(inner.stages);
    node.operands.push_back(std::move(*inner.scalar));
    node.position = since(first);
    return Built<Term>{Term(std::move(node)), height};
  }
  if (is_one_spanset(inner.stages)) {
    auto& only = std::get<SpansetExpression>(inner.stages.front().body);
    only.position = since(first);
    return Built<Term>{Term(std::move(only)), built.height};
  }
  SPOOR_TRY(check_height(height));
  SpansetExpression node;
  node.kind = SpansetExpression::Kind::Pipeline;
  node.stages = std::move(inner.stages);
  node.position = since(first);
  return Built<Term>{Term(std::move(node)), height};
}

Result<Built<SpansetExpression>> Parser::filter() {
  Position first = current_.position;
  SPOOR_TRY(expect(TokenKind::OpenBrace, "'{'"));
  Built<SpansetExpression> built{{}, 2};
  if (!at(TokenKind::CloseBrace)) {
    SPOOR_ASSIGN(auto condition, field_expression(kLogicalLevel));
    built.height = condition.height + 1;
    SPOOR_TRY(check_height(built.height));
    built.node.condition = std::move(condition.node);
  }
  SPOOR_TRY(expect_closing(TokenKind::CloseBrace, '}', first));
  built.node.position = since(first);
  return built;
}

Result<Built<ScalarExpression>> Parser::aggregate() {
  Position first = current_.position;
  Built<ScalarExpression> built;
  built.node.kind = ScalarExpression::Kind::Aggregate;
  built.node.function = *aggregate_named(current_.text);
  SPOOR_TRY(advance());
  Position opening = current_.position;
  SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
  if (built.node.function != AggregateFunction::Count) {
    SPOOR_ASSIGN(auto argument, field_expression(kLogicalLevel));
    built.height = argument.height + 1;
    SPOOR_TRY(check_height(built.height));
    built.node.argument = std::move(argument.node);
  }
  SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
  built.node.position = since(first);
  return built;
}

}  // namespace spoor::traceql
