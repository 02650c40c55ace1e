#include "query/lower_condition.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "query/predicate.h"
#include "traceql/names.h"

namespace spoor::query {

using traceql::AttributeScope;
using traceql::FieldExpression;
using traceql::Operator;

namespace {

Expression never() {
  return Expression::any_of({});
}

std::optional<Comparison> comparison_of(Operator op) {
  switch (op) {
    case Operator::Equal:
      return Comparison::Equal;
    case Operator::NotEqual:
      return Comparison::NotEqual;
    case Operator::Less:
      return Comparison::Less;
    case Operator::LessOrEqual:
      return Comparison::LessOrEqual;
    case Operator::Greater:
      return Comparison::Greater;
    case Operator::GreaterOrEqual:
      return Comparison::GreaterOrEqual;
    case Operator::Matches:
      return Comparison::Matches;
    case Operator::DoesNotMatch:
      return Comparison::DoesNotMatch;
    default:
      return std::nullopt;
  }
}

// With its sides changed: "1 < x" is "x > 1".
Operator flipped(Operator op) {
  switch (op) {
    case Operator::Less:
      return Operator::Greater;
    case Operator::LessOrEqual:
      return Operator::GreaterOrEqual;
    case Operator::Greater:
      return Operator::Less;
    case Operator::GreaterOrEqual:
      return Operator::LessOrEqual;
    default:
      return op;
  }
}

// Nothing for nil, and for what an Expression cannot compare.
std::optional<Literal> literal_of(const traceql::Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return *text;
  if (const auto* number = std::get_if<int64_t>(&literal)) return *number;
  if (const auto* number = std::get_if<double>(&literal)) return *number;
  if (const auto* flag = std::get_if<bool>(&literal)) return *flag;
  if (const auto* duration = std::get_if<traceql::Duration>(&literal)) return duration->nanos;
  if (const auto* status = std::get_if<StatusCode>(&literal)) return int64_t{*status};
  if (const auto* kind = std::get_if<SpanKind>(&literal)) return int64_t{*kind};
  return std::nullopt;
}

Place place_of(AttributeScope scope) {
  switch (scope) {
    case AttributeScope::Span:
      return Place::Span;
    case AttributeScope::Resource:
      return Place::Resource;
    case AttributeScope::Event:
      return Place::Event;
    case AttributeScope::Link:
      return Place::Link;
    case AttributeScope::Instrumentation:
      return Place::Scope;
    case AttributeScope::None:
      break;
  }
  return Place::Anywhere;
}

std::optional<Intrinsic> intrinsic_of(traceql::Intrinsic intrinsic) {
  switch (intrinsic) {
    case traceql::Intrinsic::Name:
      return Intrinsic::Name;
    case traceql::Intrinsic::Status:
      return Intrinsic::Status;
    case traceql::Intrinsic::StatusMessage:
      return Intrinsic::StatusMessage;
    case traceql::Intrinsic::Kind:
      return Intrinsic::Kind;
    case traceql::Intrinsic::Duration:
      return Intrinsic::Duration;
    case traceql::Intrinsic::EventName:
      return Intrinsic::EventName;
    case traceql::Intrinsic::InstrumentationName:
      return Intrinsic::ScopeName;
    case traceql::Intrinsic::InstrumentationVersion:
      return Intrinsic::ScopeVersion;
    default:
      return std::nullopt;
  }
}

bool is_service(const traceql::Field& field) {
  return field.scope == AttributeScope::Resource && field.name == "service.name";
}

// The service's name decides for whole templates; the attribute only where there is none.
Expression compare_service(Comparison comparison, const Literal& literal) {
  auto service = [](Comparison how, Literal with) {
    return Expression::compare(Field::of(Intrinsic::Service), how, std::move(with));
  };
  Expression attribute = Expression::compare(Field::attribute(Place::Resource, "service.name"),
                                             comparison, literal, Typing::OfElements);
  std::vector<Expression> named, nameless;
  named.push_back(service(Comparison::NotEqual, ""));
  named.push_back(service(comparison, literal));
  nameless.push_back(service(Comparison::Equal, ""));
  nameless.push_back(std::move(attribute));
  std::vector<Expression> either;
  either.push_back(Expression::all_of(std::move(named)));
  either.push_back(Expression::all_of(std::move(nameless)));
  return Expression::any_of(std::move(either));
}

std::optional<double> number_of(const Literal& literal) {
  if (const auto* whole = std::get_if<int64_t>(&literal)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&literal)) return *number;
  return std::nullopt;
}

// The first place that has the attribute decides.
Expression compare_in_order(const std::string& key, Comparison comparison, const Literal& literal) {
  std::vector<Expression> either, others_lack;
  for (Place place : {Place::Span, Place::Resource, Place::Event, Place::Link, Place::Scope}) {
    Field field = Field::attribute(place, key);
    std::vector<Expression> here = others_lack;
    here.push_back(Expression::compare(field, comparison, literal, Typing::OfElements));
    either.push_back(Expression::all_of(std::move(here)));
    others_lack.push_back(Expression::negation(Expression::exists(field)));
  }
  return Expression::any_of(std::move(either));
}

// A comparison of a field with a literal.
class Comparing {
 public:
  explicit Comparing(Purpose purpose) : purpose_(purpose) {}

