#include "traceql/literal_text.h"

#include <array>
#include <optional>

#include "base/assert.h"
#include "base/utf8.h"
#include "traceql/names.h"

namespace spoor::traceql {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

struct SimpleEscape {
  char letter;
  char byte;
};
constexpr std::array<SimpleEscape, 9> kSimpleEscapes = {{{'a', '\a'},
                                                         {'b', '\b'},
                                                         {'f', '\f'},
                                                         {'n', '\n'},
                                                         {'r', '\r'},
                                                         {'t', '\t'},
                                                         {'v', '\v'},
                                                         {'\\', '\\'},
                                                         {'"', '"'}}};

std::optional<uint32_t> digits_of(std::string_view text, size_t count, uint32_t base) {
  if (text.size() < count) return std::nullopt;
  uint32_t value = 0;
  for (char c : text.substr(0, count)) {
    char small = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    size_t digit = kHexDigits.find(small);
    if (digit >= base) return std::nullopt;
    value = value * base + static_cast<uint32_t>(digit);
  }
  return value;
}

void append_utf8(std::string& out, uint32_t point) {
  auto add = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | point >> 6), add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12), add(0x80 | (point >> 6 & 0x3f)), add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | point >> 18), add(0x80 | (point >> 12 & 0x3f));
    add(0x80 | (point >> 6 & 0x3f)), add(0x80 | (point & 0x3f));
  }
}

Status unknown_escape(std::string_view text) {
  size_t size = text.size() > 1 ? utf8_sequence_size(text.substr(1)) : 0;
  std::string letter(text.substr(1, size));
  return invalid_argument("unknown escape '\\" + letter + "' in a string: write '\\\\" + letter +
                          "', or the string in backticks");
}

// The escape that `text` begins with: appends what it means, returns its bytes.
Result<size_t> read_escape(std::string_view text, std::string& out) {
  char letter = text.size() > 1 ? text[1] : '\0';
  for (const SimpleEscape& escape : kSimpleEscapes) {
    if (escape.letter == letter) {
      out += escape.byte;
      return size_t{2};
    }
  }
  if (letter == 'u' || letter == 'U') {
    size_t count = letter == 'u' ? 4 : 8;
    auto point = digits_of(text.substr(2), count, 16);
    if (!point || *point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000)) {
      return unknown_escape(text);
    }
    append_utf8(out, *point);
    return 2 + count;
  }
  bool is_hex = letter == 'x';
  auto byte = is_hex ? digits_of(text.substr(2), 2, 16) : digits_of(text.substr(1), 3, 8);
  if (!byte || *byte > 0xff) return unknown_escape(text);
  out += static_cast<char>(*byte);
  return size_t{4};
}

Status unterminated(char quote) {
  return invalid_argument(std::string("string has no closing ") + quote);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    char c = text[0];
    size_t size = utf8_sequence_size(text);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (size == 0 || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 0xf];
      size = 1;
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

bool ends_name(char c) {
  return static_cast<unsigned char>(c) <= ' ' ||
         std::string_view("{}()=~!<>&|^,").find(c) != std::string_view::npos;
}

// The quoted part of a name at `at`, which it moves behind the closing quote.
Status read_quoted_part(std::string_view text, size_t& at, std::string& name) {
  SPOOR_ASSERT(text[at] == '"');
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    bool escapes =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (text[at] == '\\' && !escapes) {
      return invalid_argument("in a quoted attribute name only \\\" and \\\\ are escapes");
    }
    if (escapes) ++at;
    name += text[at];
  }
  if (at == text.size()) return invalid_argument("attribute name has no closing \"");
  ++at;
  return {};
}

bool needs_quotes(const Field& field) {
  std::string_view name = field.name;
  if (name.empty()) return true;
  for (char c : name) {
    if (ends_name(c) || c == '"') return true;
  }
  if (field.scope != AttributeScope::None) return false;
  // ".5" is a number, "parent.span.x" names a scope.
  if (field.owner == Owner::Parent) {
    return name.starts_with("span.") || name.starts_with("resource.");
  }
  return name[0] >= '0' && name[0] <= '9';
}

}  // namespace

// In number_text.cc; nothing for literals that are no numbers.
void append_number(std::string& out, const Literal& literal);

Result<ScannedText> scan_string(std::string_view text) {
  SPOOR_ASSERT(!text.empty() && (text[0] == '"' || text[0] == '`'));
  char quote = text[0];
  ScannedText scanned;
  size_t at = 1;
  while (at < text.size() && text[at] != quote) {
    if (quote == '`') {
      if (text[at] != '\r') scanned.value += text[at];
      ++at;
    } else if (text[at] == '\n') {
      return unterminated(quote);
    } else if (text[at] == '\\') {
      SPOOR_ASSIGN(size_t size, read_escape(text.substr(at), scanned.value));
      at += size;
    } else {
      scanned.value += text[at++];
    }
  }
  if (at >= text.size()) return unterminated(quote);
  scanned.size = at + 1;
  return scanned;
}

Result<ScannedText> scan_attribute_name(std::string_view text) {
  ScannedText scanned;
  size_t& at = scanned.size;
  while (at < text.size() && !ends_name(text[at])) {
    if (text[at] == '"') {
      SPOOR_TRY(read_quoted_part(text, at, scanned.value));
    } else {
      scanned.value += text[at++];
    }
  }
  if (at == 0) return invalid_argument("expected the name of an attribute after '.'");
  return scanned;
}

void append_literal(std::string& out, const Literal& literal) {
  if (std::holds_alternative<Nil>(literal)) out += "nil";
  if (const auto* text = std::get_if<std::string>(&literal)) append_string(out, *text);
  if (const auto* flag = std::get_if<bool>(&literal)) out += *flag ? "true" : "false";
  if (const auto* status = std::get_if<StatusCode>(&literal)) out += name_of(*status);
  if (const auto* kind = std::get_if<SpanKind>(&literal)) out += name_of(*kind);
  append_number(out, literal);
}

void append_attribute_name(std::string& out, const Field& field) {
  if (!needs_quotes(field)) {
    out += field.name;
    return;
  }
  out += '"';
  for (char c : field.name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace spoor::traceql
