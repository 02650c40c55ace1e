#include "traceql/lenient.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "traceql/check.h"
#include "traceql/parser.h"

namespace spoor::traceql {
namespace {

struct Piece {
  TokenKind kind;
  Position position;
};

// A condition and the levels of its tree; nothing if it is unknown.
struct Known {
  std::optional<FieldExpression> condition;
  uint32_t height = 0;
  bool is_chain = false;  // made of operands that may take more of the same operator
};

uint32_t height_of(const FieldExpression& node) {
  uint32_t height = 0;
  for (const FieldExpression& operand : node.operands) {
    height = std::max(height, height_of(operand));
  }
  return height + 1;
}

// Up to where tokens can be read; what follows is one piece that no parser takes.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  Lexer lexer(text);
  uint32_t end = 0;
  while (true) {
    auto token = lexer.next();
    if (!token.ok()) {
      pieces.push_back({TokenKind::Text, {end, static_cast<uint32_t>(text.size()) - end}});
      return pieces;
    }
    if (token->kind == TokenKind::End) return pieces;
    pieces.push_back({token->kind, token->position});
    end = token->position.offset + token->position.length;
  }
}

class LenientReader {
 public:
  explicit LenientReader(std::string_view text) : text_(text), pieces_(pieces_of(text)) {}

  std::optional<FieldExpression> filter();

 private:
  Known chain(size_t end, uint32_t depth);
  Known operand(size_t end, uint32_t depth);
  Known complete(size_t begin, size_t end) const;
  Known opened(size_t begin, size_t end, uint32_t depth);
  static Known joined(Known left, Operator op, Known right);

  std::string_view text_;
  std::vector<Piece> pieces_;
  size_t at_ = 0;
};

std::optional<FieldExpression> LenientReader::filter() {
  if (pieces_.empty() || pieces_[0].kind != TokenKind::OpenBrace) return std::nullopt;
  size_t end = 1;
  while (end < pieces_.size() && pieces_[end].kind != TokenKind::CloseBrace) ++end;
  bool is_alone = end + 1 >= pieces_.size() || pieces_[end + 1].kind == TokenKind::Pipe;
  if (!is_alone) return std::nullopt;
  at_ = 1;
  Known known = chain(end, 1);
  if (at_ != end) return std::nullopt;  // a parenthesis closes what was not opened
  return std::move(known.condition);
}

// Operands with && and || between them, which are equals and bind to the left.
Known LenientReader::chain(size_t end, uint32_t depth) {
  Known left = operand(end, depth);
  while (at_ < end &&
         (pieces_[at_].kind == TokenKind::AndAnd || pieces_[at_].kind == TokenKind::OrOr)) {
    Operator op = pieces_[at_].kind == TokenKind::AndAnd ? Operator::And : Operator::Or;
    ++at_;
    left = joined(std::move(left), op, operand(end, depth));
  }
  return left;
}

// An unknown side is true: it takes nothing from an And and leaves nothing of an Or.
Known LenientReader::joined(Known left, Operator op, Known right) {
  left.is_chain = left.is_chain && left.condition && left.condition->op == op;
  if (!left.condition || !right.condition) {
    if (op == Operator::Or) return {};
    Known& side = left.condition ? left : right;
    return std::move(side);
  }
  if (left.is_chain) {
    left.height = std::max(left.height, right.height + 1);
    left.condition->operands.push_back(std::move(*right.condition));
  } else {
    left.height = std::max(left.height, right.height) + 1;
    std::vector<FieldExpression> operands;
    operands.push_back(std::move(*left.condition));
    operands.push_back(std::move(*right.condition));
    left.condition = FieldExpression::operation(op, std::move(operands));
    left.is_chain = true;
  }
  if (left.height >= kTreeHeightMax) return {};
  return left;
}

// All up to the next && or || outside of parentheses.
Known LenientReader::operand(size_t end, uint32_t depth) {
  size_t begin = at_;
  size_t open = 0;
  for (; at_ < end; ++at_) {
    TokenKind kind = pieces_[at_].kind;
    bool is_end =
        kind == TokenKind::AndAnd || kind == TokenKind::OrOr || kind == TokenKind::CloseParen;
    if (open == 0 && is_end) break;
    if (kind == TokenKind::OpenParen) ++open;
    if (kind == TokenKind::CloseParen) --open;
  }
  size_t stop = at_;
  if (begin == stop) return {};
  Known known = open == 0 ? complete(begin, stop) : Known();
  bool is_group = pieces_[begin].kind == TokenKind::OpenParen;
  if (known.condition || !is_group || depth == kTreeHeightMax) return known;
  known = opened(begin, stop, depth);
  at_ = stop;
  return known;
}

Known LenientReader::complete(size_t begin, size_t end) const {
  uint32_t first = pieces_[begin].position.offset;
  Position last = pieces_[end - 1].position;
  std::string_view source = text_.substr(first, last.offset + last.length - first);
  auto parsed = parse_condition(source);
  if (!parsed.ok() || !check(*parsed, source).ok()) return {};
  if (parsed->kind == FieldExpression::Kind::Field) return {};  // its comparison is to come
  uint32_t height = height_of(*parsed);
  return {std::move(*parsed), height, false};
}

// A group whose inside is not complete: what is known of that.
Known LenientReader::opened(size_t begin, size_t end, uint32_t depth) {
  SPOOR_ASSERT(begin < end && end <= pieces_.size());
  bool is_closed = pieces_[end - 1].kind == TokenKind::CloseParen;
  size_t inner_end = end;
  for (size_t open = 1, i = begin + 1; is_closed && i < end; ++i) {
    if (pieces_[i].kind == TokenKind::OpenParen) ++open;
    if (pieces_[i].kind == TokenKind::CloseParen && --open == 0) {
      inner_end = i;
      break;
    }
  }
  if (inner_end + 1 < end) return {};  // something is done with the group
  at_ = begin + 1;
  Known known = chain(inner_end, depth + 1);
  if (at_ != inner_end) return {};
  known.is_chain = false;
  return known;
}

}  // namespace

Result<FieldExpression> known_condition(std::string_view text) {
  SPOOR_TRY(check_text(text));
  auto known = LenientReader(text).filter();
  return known ? std::move(*known) : FieldExpression::of(true);
}

}  // namespace spoor::traceql
