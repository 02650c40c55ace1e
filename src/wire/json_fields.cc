#include "wire/json_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/utf8.h"

namespace spoor::wire {
namespace {

// A copy in which integers too long for 64 bits are floats ("e0" appended). JavaScript and Go write
// doubles up to 1e21 without an exponent; the parser refuses such numbers as integers.
std::string with_wide_integers_as_floats(std::string_view json) {
  constexpr size_t kSafeDigits = 18;
  std::string out;
  bool in_string = false;
  for (size_t at = 0; at < json.size(); ++at) {
    char c = json[at];
    if (in_string) {
      out.push_back(c);
      if (c == '\\' && at + 1 < json.size()) out.push_back(json[++at]);
      in_string = c != '"';
      continue;
    }
    size_t end = json.find_first_not_of("+-.eE0123456789", at);
    std::string_view number = json.substr(at, end - at);
    out.append(number.empty() ? json.substr(at, 1) : number);
    in_string = c == '"';
    if (number.empty()) continue;
    if (number.size() > kSafeDigits && number.find_first_of(".eE") == std::string_view::npos) {
      out.append("e0");
    }
    at += number.size() - 1;
  }
  return out;
}

// The number that \uXXXX at `at` stands for, -1 if there is none.
int unicode_escape(std::string_view json, size_t at) {
  if (json.size() < at + 6 || json.substr(at, 2) != "\\u") return -1;
  unsigned number = 0;
  const char* digits = json.data() + at + 2;
  auto result = std::from_chars(digits, digits + 4, number, 16);
  return result.ptr == digits + 4 ? static_cast<int>(number) : -1;
}

// A copy in which escapes of half a surrogate pair are U+FFFD. JavaScript's strings are UTF-16 and
// may be cut in the middle of a pair; JSON.stringify() then writes the half.
std::string with_whole_surrogates(std::string_view json) {
  constexpr size_t kEscapeBytes = 6;
  std::string out;
  out.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    if (json[at] != '\\') {
      out.push_back(json[at++]);
      continue;
    }
    int number = unicode_escape(json, at);
    int next = unicode_escape(json, at + kEscapeBytes);
    bool is_low = number >= 0xdc00 && number <= 0xdfff;
    bool is_high = number >= 0xd800 && number <= 0xdbff;
    bool is_pair = is_high && next >= 0xdc00 && next <= 0xdfff;
    size_t size = is_pair ? 2 * kEscapeBytes : number >= 0 ? kEscapeBytes : 2;
    if (is_low || (is_high && !is_pair)) {
      out.append("\\ufffd");
    } else {
      out.append(json.substr(at, size));
    }
    at += size;
  }
  return out;
}

Status parse_failure(simdjson::error_code code, std::string_view json, uint32_t depth_max) {
  std::string size = std::to_string(json.size()) + " bytes";
  std::string reason = simdjson::error_message(code);
  if (code == simdjson::MEMALLOC) return resource_exhausted("no memory to parse json of " + size);
  if (code == simdjson::DEPTH_ERROR) {
    reason = "nested deeper than " + std::to_string(depth_max) + " levels";
  } else if (code == simdjson::UTF8_ERROR) {
    size_t at = 0;
    while (at < json.size()) {
      size_t sequence = utf8_sequence_size(json.substr(at));
      if (sequence == 0) break;
      at += sequence;
    }
    reason = "not utf-8 at byte " + std::to_string(at);
  }
  return invalid_argument("malformed json of " + size + ": " + reason);
}

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

// A float with an integral value within the range of T: "1e3", 5.0.
template <typename T>
std::optional<T> integral_value(double number) {
  double low = static_cast<double>(std::numeric_limits<T>::min());
  double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (!(number >= low && number < beyond) || number != std::trunc(number)) return std::nullopt;
  return static_cast<T>(number);
}

template <typename T>
std::optional<T> integer_of(JsonElement element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    if (auto whole = parse_whole<T>(text)) return whole;
    // Plain digits beyond the range must not come back within it as a rounded float.
    if (text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
    auto number = parse_whole<double>(text);
    return number ? integral_value<T>(*number) : std::nullopt;
  }
  uint64_t u = 0;
  if (element.is_uint64() && element.get(u) == simdjson::SUCCESS) {
    if (u > static_cast<uint64_t>(std::numeric_limits<T>::max())) return std::nullopt;
    return static_cast<T>(u);
  }
  int64_t i = 0;
  if (element.is_int64() && element.get(i) == simdjson::SUCCESS) {
    if (i < 0 && std::numeric_limits<T>::min() == 0) return std::nullopt;
    if (i >= 0 && static_cast<uint64_t>(i) > static_cast<uint64_t>(std::numeric_limits<T>::max())) {
      return std::nullopt;
    }
    if (i < 0 && i < static_cast<int64_t>(std::numeric_limits<T>::min())) return std::nullopt;
    return static_cast<T>(i);
  }
  double number = 0;
  if (element.is_double() && element.get(number) == simdjson::SUCCESS) {
    return integral_value<T>(number);
  }
  return std::nullopt;
}

std::string_view describe_type(JsonElement element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::string describe_value(JsonElement element) {
  constexpr size_t kShownBytes = 40;
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::string(describe_type(element));
  std::string shown = "\"" + std::string(text.substr(0, kShownBytes)) + "\"";
  return text.size() > kShownBytes ? shown + "..." : shown;
}

}  // namespace

Status parse_json(std::string_view json, uint32_t depth_max, simdjson::dom::parser& parser,
                  JsonElement& root) {
  constexpr size_t kCapacityMin = 64;
  // The parser refuses the level of the number it is given; empty objects and lists are free.
  simdjson::error_code code = parser.allocate(std::max(json.size(), kCapacityMin), depth_max + 1);
  if (code != simdjson::SUCCESS) return parse_failure(code, json, depth_max);
  code = parser.parse(json.data(), json.size()).get(root);
  // What senders write and the parser refuses; a body may have both.
  std::string mended;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (code == simdjson::NUMBER_ERROR) {
      mended = with_wide_integers_as_floats(attempt == 0 ? json : mended);
    } else if (code == simdjson::STRING_ERROR) {
      mended = with_whole_surrogates(attempt == 0 ? json : mended);
    } else {
      break;
    }
    code = parser.parse(mended).get(root);
  }
  if (code != simdjson::SUCCESS) return parse_failure(code, json, depth_max);
  return {};
}

