#include "query/predicate.h"

#include <re2/re2.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "model/value_text.h"
#include "query/regex_literal.h"

namespace spoor::query {
namespace {

// What a regex may make of memory for its automaton.
constexpr int64_t kRegexMemoryBytes = 8 << 20;

bool is_regex(Comparison comparison) {
  return comparison == Comparison::Matches || comparison == Comparison::DoesNotMatch;
}

bool is_equality(Comparison comparison) {
  return comparison == Comparison::Equal || comparison == Comparison::NotEqual;
}

// The whole text as a number.
template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Exact, also where the integer is none that a double can hold.
int order_of(int64_t value, double literal) {
  if (literal >= 0x1p63) return -1;
  if (literal < -0x1p63) return 1;
  double whole = std::floor(literal);
  int order = order_of(value, static_cast<int64_t>(whole));
  return order != 0 ? order : literal > whole ? -1 : 0;
}

}  // namespace

Result<Predicate> Predicate::make(Comparison comparison, Typing typing, const Literal& literal) {
  SPOOR_ASSERT(comparison != Comparison::Missing);
  Predicate predicate;
  predicate.comparison_ = comparison;
  predicate.typing_ = typing;
  if (comparison == Comparison::Exists) return predicate;
  if (const auto* text = std::get_if<std::string>(&literal)) {
    predicate.text_ = *text;
    if (typing == Typing::AsText && !is_regex(comparison)) {
      predicate.number_ = parse<double>(*text);
      if (predicate.number_ && !std::isfinite(*predicate.number_)) predicate.number_.reset();
      predicate.integer_ = parse<int64_t>(*text);
    }
  } else if (const auto* integer = std::get_if<int64_t>(&literal)) {
    predicate.integer_ = *integer;
    predicate.number_ = static_cast<double>(*integer);
  } else if (const auto* number = std::get_if<double>(&literal)) {
    predicate.number_ = *number;
  } else if (const auto* flag = std::get_if<bool>(&literal)) {
    if (!is_equality(comparison)) return invalid_argument("true and false have no order");
    predicate.boolean_ = *flag;
  } else {
    return invalid_argument("a comparison needs a literal");
  }
  if (typing == Typing::AsText && !predicate.text_) {
    return invalid_argument("a comparison as text needs a text");
  }
  if (!is_regex(comparison)) return predicate;
  if (!predicate.text_) return invalid_argument("a regular expression must be text");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryBytes);
  options.set_dot_nl(true);
  auto regex = std::make_shared<const re2::RE2>(*predicate.text_, options);
  if (!regex->ok()) {
    return invalid_argument("regular expression \"" + *predicate.text_ + "\": " + regex->error());
  }
  predicate.regex_ = std::move(regex);
  if (comparison == Comparison::Matches) predicate.required_ = required_literal(*predicate.text_);
  return predicate;
}

std::optional<std::string_view> Predicate::equal_text() const {
  if (comparison_ != Comparison::Equal || !text_) return std::nullopt;
  return *text_;
}

std::optional<codec::SoughtText> Predicate::required_text() const {
  using codec::SoughtText;
  auto text = equal_text();
  if (text && !text->empty()) return SoughtText{SoughtText::As::Whole, *text};
  if (!required_.empty()) return SoughtText{SoughtText::As::Part, required_};
  return std::nullopt;
}

bool Predicate::ordered(int order) const {
  switch (comparison_) {
    case Comparison::Equal:
      return order == 0;
    case Comparison::NotEqual:
      return order != 0;
    case Comparison::Less:
      return order < 0;
    case Comparison::LessOrEqual:
      return order <= 0;
    case Comparison::Greater:
      return order > 0;
    case Comparison::GreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

bool Predicate::as_text(std::string_view value) const {
  if (regex_) {
    // A search costs less than RE2's way into a match.
    if (!required_.empty() && value.find(required_) == value.npos) return false;
    return re2::RE2::FullMatch(value, *regex_) == (comparison_ == Comparison::Matches);
  }
  return ordered(order_of(value, std::string_view(*text_)));
}

bool Predicate::text(std::string_view value) const {
  if (is_exists()) return true;
  if (!text_) return false;
  // "9" is below "10" where both are numbers and an order is asked for.
  if (typing_ == Typing::AsText && number_ && !is_equality(comparison_)) {
    auto parsed = parse<double>(value);
    if (parsed && std::isfinite(*parsed)) return ordered(order_of(*parsed, *number_));
  }
  return as_text(value);
}

bool Predicate::integer(int64_t value) const {
  if (is_exists()) return true;
  if (typing_ == Typing::AsText && (regex_ || !number_ || is_equality(comparison_))) {
    char digits[24];
    char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return as_text({digits, static_cast<size_t>(end - digits)});
  }
  if (integer_) return ordered(order_of(value, *integer_));
  if (!number_ || regex_) return false;
  if (std::isnan(*number_)) return comparison_ == Comparison::NotEqual;
  return ordered(order_of(value, *number_));
}

bool Predicate::number(double value) const {
  if (is_exists()) return true;
  if (typing_ == Typing::AsText && (regex_ || !number_ || is_equality(comparison_))) {
    std::string digits;
    append_value_text(digits, Value::of_double(value));
    return as_text(digits);
  }
  if (!number_ || regex_) return false;
  if (std::isnan(value) || std::isnan(*number_)) return comparison_ == Comparison::NotEqual;
  if (integer_) return ordered(-order_of(*integer_, value));
  return ordered(order_of(value, *number_));
}

bool Predicate::boolean(bool value) const {
  if (is_exists()) return true;
  if (typing_ == Typing::AsText) return as_text(value ? "true" : "false");
  return boolean_ && ordered(order_of(value, *boolean_));
}

bool Predicate::value(const Value& value) const {
  if (is_exists()) return true;
  switch (value.type()) {
    case ValueType::String:
      return text(value.as_string());
    case ValueType::Int:
      return integer(value.as_int());
    case ValueType::Double:
      return number(value.as_double());
    case ValueType::Bool:
      return boolean(value.as_bool());
    default:
      break;
  }
  if (typing_ == Typing::OfElements) return elements(value);
  if (typing_ != Typing::AsText) return false;
  std::string form;
  append_value_text(form, value);
  return as_text(form);
}

bool Predicate::elements(const Value& list) const {
  if (list.type() != ValueType::Array) return false;
  bool any = false, all = true;
  for (const Value& element : list.as_array()) {
    bool is_simple = element.type() >= ValueType::String && element.type() <= ValueType::Double;
    if (!is_simple || element.type() != list.as_array().front().type()) return false;
    bool holds = value(element);
    any = any || holds;
    all = all && holds;
  }
  bool is_negated = comparison_ == Comparison::NotEqual || comparison_ == Comparison::DoesNotMatch;
  return is_negated ? all : any;
}

std::optional<Predicate::IntegerRange> Predicate::integer_range() const {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (typing_ == Typing::AsText || !integer_) return std::nullopt;
  int64_t literal = *integer_;
  switch (comparison_) {
    case Comparison::Equal:
      return IntegerRange{literal, literal};
    case Comparison::Less:
      return literal == kMin ? IntegerRange{1, 0} : IntegerRange{kMin, literal - 1};
    case Comparison::LessOrEqual:
      return IntegerRange{kMin, literal};
    case Comparison::Greater:
      return literal == kMax ? IntegerRange{1, 0} : IntegerRange{literal + 1, kMax};
    case Comparison::GreaterOrEqual:
      return IntegerRange{literal, kMax};
    default:
      return std::nullopt;
  }
}

}  // namespace spoor::query
