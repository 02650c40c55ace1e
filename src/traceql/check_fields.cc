#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "traceql/check_steps.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

// What RE2 may take for the program of an expression; as for running it.
constexpr int64_t kRegexMemoryBytes = 8 << 20;

bool is_logical(Operator op) {
  return op == Operator::And || op == Operator::Or;
}
bool is_regex(Operator op) {
  return op == Operator::Matches || op == Operator::DoesNotMatch;
}
bool is_equality(Operator op) {
  return op == Operator::Equal || op == Operator::NotEqual;
}

// Whether an operator takes a value of the type at all.
bool takes(Operator op, Type type) {
  if (type == Type::Any) return true;
  if (is_logical(op) || op == Operator::Not) return type == Type::Boolean;
  if (is_arithmetic(op) || op == Operator::Negate) return is_numeric(type);
  if (is_regex(op)) return type == Type::Text;
  if (is_equality(op)) return true;
  return is_numeric(type) || type == Type::Text;
}

// Whether two values can be compared or computed with each other. "status = 2" is OTLP's number.
bool fit(Type a, Type b) {
  if (a == Type::Any || b == Type::Any || a == b) return true;
  if (is_numeric(a) && is_numeric(b)) return true;
  return (a == Type::Status && b == Type::Integer) || (a == Type::Integer && b == Type::Status);
}

std::string described(const FieldExpression& node) {
  std::string text = to_string(node);
  constexpr size_t kBytesMax = 64;
  if (text.size() > kBytesMax) return "an expression";
  return "'" + text + "'";
}

Status check_regex(const FieldExpression& node, std::string_view text) {
  const auto* pattern = std::get_if<std::string>(&node.literal);
  if (node.kind != FieldExpression::Kind::Constant || pattern == nullptr) {
    return error_at(text, node.position,
                    "a regular expression is a string, got " + described(node));
  }
  if (pattern->size() > kRegexBytesMax) {
    return error_at(text, node.position,
                    "regular expression of " + std::to_string(pattern->size()) +
                        " bytes, allowed are " + std::to_string(kRegexBytesMax));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryBytes);
  options.set_dot_nl(true);
  re2::RE2 compiled(*pattern, options);
  if (compiled.ok()) return {};
  return error_at(text, node.position, "regular expression: " + compiled.error());
}

bool is_nil(const FieldExpression& node) {
  return node.kind == FieldExpression::Kind::Constant && std::holds_alternative<Nil>(node.literal);
}

// "x = nil" asks for the absence of an attribute: what is always there cannot be asked for.
Status check_nil(const FieldExpression& node, std::string_view text) {
  SPOOR_ASSERT(node.operands.size() >= 2);
  const FieldExpression& left = node.operands[0];
  const FieldExpression& right = node.operands[1];
  const FieldExpression& other = is_nil(left) ? right : left;
  if (!is_equality(node.op)) {
    return error_at(
        text, node.position,
        "nil can only be compared by = and !=, got '" + std::string(symbol_of(node.op)) + "'");
  }
  if (is_nil(other)) return {};
  if (other.kind != FieldExpression::Kind::Field) {
    return error_at(text, other.position, "only an attribute can be nil, got " + described(other));
  }
  const Field& field = other.field;
  bool is_service = field.kind == Field::Kind::Attribute && field.owner == Owner::Self &&
                    field.scope == AttributeScope::Resource && field.name == "service.name";
  if (node.op == Operator::Equal && (field.kind == Field::Kind::Intrinsic || is_service)) {
    return error_at(text, other.position, to_string(field) + " is never nil");
  }
  return {};
}

Status check_operation(const FieldExpression& node, std::string_view text) {
  for (const FieldExpression& operand : node.operands) {
    if (!is_nil(operand)) continue;
    if (node.operands.size() == 2) return check_nil(node, text);
    return error_at(text, operand.position,
                    "'" + std::string(symbol_of(node.op)) + "' does not take nil");
  }
  for (const FieldExpression& operand : node.operands) {
    Type type = type_of(operand);
    if (takes(node.op, type)) continue;
    return error_at(text, operand.position,
                    "'" + std::string(symbol_of(node.op)) + "' does not take a value of type " +
                        std::string(type_name(type)) + ", got " + described(operand));
  }
  if (is_regex(node.op)) return check_regex(node.operands[1], text);
  if (is_logical(node.op) || node.operands.size() != 2) return {};
  Type left = type_of(node.operands[0]), right = type_of(node.operands[1]);
  if (fit(left, right)) return {};
  return error_at(text, node.position,
                  "cannot relate " + described(node.operands[0]) + ", of type " +
                      std::string(type_name(left)) + ", to " + described(node.operands[1]) +
                      ", of type " + std::string(type_name(right)));
}

}  // namespace

Type type_of(const Literal& literal) {
  constexpr std::array<Type, 8> kTypes = {Type::Nil,     Type::Text,     Type::Integer, Type::Float,
                                          Type::Boolean, Type::Duration, Type::Status,  Type::Kind};
  return kTypes[literal.index()];
}

Type type_of(const FieldExpression& expression) {
  if (expression.kind == FieldExpression::Kind::Constant) return type_of(expression.literal);
  if (expression.kind == FieldExpression::Kind::Field) {
    const Field& field = expression.field;
    return field.kind == Field::Kind::Attribute ? Type::Any : name_of(field.intrinsic).type;
  }
  bool is_computed = is_arithmetic(expression.op) || expression.op == Operator::Negate;
  if (!is_computed) return Type::Boolean;
  // The first that is known: all of them are numbers.
  for (const FieldExpression& operand : expression.operands) {
    Type type = type_of(operand);
    if (type != Type::Any) return type;
  }
  return Type::Any;
}

bool names_field(const FieldExpression& node) {
  if (node.kind == FieldExpression::Kind::Field) return true;
  return std::any_of(node.operands.begin(), node.operands.end(), names_field);
}

Status check_field(const Field& field, std::string_view text) {
  bool is_parent = field.kind == Field::Kind::Attribute ? field.owner == Owner::Parent
                                                        : field.intrinsic == Intrinsic::Parent;
  if (!is_parent) return {};
  return unsupported_at(text, field.position, "'" + to_string(field) + "' is not supported yet");
}

Status check_expression(const FieldExpression& node, std::string_view text) {
  if (node.kind == FieldExpression::Kind::Field) return check_field(node.field, text);
  for (const FieldExpression& operand : node.operands) {
    SPOOR_TRY(check_expression(operand, text));
  }
  if (node.kind != FieldExpression::Kind::Operation) return {};
  return check_operation(node, text);
}

}  // namespace spoor::traceql