bool JsonReader::text(const JsonField& field, std::string_view& target) {
  if (!field.present) return true;
  return field.value.get(target) == simdjson::SUCCESS || wrong(field, "a string");
}

bool JsonReader::boolean(const JsonField& field, bool& target) {
  if (!field.present) return true;
  return field.value.get(target) == simdjson::SUCCESS || wrong(field, "a boolean");
}

bool JsonReader::uint64(const JsonField& field, uint64_t& target) {
  if (!field.present) return true;
  auto value = integer_of<uint64_t>(field.value);
  if (!value) return wrong(field, "an unsigned 64-bit integer as number or string");
  target = *value;
  return true;
}

bool JsonReader::int64(const JsonField& field, int64_t& target) {
  if (!field.present) return true;
  auto value = integer_of<int64_t>(field.value);
  if (!value) return wrong(field, "a 64-bit integer as number or string");
  target = *value;
  return true;
}

bool JsonReader::is_beyond_int64(const JsonField& field) {
  if (!field.present || integer_of<int64_t>(field.value)) return false;
  std::string_view text;
  if (field.value.get(text) != simdjson::SUCCESS) return field.value.is_number();
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool JsonReader::uint32(const JsonField& field, uint32_t& target) {
  if (!field.present) return true;
  auto value = integer_of<uint32_t>(field.value);
  if (!value) return wrong(field, "an unsigned 32-bit integer");
  target = *value;
  return true;
}

bool JsonReader::number(const JsonField& field, double& target) {
  if (!field.present) return true;
  std::string_view text;
  if (field.value.get(text) != simdjson::SUCCESS) {
    return field.value.get(target) == simdjson::SUCCESS || wrong(field, "a number");
  }
  if (text == "NaN") {
    target = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity") {
    target = std::numeric_limits<double>::infinity();
  } else if (text == "-Infinity") {
    target = -std::numeric_limits<double>::infinity();
  } else {
    auto value = parse_whole<double>(text);
    if (!value || !std::isfinite(*value)) return wrong(field, "a number");
    target = *value;
  }
  return true;
}

bool JsonReader::enumeration(const JsonField& field, const std::string_view* names, size_t count,
                             uint32_t& target) {
  if (!field.present) return true;
  std::string_view text;
  if (field.value.get(text) == simdjson::SUCCESS) {
    const std::string_view* found = std::find(names, names + count, text);
    if (found != names + count) {
      target = static_cast<uint32_t>(found - names);
      return true;
    }
  }
  auto value = integer_of<int64_t>(field.value);
  if (!value || *value < INT32_MIN || *value > UINT32_MAX) {
    return wrong(field, "a number or name of the enum");
  }
  target = static_cast<uint32_t>(*value);
  return true;
}

bool JsonReader::wrong(JsonElement element, std::string_view expected) {
  expected_ = std::string(expected) + ", got " + describe_value(element);
  return false;
}

bool JsonReader::wrong(const JsonField& field, std::string_view expected) {
  wrong(field.value, expected);
  return within(field.name);
}

bool JsonReader::within(std::string_view name) {
  std::string outer(name);
  if (!path_.empty() && path_.front() != '[') outer.push_back('.');
  path_.insert(0, outer);
  return false;
}

bool JsonReader::within(std::string_view name, size_t index) {
  return within(std::string(name) + "[" + std::to_string(index) + "]");
}

Status JsonReader::error() const {
  std::string place = path_.empty() ? "the body" : path_;
  return invalid_argument("malformed request: expected " + place + " to be " + expected_);
}

}  // namespace spoor::wire
