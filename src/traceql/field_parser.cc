#include <limits>

#include "traceql/names.h"
#include "traceql/parser_steps.h"

namespace spoor::traceql {

std::optional<Operator> Parser::field_operator() const {
  return operator_of(current_.kind);
}

// Takes operators of `level` and above.
Result<Built<FieldExpression>> Parser::field_expression(int level) {
  Deeper deeper(*this, 1);
  SPOOR_TRY(check_nesting());
  SPOOR_ASSIGN(auto left, field_operand());
  bool is_chain = false;
  while (true) {
    std::optional<Operator> op = field_operator();
    if (!op || level_of(*op) < level) break;
    SPOOR_TRY(advance());
    bool to_the_right = *op == Operator::Power;
    SPOOR_ASSIGN(auto right, field_expression(level_of(*op) + (to_the_right ? 0 : 1)));
    SPOOR_TRY(append_operand(left, *op, std::move(right), is_chain));
  }
  return left;
}

// "a && b && c" is one operation of three operands, "(a && b) && c" one of two: is_chain says
// that `left` is an operation that was written without parentheses around it.
Status Parser::append_operand(Built<FieldExpression>& left, Operator op,
                              Built<FieldExpression> right, bool& is_chain) {
  bool is_logical = op == Operator::And || op == Operator::Or;
  if (is_chain && is_logical && left.node.op == op) {
    left.height = std::max(left.height, right.height + 1);
    left.node.position = joined(left.node.position, right.node.position);
    left.node.operands.push_back(std::move(right.node));
  } else {
    left.height = std::max(left.height, right.height) + 1;
    std::vector<FieldExpression> operands;
    operands.push_back(std::move(left.node));
    operands.push_back(std::move(right.node));
    left.node = FieldExpression::operation(op, std::move(operands));
  }
  is_chain = true;
  return check_height(left.height);
}

Result<Built<FieldExpression>> Parser::field_operand() {
  Position first = current_.position;
  switch (current_.kind) {
    case TokenKind::OpenParen: {
      SPOOR_TRY(advance());
      SPOOR_ASSIGN(auto built, field_expression(kLogicalLevel));
      SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', first));
      built.node.position = since(first);
      return built;
    }
    case TokenKind::Not:
    case TokenKind::Minus:
      return unary_field_operand();
    case TokenKind::Attribute: {
      SPOOR_ASSIGN(Field found, field());
      return Built<FieldExpression>{FieldExpression::of(std::move(found))};
    }
    case TokenKind::Word:
      return field_word();
    case TokenKind::Text:
    case TokenKind::Number: {
      FieldExpression node;
      if (at(TokenKind::Text)) {
        node.literal = std::move(current_.text);
        SPOOR_TRY(advance());
      } else {
        SPOOR_ASSIGN(node.literal, number());
      }
      node.position = since(first);
      return Built<FieldExpression>{std::move(node)};
    }
    case TokenKind::CloseBrace:
    case TokenKind::CloseParen:
    case TokenKind::End:
      return expected("an attribute, an intrinsic or a value");
    default:
      if (field_operator()) return expected("an attribute, an intrinsic or a value");
      if (spanset_operator_of(current_.kind)) {
        return error(current_.position,
                     described(current_, text_) + " stands between spansets, not inside of braces");
      }
      return expected("an attribute, an intrinsic or a value");
  }
}

// "-1" is a literal; "!" takes products, which bind more strongly than it does.
Result<Built<FieldExpression>> Parser::unary_field_operand() {
  Position first = current_.position;
  bool is_not = at(TokenKind::Not);
  if (!is_not) {
    Lexer ahead = lexer_;
    SPOOR_ASSIGN(Token after, ahead.next());
    if (after.kind == TokenKind::Number) {
      FieldExpression node;
      SPOOR_ASSIGN(node.literal, number());
      node.position = since(first);
      return Built<FieldExpression>{std::move(node)};
    }
  }
  SPOOR_TRY(advance());
  SPOOR_ASSIGN(auto built, field_expression(is_not ? kNotLevel + 1 : kNegateLevel));
  uint32_t height = built.height + 1;
  SPOOR_TRY(check_height(height));
  std::vector<FieldExpression> operands;
  operands.push_back(std::move(built.node));
  auto node =
      FieldExpression::operation(is_not ? Operator::Not : Operator::Negate, std::move(operands));
  node.position = since(first);
  return Built<FieldExpression>{std::move(node), height};
}

Result<Built<FieldExpression>> Parser::field_word() {
  if (intrinsic_named(current_.text)) {
    SPOOR_ASSIGN(Field found, field());
    return Built<FieldExpression>{FieldExpression::of(std::move(found))};
  }
  auto literal = literal_named(current_.text);
  if (!literal) return unknown_word();
  auto node = FieldExpression::of(std::move(*literal));
  node.position = current_.position;
  SPOOR_TRY(advance());
  return Built<FieldExpression>{std::move(node)};
}

Status Parser::unknown_word() const {
  std::string name = described(current_, text_);
  if (aggregate_named(current_.text) || metrics_function_named(current_.text)) {
    return error(current_.position, name + " stands after the braces, as in { } | " +
                                        current_.text +
                                        (aggregate_named(current_.text) ? "() > 2" : "()"));
  }
  if (std::string meant = near_miss(current_.text, value_words()); !meant.empty()) {
    return error(current_.position, "unknown intrinsic " + name + meant);
  }
  if (current_.text.find(':') != std::string::npos) {
    return error(current_.position, "unknown intrinsic " + name);
  }
  std::string bare = name.substr(1, name.size() - 2);
  return error(current_.position, "unknown name " + name + ": an attribute is written '." + bare +
                                      "' or 'span." + bare + "', a string \"" + bare + "\"");
}

Result<Field> Parser::field() {
  Field found;
  found.position = current_.position;
  if (at(TokenKind::Attribute)) {
    found.kind = Field::Kind::Attribute;
    found.scope = current_.scope;
    found.owner = current_.owner;
    found.name = std::move(current_.text);
  } else if (at(TokenKind::Word)) {
    auto intrinsic = intrinsic_named(current_.text);
    if (!intrinsic && literal_named(current_.text)) return expected("an attribute or intrinsic");
    if (!intrinsic) return unknown_word();
    found.intrinsic = *intrinsic;
  } else {
    return expected("an attribute or intrinsic");
  }
  SPOOR_TRY(advance());
  return found;
}

Result<std::vector<Field>> Parser::fields_in_parentheses() {
  Position opening = current_.position;
  SPOOR_TRY(expect(TokenKind::OpenParen, "'('"));
  std::vector<Field> fields;
  while (true) {
    SPOOR_ASSIGN(Field next, field());
    fields.push_back(std::move(next));
    if (!at(TokenKind::Comma)) break;
    SPOOR_TRY(advance());
  }
  SPOOR_TRY(expect_closing(TokenKind::CloseParen, ')', opening));
  return fields;
}

Result<Literal> Parser::number() {
  Position first = current_.position;
  bool negative = at(TokenKind::Minus);
  if (negative) SPOOR_TRY(advance());
  if (!at(TokenKind::Number)) return expected("a number");
  ScannedNumber scanned = current_.number;
  SPOOR_TRY(advance());
  if (scanned.kind == ScannedNumber::Kind::Float) {
    return Literal(negative ? -scanned.value : scanned.value);
  }
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!negative && scanned.magnitude > kMax) {
    return error(since(first), "number does not fit in 64 bits");
  }
  uint64_t bits = negative ? 0 - scanned.magnitude : scanned.magnitude;
  auto value = static_cast<int64_t>(bits);
  if (scanned.kind == ScannedNumber::Kind::Duration) return Literal(Duration{value});
  return Literal(value);
}

}  // namespace spoor::traceql
