#include "traceql/parser.h"

#include <array>

#include "base/assert.h"
#include "traceql/names.h"
#include "traceql/parser_steps.h"

namespace spoor::traceql {
namespace {

// Conjunctions of other languages.
std::string meant_by(const Token& token) {
  bool is_word = token.kind == TokenKind::Word;
  bool is_and = is_word && (token.text == "and" || token.text == "AND");
  bool is_or = is_word && (token.text == "or" || token.text == "OR");
  return is_and ? ", did you mean '&&'?" : is_or ? ", did you mean '||'?" : "";
}

}  // namespace

Result<Query> parse(std::string_view text) {
  SPOOR_TRY(check_text(text));
  return Parser(text).query();
}

Result<FieldExpression> parse_condition(std::string_view text) {
  SPOOR_TRY(check_text(text));
  return Parser(text).whole_condition();
}

Status Parser::advance() {
  previous_ = current_.position;
  SPOOR_ASSIGN(current_, lexer_.next());
  return {};
}

Status Parser::error(Position position, const std::string& message) const {
  return error_at(text_, position, message);
}

Status Parser::expected(std::string_view what) const {
  return error(current_.position, "expected " + std::string(what) + ", got " +
                                      described(current_, text_) + meant_by(current_));
}

Status Parser::expect(TokenKind kind, std::string_view what) {
  if (!at(kind)) return expected(what);
  return advance();
}

Status Parser::expect_closing(TokenKind kind, char closing, Position opening) {
  if (at(kind)) return advance();
  std::string what = "'";
  what += closing;
  what += "' for the '";
  SPOOR_ASSERT(opening.offset < text_.size());
  what += text_[opening.offset];
  return expected(what + "' at " + line_and_column(text_, opening.offset));
}

Status Parser::check_nesting() const {
  if (nesting_ <= kNestingMax) return {};
  return error(current_.position, "query nests too deep");
}

Status Parser::check_height(uint32_t height) const {
  if (height <= kTreeHeightMax) return {};
  return error(previous_, "query nests deeper than " + std::to_string(kTreeHeightMax) + " levels");
}

Result<Query> Parser::query() {
  SPOOR_TRY(advance());
  if (at(TokenKind::End)) return expected("a query such as { span.a = 1 }");
  SPOOR_ASSIGN(auto built, pipeline());
  Query query;
  query.stages = std::move(built.node.stages);
  query.metrics = std::move(built.node.metrics);
  if (built.node.scalar) {
    return error(built.node.scalar->position,
                 "expected a comparison of this value, as in count() > 2, got " +
                     described(current_, text_));
  }
  if (at_word("with")) {
    SPOOR_ASSIGN(query.hints, hints());
  }
  if (at(TokenKind::CloseBrace) || at(TokenKind::CloseParen)) {
    return error(current_.position, described(current_, text_) + " closes nothing");
  }
  if (!at(TokenKind::End)) return expected("'|', an operator or the end of the query");
  return query;
}

Result<FieldExpression> Parser::whole_condition() {
  SPOOR_TRY(advance());
  SPOOR_ASSIGN(auto built, field_expression(kLogicalLevel));
  if (!at(TokenKind::End)) return expected("an operator or the end");
  return std::move(built.node);
}

std::optional<Operator> operator_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::AndAnd:
      return Operator::And;
    case TokenKind::OrOr:
      return Operator::Or;
    case TokenKind::Equal:
      return Operator::Equal;
    case TokenKind::NotEqual:
      return Operator::NotEqual;
    case TokenKind::Less:
      return Operator::Less;
    case TokenKind::LessOrEqual:
      return Operator::LessOrEqual;
    case TokenKind::Greater:
      return Operator::Greater;
    case TokenKind::GreaterOrEqual:
      return Operator::GreaterOrEqual;
    case TokenKind::Matches:
      return Operator::Matches;
    case TokenKind::NotTilde:
      return Operator::DoesNotMatch;
    case TokenKind::Plus:
      return Operator::Add;
    case TokenKind::Minus:
      return Operator::Subtract;
    case TokenKind::Star:
      return Operator::Multiply;
    case TokenKind::Slash:
      return Operator::Divide;
    case TokenKind::Percent:
      return Operator::Modulo;
    case TokenKind::Caret:
      return Operator::Power;
    default:
      return std::nullopt;
  }
}

std::optional<SpansetOperator> spanset_operator_of(TokenKind kind) {
  constexpr std::array<TokenKind, 17> kKinds = {
      TokenKind::OrOr,
      TokenKind::AndAnd,
      TokenKind::Greater,
      TokenKind::GreaterGreater,
      TokenKind::Less,
      TokenKind::LessLess,
      TokenKind::Tilde,
      TokenKind::NotGreater,
      TokenKind::NotGreaterGreater,
      TokenKind::NotLess,
      TokenKind::NotLessLess,
      TokenKind::NotTilde,
      TokenKind::AndGreater,
      TokenKind::AndGreaterGreater,
      TokenKind::AndLess,
      TokenKind::AndLessLess,
      TokenKind::AndTilde,
  };
  auto found = std::find(kKinds.begin(), kKinds.end(), kind);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<SpansetOperator>(found - kKinds.begin());
}

}  // namespace spoor::traceql