  Expression lower(const traceql::Field& field, Operator op, const traceql::Literal& literal) {
    auto comparison = comparison_of(op);
    auto value = literal_of(literal);
    SPOOR_ASSERT(comparison && value);
    if (field.kind == traceql::Field::Kind::Intrinsic) return intrinsic(field, *comparison, *value);
    if (purpose_ == Purpose::TracesAlone) return Expression::always();
    // OTLP's number of a status is no other number.
    fit = std::holds_alternative<StatusCode>(literal) ? Fit::Loose : Fit::Plain;
    // No attribute is a kind.
    if (std::holds_alternative<SpanKind>(literal)) return never();
    if (is_service(field)) return compare_service(*comparison, *value);
    if (field.scope == AttributeScope::None && purpose_ == Purpose::Plain) {
      return compare_in_order(field.name, *comparison, *value);
    }
    return Expression::compare(Field::attribute(place_of(field.scope), field.name), *comparison,
                               std::move(*value), Typing::OfElements);
  }

  Fit fit = Fit::Exact;

 private:
  // nestedSetParent is -1 for a span that names no parent; for others it is a number from 0 on that
  // only the whole trace tells.
  Expression parent_number(Comparison comparison, const Literal& literal, double number) {
    constexpr int64_t kGreatest = std::numeric_limits<uint32_t>::max();
    auto predicate = Predicate::make(comparison, Typing::Typed, literal);
    SPOOR_ASSERT(predicate.ok());  // numbers compare
    const bool of_roots = predicate->integer(-1), of_others = predicate->integer(0);
    auto names_parent = [](bool does) {
      return Expression::compare(Field::of(Intrinsic::NamesParent), Comparison::Equal,
                                 int64_t{does});
    };
    bool is_one = (comparison == Comparison::Equal || comparison == Comparison::NotEqual) &&
                  number >= 0 && number <= static_cast<double>(kGreatest);
    if (is_one || of_others != predicate->integer(kGreatest)) {
      fit = Fit::Loose;
      return of_roots ? Expression::always() : names_parent(true);
    }
    if (of_roots == of_others) return of_roots ? Expression::always() : never();
    return names_parent(of_others);
  }

  // Undecided traces satisfy what is said of them.
  Expression of_trace(Intrinsic intrinsic, Comparison comparison, Literal literal) {
    fit = purpose_ == Purpose::Plain ? Fit::Plain : Fit::Loose;
    if (purpose_ == Purpose::Necessary) return Expression::always();
    return Expression::compare(Field::of(intrinsic), comparison, std::move(literal));
  }

  Expression intrinsic(const traceql::Field& field, Comparison comparison, Literal literal) {
    switch (field.intrinsic) {
      case traceql::Intrinsic::RootName:
        return of_trace(Intrinsic::RootName, comparison, std::move(literal));
      case traceql::Intrinsic::RootServiceName:
        return of_trace(Intrinsic::RootService, comparison, std::move(literal));
      case traceql::Intrinsic::TraceDuration:
        return of_trace(Intrinsic::TraceDuration, comparison, std::move(literal));
      default:
        break;
    }
    if (purpose_ == Purpose::TracesAlone) return Expression::always();
    auto number = number_of(literal);
    if (field.intrinsic == traceql::Intrinsic::NestedSetParent && number) {
      return parent_number(comparison, literal, *number);
    }
    if (auto known = intrinsic_of(field.intrinsic)) {
      return Expression::compare(Field::of(*known), comparison, std::move(literal));
    }
    fit = Fit::Loose;
    return Expression::always();
  }

  const Purpose purpose_;
};

bool is_constant(const FieldExpression& node) {
  return node.kind == FieldExpression::Kind::Constant;
}
bool is_nil(const FieldExpression& node) {
  return is_constant(node) && std::holds_alternative<traceql::Nil>(node.literal);
}

// What every span has, if only an empty text.
bool is_always_there(const FieldExpression& node) {
  if (node.kind != FieldExpression::Kind::Field) return false;
  if (node.field.kind != traceql::Field::Kind::Intrinsic) return false;
  switch (node.field.intrinsic) {
    case traceql::Intrinsic::Name:
    case traceql::Intrinsic::Status:
    case traceql::Intrinsic::StatusMessage:
    case traceql::Intrinsic::Kind:
    case traceql::Intrinsic::Duration:
    case traceql::Intrinsic::InstrumentationName:
    case traceql::Intrinsic::InstrumentationVersion:
    case traceql::Intrinsic::RootName:
    case traceql::Intrinsic::RootServiceName:
    case traceql::Intrinsic::TraceDuration:
    case traceql::Intrinsic::NestedSetParent:
      return true;
    default:
      return false;
  }
}

class Conditions {
 public:
  explicit Conditions(Purpose purpose) : purpose_(purpose) {}

