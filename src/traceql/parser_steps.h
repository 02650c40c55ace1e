// The parser's inside: precedence climbing over one token of look-ahead. field_parser.cc has what
// stands in braces, pipeline_parser.cc stages and what combines them, metrics_parser.cc series
// and hints.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traceql/parser.h"

namespace spoor::traceql {

// A node and the levels of the tree below and with it.
template <typename Node>
struct Built {
  Node node;
  uint32_t height = 1;
};

// What operators between stages combine, told apart by what it turns out to be.
using Term = std::variant<SpansetExpression, ScalarExpression, ScalarFilter, MetricsExpression>;

// "{ } | by(name) | count() > 2". At most one of scalar and metrics is there, and is the end.
struct Pipeline {
  std::vector<Stage> stages;
  std::optional<ScalarExpression> scalar;
  std::optional<MetricsExpression> metrics;  // has taken the stages
};

class Parser {
 public:
  // REQUIRES: check_text(text) is OK. The text outlives the parser.
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  Result<Query> query();
  Result<FieldExpression> whole_condition();

 private:
  // A call deeper, for as long as it lives. Its weight stands for the stack that it takes.
  struct Deeper {
    Deeper(Parser& owner, uint32_t call_weight) : parser(owner), weight(call_weight) {
      parser.nesting_ += weight;
    }
    ~Deeper() { parser.nesting_ -= weight; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Parser& parser;
    uint32_t weight;
  };

  // Tokens.
  Status advance();
  bool at(TokenKind kind) const { return current_.kind == kind; }
  bool at_word(std::string_view word) const { return at(TokenKind::Word) && current_.text == word; }
  Status expect(TokenKind kind, std::string_view what);
  Status expect_closing(TokenKind kind, char closing, Position opening);
  Status expected(std::string_view what) const;  // at the current token
  Status error(Position position, const std::string& message) const;
  Position since(Position first) const { return joined(first, previous_); }
  Status check_nesting() const;
  Status check_height(uint32_t height) const;

  // field_parser.cc
  Result<Built<FieldExpression>> field_expression(int level);
  Result<Built<FieldExpression>> field_operand();
  Result<Built<FieldExpression>> unary_field_operand();
  Result<Built<FieldExpression>> field_word();
  Status append_operand(Built<FieldExpression>& left, Operator op, Built<FieldExpression> right,
                        bool& is_chain);
  std::optional<Operator> field_operator() const;
  Result<Field> field();
  Result<std::vector<Field>> fields_in_parentheses();
  Result<Literal> number();  // with its sign
  Status unknown_word() const;

  // pipeline_parser.cc
  Result<Built<Pipeline>> pipeline();
  Result<Built<Stage>> word_stage();
  Result<Built<Term>> terms(int level);
  Result<Built<Term>> term_operand();
  Result<Built<Term>> parenthesised();
  Result<Built<SpansetExpression>> filter();
  Result<Built<ScalarExpression>> aggregate();
  Result<Built<Term>> combined(Built<Term> left, const Token& op, Built<Term> right,
                               bool& is_chain);
  Result<Built<Term>> combined_spansets(Built<Term> left, SpansetOperator op, Built<Term> right,
                                        bool& is_chain);
  Result<Built<Term>> combined_scalars(Built<Term> left, Operator op, Built<Term> right);
  Status unknown_stage() const;
  Status add_stage(Built<Pipeline>& built, Built<Term> term);

  // metrics_parser.cc
  Result<Built<MetricsExpression>> metrics(std::vector<Stage> stages, uint32_t height);
  Result<uint32_t> metrics_arguments(MetricsAggregate& aggregate);
  Result<uint32_t> compare_arguments(MetricsAggregate& aggregate);
  Status second_stages(MetricsExpression& expression);
  Status value_filter(MetricsExpression& expression, Operator comparison, Literal literal,
                      Position position);
  Result<Built<Term>> combined_metrics(Built<Term> left, const Token& op, Built<Term> right);
  Result<std::vector<Hint>> hints();

  std::string_view text_;
  Lexer lexer_;
  Token current_;
  Position previous_;  // of the token before
  uint32_t nesting_ = 0;
};

// What a token is between fields or numbers, and between spansets.
std::optional<Operator> operator_of(TokenKind kind);
std::optional<SpansetOperator> spanset_operator_of(TokenKind kind);

}  // namespace spoor::traceql
