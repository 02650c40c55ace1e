#include "traceql/lexer.h"

#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/utf8.h"
#include "traceql/names.h"

namespace spoor::traceql {
namespace {

struct Symbol {
  std::string_view text;
  TokenKind kind;
};
// A longer symbol stands before those that it begins with.
constexpr std::array<Symbol, 35> kSymbols = {{
    {"!>>", TokenKind::NotGreaterGreater},
    {"!<<", TokenKind::NotLessLess},
    {"&>>", TokenKind::AndGreaterGreater},
    {"&<<", TokenKind::AndLessLess},
    {"&&", TokenKind::AndAnd},
    {"||", TokenKind::OrOr},
    {"!=", TokenKind::NotEqual},
    {"=~", TokenKind::Matches},
    {"!~", TokenKind::NotTilde},
    {"!>", TokenKind::NotGreater},
    {"!<", TokenKind::NotLess},
    {"&>", TokenKind::AndGreater},
    {"&<", TokenKind::AndLess},
    {"&~", TokenKind::AndTilde},
    {">=", TokenKind::GreaterOrEqual},
    {"<=", TokenKind::LessOrEqual},
    {">>", TokenKind::GreaterGreater},
    {"<<", TokenKind::LessLess},
    {">", TokenKind::Greater},
    {"<", TokenKind::Less},
    {"=", TokenKind::Equal},
    {"!", TokenKind::Not},
    {"~", TokenKind::Tilde},
    {"|", TokenKind::Pipe},
    {"{", TokenKind::OpenBrace},
    {"}", TokenKind::CloseBrace},
    {"(", TokenKind::OpenParen},
    {")", TokenKind::CloseParen},
    {",", TokenKind::Comma},
    {"+", TokenKind::Plus},
    {"-", TokenKind::Minus},
    {"*", TokenKind::Star},
    {"/", TokenKind::Slash},
    {"%", TokenKind::Percent},
    {"^", TokenKind::Caret},
}};

constexpr std::array<std::string_view, 7> kScopeWords = {
    "span", "resource", "event", "link", "instrumentation", "parent", "trace"};

// What of a text is quoted in an error.
constexpr size_t kQuotedBytesMax = 64;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string shortened(std::string_view text) {
  if (text.size() <= kQuotedBytesMax) return std::string(text);
  size_t size = kQuotedBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return std::string(text.substr(0, size)) + "...";
}

}  // namespace

Status check_text(std::string_view text) {
  if (text.size() > kQueryBytesMax) {
    return invalid_argument("query of " + std::to_string(text.size()) + " bytes, allowed are " +
                            std::to_string(kQueryBytesMax));
  }
  for (size_t at = 0; at < text.size();) {
    size_t size = utf8_sequence_size(text.substr(at));
    if (size == 0) {
      return invalid_argument(line_and_column(text, static_cast<uint32_t>(at)) +
                              ": query is not valid UTF-8");
    }
    if (text[at] == '\0') {
      return invalid_argument(line_and_column(text, static_cast<uint32_t>(at)) +
                              ": query has a NUL byte");
    }
    at += size;
  }
  return {};
}

std::string described(const Token& token, std::string_view text) {
  if (token.kind == TokenKind::End) return "the end of the query";
  std::string source = shortened(text.substr(token.position.offset, token.position.length));
  if (token.kind == TokenKind::Text) return "the string " + source;
  return "'" + source + "'";
}

Status Lexer::error(size_t offset, const std::string& message) const {
  return error_at(text_, {static_cast<uint32_t>(offset), 0}, message);
}

// White space, "// to the end of the line" and "/* what stands between */".
Status Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (text_.substr(at_).starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (text_.substr(at_).starts_with("/*")) {
      size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) return error(at_, "comment has no closing '*/'");
      at_ = end + 2;
    } else {
      break;
    }
  }
  return {};
}