  Expression lower(const FieldExpression& node) {
    switch (node.kind) {
      case FieldExpression::Kind::Constant: {
        const bool* flag = std::get_if<bool>(&node.literal);
        return flag != nullptr && *flag ? Expression::always() : never();
      }
      case FieldExpression::Kind::Field:
        fit = Fit::Loose;
        return Comparing(purpose_).lower(node.field, Operator::Equal, true);
      case FieldExpression::Kind::Operation:
        break;
    }
    if (node.op == Operator::And || node.op == Operator::Or) {
      std::vector<Expression> operands;
      for (const FieldExpression& operand : node.operands) operands.push_back(lower(operand));
      return node.op == Operator::And ? Expression::all_of(std::move(operands))
                                      : Expression::any_of(std::move(operands));
    }
    if (traceql::is_comparison(node.op)) return comparison(node);
    if (purpose_ == Purpose::Plain && node.op == Operator::Not && is_flag(node.operands.front())) {
      return Expression::negation(lower(node.operands.front()));
    }
    fit = Fit::Loose;
    return Expression::always();
  }

  Fit fit = Fit::Exact;

 private:
  static bool is_flag(const FieldExpression& node) {
    if (node.kind != FieldExpression::Kind::Operation) return false;
    return traceql::is_comparison(node.op) || node.op == Operator::And || node.op == Operator::Or ||
           node.op == Operator::Not;
  }

  Expression comparison(const FieldExpression& node) {
    SPOOR_ASSERT(node.operands.size() == 2);
    const FieldExpression& left = node.operands[0];
    const FieldExpression& right = node.operands[1];
    if (is_nil(left) || is_nil(right)) return presence(node.op, is_nil(left) ? right : left);
    bool is_left_field = left.kind == FieldExpression::Kind::Field;
    bool is_right_field = right.kind == FieldExpression::Kind::Field;
    if ((is_left_field && is_constant(right)) || (is_constant(left) && is_right_field)) {
      Comparing comparing(purpose_);
      Expression lowered = is_left_field
                               ? comparing.lower(left.field, node.op, right.literal)
                               : comparing.lower(right.field, flipped(node.op), left.literal);
      fit = std::max(fit, comparing.fit);
      return lowered;
    }
    fit = Fit::Loose;
    if (purpose_ == Purpose::TracesAlone) return Expression::always();
    std::vector<Expression> needed;
    add_needed(left, needed);
    add_needed(right, needed);
    return needed.empty() ? Expression::always() : Expression::all_of(std::move(needed));
  }

  Expression presence(Operator op, const FieldExpression& field) {
    if (purpose_ == Purpose::TracesAlone) return Expression::always();
    bool is_attribute = field.kind == FieldExpression::Kind::Field &&
                        field.field.kind == traceql::Field::Kind::Attribute;
    if (is_always_there(field)) return Expression::always();  // who asks for nil is refused
    fit = std::max(fit, is_attribute || is_nil(field) ? Fit::Plain : Fit::Loose);
    if (is_nil(field)) return never();
    if (!is_attribute) return Expression::always();
    Expression exists =
        Expression::exists(Field::attribute(place_of(field.field.scope), field.field.name));
    if (op != Operator::Equal) return exists;
    if (purpose_ != Purpose::Plain) {
      // An attribute without a value is there for an Expression, and nil for TraceQL.
      fit = Fit::Loose;
      return Expression::always();
    }
    return Expression::negation(std::move(exists));
  }

  // Attributes without which the value is nil.
  void add_needed(const FieldExpression& node, std::vector<Expression>& needed) {
    if (node.kind == FieldExpression::Kind::Field) {
      if (node.field.kind == traceql::Field::Kind::Attribute) {
        needed.push_back(
            Expression::exists(Field::attribute(place_of(node.field.scope), node.field.name)));
      }
      return;
    }
    if (!traceql::is_arithmetic(node.op) && node.op != Operator::Negate) return;
    for (const FieldExpression& operand : node.operands) add_needed(operand, needed);
  }

  const Purpose purpose_;
};

}  // namespace

LoweredCondition lower_condition(const FieldExpression& condition, Purpose purpose) {
  Conditions conditions(purpose);
  Expression expression = conditions.lower(condition);
  return {std::move(expression), conditions.fit};
}

}  // namespace spoor::query
