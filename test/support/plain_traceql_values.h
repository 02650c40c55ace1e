// Values of the oracle in plain_traceql.h: what fields hold and what operators make of them,
// written one case after the other. Numbers are kept as long double, which holds every int64 and
// every double. Header only; shares nothing with src/query.
#pragma once

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "model/span.h"
#include "model/value_text.h"
#include "traceql/tree.h"

namespace spoor::test {

struct PlainValue {
  // nil, text, int, float, bool, duration, status, kind, list (of one type), opaque
  char type = 'n';
  std::string text = {};  // of opaque its JSON
  long double number = 0;
  std::vector<PlainValue> items = {};

  bool is_number() const { return type == 'i' || type == 'f' || type == 'd'; }
  bool is_true() const { return type == 'b' && number == 1; }
};

inline PlainValue plain(char type, long double number) {
  return {.type = type, .number = number};
}
inline PlainValue plain_text(std::string_view text) {
  return {.type = 's', .text = std::string(text)};
}

inline PlainValue plain(const Value& value) {
  switch (value.type()) {
    case ValueType::Absent:
    case ValueType::Empty:
      return {};
    case ValueType::String:
      return plain_text(value.as_string());
    case ValueType::Bool:
      return plain('b', value.as_bool() ? 1 : 0);
    case ValueType::Int:
      return plain('i', value.as_int());
    case ValueType::Double:
      return plain('f', value.as_double());
    default:
      break;
  }
  PlainValue result{.type = 'o'};
  append_value_json(result.text, value);
  if (value.type() != ValueType::Array) return result;
  for (const Value& item : value.as_array()) {
    result.items.push_back(plain(item));
    char type = result.items.back().type;
    bool is_simple = type == 's' || type == 'b' || type == 'i' || type == 'f';
    if (!is_simple || type != result.items.front().type) return result;
  }
  result.type = 'l';
  return result;
}

inline PlainValue plain(const traceql::Literal& literal) {
  if (std::holds_alternative<std::string>(literal)) {
    return plain_text(std::get<std::string>(literal));
  }
  if (std::holds_alternative<int64_t>(literal)) return plain('i', std::get<int64_t>(literal));
  if (std::holds_alternative<double>(literal)) return plain('f', std::get<double>(literal));
  if (std::holds_alternative<bool>(literal)) return plain('b', std::get<bool>(literal) ? 1 : 0);
  if (std::holds_alternative<traceql::Duration>(literal)) {
    return plain('d', std::get<traceql::Duration>(literal).nanos);
  }
  if (std::holds_alternative<StatusCode>(literal)) return plain('t', std::get<StatusCode>(literal));
  if (std::holds_alternative<SpanKind>(literal)) return plain('k', std::get<SpanKind>(literal));
  return {};
}

// Type and value as text; what is equal here is one group.
inline std::string described(const PlainValue& value) {
  std::string text(1, value.type == 'l' ? 'o' : value.type);
  if (value.type == 's' || value.type == 'o' || value.type == 'l') return text + value.text;
  char digits[64];
  snprintf(digits, sizeof digits, "%La", value.number);
  return text + digits;
}

template <typename T>
bool plain_order(traceql::Operator op, const T& a, const T& b) {
  switch (op) {
    case traceql::Operator::Equal:
      return a == b;
    case traceql::Operator::NotEqual:
      return a != b;
    case traceql::Operator::Less:
      return a < b;
    case traceql::Operator::LessOrEqual:
      return a <= b;
    case traceql::Operator::Greater:
      return a > b;
    case traceql::Operator::GreaterOrEqual:
      return a >= b;
    default:
      return false;
  }
}

inline bool plain_compare(traceql::Operator op, const PlainValue& a, const PlainValue& b) {
  bool is_equality = op == traceql::Operator::Equal || op == traceql::Operator::NotEqual;
  if (a.type == 'l' && b.type == 'l') return false;
  if (a.type == 'l' || b.type == 'l') {
    const PlainValue& list = a.type == 'l' ? a : b;
    const PlainValue& other = a.type == 'l' ? b : a;
    if (other.type == 'n' || other.type == 'o') return false;
    bool all = true, any = false;
    for (const PlainValue& item : list.items) {
      bool holds = a.type == 'l' ? plain_compare(op, item, b) : plain_compare(op, a, item);
      all = all && holds;
      any = any || holds;
    }
    return op == traceql::Operator::NotEqual ? all : any;
  }
  if (a.is_number() && b.is_number()) return plain_order(op, a.number, b.number);
  if (a.type == 's' && b.type == 's') return plain_order(op, a.text, b.text);
  bool are_alike = a.type == b.type && (a.type == 'b' || a.type == 't' || a.type == 'k');
  bool is_status = (a.type == 't' && b.type == 'i') || (a.type == 'i' && b.type == 't');
  return is_equality && (are_alike || is_status) && plain_order(op, a.number, b.number);
}

inline bool plain_match(const PlainValue& value, const std::string& regex, bool is_negated) {
  re2::RE2::Options options;
  options.set_dot_nl(true);
  re2::RE2 compiled(regex, options);
  if (value.type == 's') return re2::RE2::FullMatch(value.text, compiled) != is_negated;
  if (value.type != 'l') return false;
  for (const PlainValue& item : value.items) {
    if (item.type != 's') return false;
    if (re2::RE2::FullMatch(item.text, compiled)) return !is_negated;
  }
  return is_negated;
}

// An int where both are and the result is one, else a float; nil if one is no number.
inline PlainValue plain_compute(traceql::Operator op, const PlainValue& a, const PlainValue& b) {
  using traceql::Operator;
  if (!a.is_number() || !b.is_number()) return {};
  double x = static_cast<double>(a.number), y = static_cast<double>(b.number);
  double real = op == Operator::Add        ? x + y
                : op == Operator::Subtract ? x - y
                : op == Operator::Multiply ? x * y
                : op == Operator::Divide   ? x / y
                : op == Operator::Modulo   ? std::fmod(x, y)
                                           : std::pow(x, y);
  if (a.type != 'i' || b.type != 'i') return plain('f', real);
  auto m = static_cast<__int128>(a.number), n = static_cast<__int128>(b.number), whole = m;
  if (op == Operator::Add) whole = m + n;
  if (op == Operator::Subtract) whole = m - n;
  if (op == Operator::Multiply) whole = m * n;
  if (op == Operator::Divide || op == Operator::Modulo) {
    if (n == 0) throw std::runtime_error("division by zero");
    whole = op == Operator::Divide ? m / n : m % n;
  }
  bool fits = true;
  if (op == Operator::Power) {
    fits = n >= 0;
    whole = 1;
    bool is_small = m >= -1 && m <= 1;  // whose powers repeat
    __int128 times = is_small ? n % 2 + (n > 1 ? 2 : 0) : n;
    for (__int128 i = 0; i < times && fits; ++i) {
      whole *= m;
      fits = whole >= INT64_MIN && whole <= INT64_MAX;
    }
  }
  fits = fits && whole >= INT64_MIN && whole <= INT64_MAX;
  return fits ? plain('i', static_cast<long double>(whole)) : plain('f', real);
}

// Of several values whether one is true.
inline PlainValue plain_truth(const std::vector<PlainValue>& values) {
  PlainValue result = values.empty() ? PlainValue() : values.front();
  for (const PlainValue& value : values) {
    if (value.type == 'b' && (result.type != 'b' || value.is_true())) result = value;
  }
  return result;
}

// Short and large ids as ids are written: what they are compared with has 32 or 16 digits.
inline void plain_lengthen_ids(const traceql::FieldExpression& field,
                               std::vector<PlainValue>& others) {
  using traceql::Intrinsic;
  bool is_intrinsic = field.kind == traceql::FieldExpression::Kind::Field &&
                      field.field.kind == traceql::Field::Kind::Intrinsic;
  if (!is_intrinsic || others.size() != 1 || others.front().type != 's') return;
  Intrinsic name = field.field.intrinsic;
  size_t digits = 0;
  if (name == Intrinsic::TraceId || name == Intrinsic::LinkTraceId) digits = 32;
  if (name == Intrinsic::SpanId || name == Intrinsic::ParentId || name == Intrinsic::LinkSpanId) {
    digits = 16;
  }
  std::string& text = others.front().text;
  bool is_id = text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (text.empty() || text.size() > digits || !is_id) return;
  for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  text.insert(0, digits - text.size(), '0');
}

}  // namespace spoor::test
