#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/utf8.h"

namespace spoor {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

constexpr uint64_t every_byte(uint64_t byte) {
  return byte * 0x0101010101010101;
}

// Whether all eight bytes are plain: a byte's high bit comes out set if it is not ASCII, or if
// taking 0x20 from it, or 1 from its difference to a quote or backslash, borrows.
bool all_plain(uint64_t bytes) {
  uint64_t quote = bytes ^ every_byte('"'), backslash = bytes ^ every_byte('\\');
  uint64_t odd =
      bytes | (bytes - every_byte(0x20)) | (quote - every_byte(1)) | (backslash - every_byte(1));
  return (odd & every_byte(0x80)) == 0;
}

// How many bytes from the front are plain.
size_t plain_prefix(std::string_view text) {
  size_t at = 0;
  for (uint64_t bytes; at + sizeof bytes <= text.size(); at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (!all_plain(bytes)) break;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

// Where the copy ends.
char* copy(std::string_view text, char* target) {
  if (!text.empty()) std::memcpy(target, text.data(), text.size());
  return target + text.size();
}

void append_escaped(std::string& target, char byte) {
  switch (byte) {
    case '"':
      target.append("\\\"");
      return;
    case '\\':
      target.append("\\\\");
      return;
    case '\n':
      target.append("\\n");
      return;
    case '\r':
      target.append("\\r");
      return;
    case '\t':
      target.append("\\t");
      return;
    default: {
      constexpr char kDigits[] = "0123456789abcdef";
      target.append("\\u00");
      target.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
      target.push_back(kDigits[byte & 15]);
    }
  }
}

template <typename T>
void append_number(std::string& target, T value) {
  char text[40];
  auto end = std::to_chars(text, text + sizeof text, value).ptr;
  target.append(text, static_cast<size_t>(end - text));
}

}  // namespace

// Makes room for `bytes` and a comma before them if one is due.
char* JsonWriter::append(size_t bytes) {
  const size_t size = target_.size();
  target_.resize(size + needs_comma_ + bytes);
  char* at = target_.data() + size;
  if (needs_comma_) *at++ = ',';
  needs_comma_ = true;
  return at;
}

void JsonWriter::separate() {
  if (needs_comma_) target_.push_back(',');
  needs_comma_ = true;
}

void JsonWriter::open(char bracket) {
  *append(1) = bracket;
  needs_comma_ = false;
}

void JsonWriter::close(char bracket) {
  target_.push_back(bracket);
  needs_comma_ = true;
}

void JsonWriter::key(Key name) {
  if (name.is_plain) {
    char* at = append(name.text.size() + 3);
    *at++ = '"';
    at = copy(name.text, at);
    *at++ = '"';
    *at = ':';
  } else {
    string(name.text);
    target_.push_back(':');
  }
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view value) {
  size_t run = plain_prefix(value);
  if (run == value.size()) return plain_string(value);
  separate();
  target_.push_back('"');
  target_.append(value.substr(0, run));
  for (size_t at = run; at < value.size();) {
    if (static_cast<unsigned char>(value[at]) < 0x80) {
      append_escaped(target_, value[at++]);
    } else {
      size_t size = utf8_sequence_size(value.substr(at));
      target_.append(size > 0 ? value.substr(at, size) : kReplacement);
      at += size > 0 ? size : 1;
    }
    run = plain_prefix(value.substr(at));
    target_.append(value.substr(at, run));
    at += run;
  }
  target_.push_back('"');
}

void JsonWriter::number(int64_t value) {
  separate();
  append_number(target_, value);
}

void JsonWriter::number_unsigned(uint64_t value) {
  separate();
  append_number(target_, value);
}

void JsonWriter::number(double value) {
  if (std::isnan(value)) return plain_string("NaN");
  if (std::isinf(value)) return plain_string(value > 0 ? "Infinity" : "-Infinity");
  separate();
  append_number(target_, value);
}

void JsonWriter::boolean(bool value) {
  raw(value ? "true" : "false");
}

void JsonWriter::null() {
  raw("null");
}

void JsonWriter::decimal_string(int64_t value) {
  separate();
  target_.push_back('"');
  append_number(target_, value);
  target_.push_back('"');
}

void JsonWriter::decimal_string_unsigned(uint64_t value) {
  separate();
  target_.push_back('"');
  append_number(target_, value);
  target_.push_back('"');
}

void JsonWriter::plain_string(std::string_view value) {
  char* at = append(value.size() + 2);
  *at++ = '"';
  at = copy(value, at);
  *at = '"';
}

void JsonWriter::raw(std::string_view json) {
  copy(json, append(json.size()));
}

void JsonWriter::front(std::string_view json) {
  raw(json);
  needs_comma_ = false;
}

}  // namespace spoor
