// The one JSON writer: appends to a string, keeps commas right, escapes what RFC 8259 demands.
//
//   JsonWriter json(out);
//   json.begin_object();
//   json.key("name"), json.string("x");
//   json.end_object();
//
// Bytes that are not valid UTF-8 come out as U+FFFD, so the output is always valid JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spoor {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& target) : target_(target) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // The key of the next value inside an object.
  struct Key {
    // Of a literal the compiler checks that it needs no escaping.
    template <size_t size>
    consteval Key(const char (&literal)[size])  // NOLINT: keys are written as they are
        : text(literal, size - 1), is_plain(true) {
      for (char c : text) {
        if (c < 0x20 || c == '"' || c == '\\') throw "a key that needs escaping";
      }
    }
    Key(std::string_view any) : text(any), is_plain(false) {}    // NOLINT
    Key(const std::string& any) : text(any), is_plain(false) {}  // NOLINT
    std::string_view text;
    bool is_plain;
  };
  void key(Key name);

  void string(std::string_view value);
  void number(int64_t value);
  void number_unsigned(uint64_t value);
  // Shortest text that reads back equal. JSON has no NaN and infinities: these are written as
  // the strings "NaN", "Infinity", "-Infinity", as protobuf's JSON mapping does.
  void number(double value);
  void boolean(bool value);  // NOLINT: the value is the boolean
  void null();

  // 64-bit integers as decimal strings, as protobuf's JSON mapping writes them.
  void decimal_string(int64_t value);
  void decimal_string_unsigned(uint64_t value);

  // Quoted text that needs no escaping (hex, base64): the caller vouches for it.
  void plain_string(std::string_view value);

  // Text that is already JSON: a value.
  void raw(std::string_view json);
  // The same of the front of one, up to where a value is due.
  void front(std::string_view json);

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  char* append(size_t bytes);

  std::string& target_;
  bool needs_comma_ = false;
};

}  // namespace spoor
