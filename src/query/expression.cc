#include "query/expression.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace spoor::query {

Expression Expression::all_of(std::vector<Expression> operands) {
  Expression node;
  node.kind = Kind::And;
  node.operands = std::move(operands);
  return node;
}

Expression Expression::any_of(std::vector<Expression> operands) {
  Expression node;
  node.kind = Kind::Or;
  node.operands = std::move(operands);
  return node;
}

Expression Expression::negation(Expression operand) {
  Expression node;
  node.kind = Kind::Not;
  node.operands.push_back(std::move(operand));
  return node;
}

Expression Expression::compare(Field field, Comparison comparison, Literal literal, Typing typing) {
  Expression node;
  node.kind = Kind::Compare;
  node.field = std::move(field);
  node.comparison = comparison;
  node.literal = std::move(literal);
  node.typing = typing;
  return node;
}

Expression Expression::exists(Field field) {
  return compare(std::move(field), Comparison::Exists, {});
}

namespace {

Status check_node(const Expression& node, size_t depth, size_t& nodes) {
  if (++nodes > kExpressionNodesMax) {
    return invalid_argument("query has more than " + std::to_string(kExpressionNodesMax) +
                            " conditions");
  }
  if (depth > kExpressionDepthMax) {
    return invalid_argument("query nests deeper than " + std::to_string(kExpressionDepthMax));
  }
  for (const Expression& operand : node.operands) {
    SPOOR_TRY(check_node(operand, depth + 1, nodes));
  }
  if (node.kind != Expression::Kind::Compare) return {};
  bool is_regex =
      node.comparison == Comparison::Matches || node.comparison == Comparison::DoesNotMatch;
  if (!is_regex) return {};
  const auto* text = std::get_if<std::string>(&node.literal);
  if (text == nullptr) return invalid_argument("a regular expression must be text");
  if (text->size() > kRegexBytesMax) {
    return invalid_argument("regular expression of " + std::to_string(text->size()) +
                            " bytes, allowed are " + std::to_string(kRegexBytesMax));
  }
  return {};
}

constexpr std::array<std::string_view, 7> kPlaces = {"span", "resource", "scope", "event",
                                                     "link", "",         "any"};
constexpr std::array<std::string_view, 14> kIntrinsics = {
    "name",         "service",   "kind",         "status",        "status_message",
    "duration",     "start",     "scope_name",   "scope_version", "event_name",
    "names_parent", "root_name", "root_service", "trace_duration"};
constexpr std::array<std::string_view, 10> kComparisons = {"=",  "!=", "<",  "<=",     ">",
                                                           ">=", "=~", "!~", "exists", "missing"};

std::string to_string(const Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return '"' + *text + '"';
  if (const auto* number = std::get_if<int64_t>(&literal)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&literal)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&literal)) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, *number).ptr};
  }
  return {};
}

}  // namespace

Status check(const Expression& expression) {
  size_t nodes = 0;
  return check_node(expression, 1, nodes);
}

std::string to_string(const Expression& node) {
  switch (node.kind) {
    case Expression::Kind::True:
      return "true";
    case Expression::Kind::Not:
      return "!" + to_string(node.operands.front());
    case Expression::Kind::And:
    case Expression::Kind::Or: {
      std::string text = "(";
      for (const Expression& operand : node.operands) {
        if (text.size() > 1) text += node.kind == Expression::Kind::And ? " && " : " || ";
        text += to_string(operand);
      }
      return text + ")";
    }
    case Expression::Kind::Compare:
      break;
  }
  std::string text;
  if (node.field.kind == Field::Kind::Intrinsic) {
    text = kIntrinsics[static_cast<size_t>(node.field.intrinsic)];
  } else {
    text = std::string(kPlaces[static_cast<size_t>(node.field.place)]) + "." + node.field.key;
  }
  text += " ";
  text += kComparisons[static_cast<size_t>(node.comparison)];
  std::string literal = to_string(node.literal);
  if (!literal.empty()) text += " " + literal;
  if (node.typing == Typing::AsText) text += " as text";
  if (node.typing == Typing::OfElements) text += " of elements";
  return text;
}

}  // namespace spoor::query