Result<Token> Lexer::next() {
  SPOOR_TRY(skip_blanks());
  size_t begin = at_;
  Token token;
  token.position = {static_cast<uint32_t>(begin), 0};
  if (at_ == text_.size()) return token;
  std::string_view rest = text_.substr(at_);
  char first = rest[0];
  bool is_number = is_digit(first) || (first == '.' && rest.size() > 1 && is_digit(rest[1]));
  if (begins_word(first)) return word();
  if (is_number) {
    auto scanned = scan_number(rest);
    if (!scanned.ok()) return error(begin, scanned.status().message());
    token.kind = TokenKind::Number;
    token.number = *scanned;
    at_ += scanned->size;
  } else if (first == '.') {
    return attribute(1, AttributeScope::None, Owner::Self);
  } else if (first == '"' || first == '`') {
    auto scanned = scan_string(rest);
    if (!scanned.ok()) return error(begin, scanned.status().message());
    token.kind = TokenKind::Text;
    token.text = std::move(scanned->value);
    at_ += scanned->size;
  } else {
    return symbol();
  }
  SPOOR_ASSERT(at_ > begin && at_ <= text_.size());
  token.position.length = static_cast<uint32_t>(at_ - begin);
  return token;
}

// A word, an intrinsic with its scope ("span:id"), or an attribute whose scope is the word.
Result<Token> Lexer::word() {
  size_t end = at_;
  auto to_end_of_word = [&] {
    while (end < text_.size() && (begins_word(text_[end]) || is_digit(text_[end]))) ++end;
  };
  to_end_of_word();
  std::string_view name = text_.substr(at_, end - at_);
  if (end < text_.size() && text_[end] == '.') {
    size_t prefix = name.size() + 1;
    if (auto scope = scope_named(name)) return attribute(prefix, *scope, Owner::Self);
    if (name == "parent") {
      std::string_view rest = text_.substr(end + 1);
      if (rest.starts_with("span."))
        return attribute(prefix + 5, AttributeScope::Span, Owner::Parent);
      if (rest.starts_with("resource.")) {
        return attribute(prefix + 9, AttributeScope::Resource, Owner::Parent);
      }
      return attribute(prefix, AttributeScope::None, Owner::Parent);
    }
    std::string meant = near_miss(name, kScopeWords);
    if (meant.empty()) {
      auto rest = scan_attribute_name(text_.substr(at_));
      std::string whole = shortened(text_.substr(at_, rest.ok() ? rest->size : name.size()));
      meant = ": an attribute is written '." + whole + "' or 'span." + whole + "'";
    }
    return error(at_, "unknown scope '" + shortened(name) + "'" + meant);
  }
  if (end + 1 < text_.size() && text_[end] == ':' && begins_word(text_[end + 1])) {
    ++end;
    to_end_of_word();
  }
  Token token;
  token.kind = TokenKind::Word;
  token.position = {static_cast<uint32_t>(at_), static_cast<uint32_t>(end - at_)};
  token.text = std::string(text_.substr(at_, end - at_));
  at_ = end;
  return token;
}

Result<Token> Lexer::attribute(size_t prefix_bytes, AttributeScope scope, Owner owner) {
  auto scanned = scan_attribute_name(text_.substr(at_ + prefix_bytes));
  if (!scanned.ok()) return error(at_ + prefix_bytes, scanned.status().message());
  Token token;
  token.kind = TokenKind::Attribute;
  token.position = {static_cast<uint32_t>(at_),
                    static_cast<uint32_t>(prefix_bytes + scanned->size)};
  token.text = std::move(scanned->value);
  token.scope = scope;
  token.owner = owner;
  at_ += prefix_bytes + scanned->size;
  return token;
}

Result<Token> Lexer::symbol() {
  std::string_view rest = text_.substr(at_);
  if (rest.starts_with("==")) return error(at_, "unknown operator '==', did you mean '='?");
  for (const Symbol& symbol : kSymbols) {
    if (!rest.starts_with(symbol.text)) continue;
    Token token;
    token.kind = symbol.kind;
    token.position = {static_cast<uint32_t>(at_), static_cast<uint32_t>(symbol.text.size())};
    at_ += symbol.text.size();
    return token;
  }
  return unknown_character();
}

Status Lexer::unknown_character() const {
  std::string_view rest = text_.substr(at_);
  switch (rest[0]) {
    case '\'':
      return error(at_, "a string is written in double quotes or backticks, not in '");
    case '&':
      return error(at_, "unknown operator '&', did you mean '&&'?");
    case '[':
      return error(at_, "TraceQL has no lists, join comparisons with '||'");
    default:
      return error(at_, "unexpected character '" +
                            std::string(rest.substr(0, utf8_sequence_size(rest))) + "'");
  }
}

}  // namespace spoor::traceql
