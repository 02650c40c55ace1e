#include "base/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace spoor {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
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

void JsonWriter::separate() {
  if (needs_comma_) target_.push_back(',');
  needs_comma_ = true;
}

void JsonWriter::open(char bracket) {
  separate();
  target_.push_back(bracket);
  needs_comma_ = false;
}

void JsonWriter::close(char bracket) {
  target_.push_back(bracket);
  needs_comma_ = true;
}

void JsonWriter::key(std::string_view name) {
  string(name);
  target_.push_back(':');
  needs_comma_ = false;
}

void JsonWriter::string(std::string_view value) {
  separate();
  target_.push_back('"');
  size_t at = 0;
  while (at < value.size()) {
    size_t run = at;
    while (run < value.size() && is_plain(static_cast<unsigned char>(value[run]))) ++run;
    target_.append(value.substr(at, run - at));
    at = run;
    if (at == value.size()) break;
    if (static_cast<unsigned char>(value[at]) < 0x80) {
      append_escaped(target_, value[at++]);
      continue;
    }
    size_t size = utf8_sequence_size(value.substr(at));
    target_.append(size > 0 ? value.substr(at, size) : kReplacement);
    at += size > 0 ? size : 1;
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
  separate();
  target_.push_back('"');
  target_.append(value);
  target_.push_back('"');
}

void JsonWriter::raw(std::string_view json) {
  separate();
  target_.append(json);
}

}  // namespace spoor
