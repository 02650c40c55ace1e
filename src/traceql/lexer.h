// Text to tokens, one at a time. A token owns what it means (a string without its quotes and
// escapes), knows its place, and the end of the text is a token that repeats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "traceql/literal_text.h"
#include "traceql/tree.h"

namespace spoor::traceql {

// Query text beyond this is refused. Tempo's limit.
constexpr size_t kQueryBytesMax = 128 << 10;

enum class TokenKind : uint8_t {
  End,
  Word,       // true, duration, span:id, count
  Attribute,  // .a, span.a, parent.resource.a
  Text,
  Number,  // and durations
  OpenBrace,
  CloseBrace,
  OpenParen,
  CloseParen,
  Comma,
  Pipe,
  AndAnd,
  OrOr,
  Equal,
  NotEqual,
  Matches,
  Less,
  LessOrEqual,
  LessLess,
  Greater,
  GreaterOrEqual,
  GreaterGreater,
  Tilde,
  NotTilde,  // "does not match", and "not a sibling" between spansets
  NotLess,
  NotLessLess,
  NotGreater,
  NotGreaterGreater,
  AndLess,
  AndLessLess,
  AndGreater,
  AndGreaterGreater,
  AndTilde,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Caret,
  Not,
};

struct Token {
  TokenKind kind = TokenKind::End;
  Position position;
  std::string text;        // a word, a string's value, an attribute's name
  AttributeScope scope{};  // of an attribute
  Owner owner{};           // of an attribute
  ScannedNumber number;    // of a number
};

class Lexer {
 public:
  // The text outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  // InvalidArgument with line, column and, where there is a likely one, what was meant.
  Result<Token> next();

  std::string_view text() const { return text_; }

 private:
  Status skip_blanks();
  Status error(size_t offset, const std::string& message) const;
  Status unknown_character() const;
  Result<Token> word();
  Result<Token> attribute(size_t prefix_bytes, AttributeScope scope, Owner owner);
  Result<Token> symbol();

  std::string_view text_;
  size_t at_ = 0;
};

// InvalidArgument if the text is longer than kQueryBytesMax, no valid UTF-8, or has a NUL.
Status check_text(std::string_view text);

// As it stands in an error: "'&&'", "the string \"x\"", "the end of the query".
std::string described(const Token& token, std::string_view text);

}  // namespace spoor::traceql
