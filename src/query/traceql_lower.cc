#include "query/traceql_lower.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "traceql/names.h"

namespace spoor::query {

using traceql::AttributeScope;
using traceql::FieldExpression;
using traceql::Operator;
using traceql::SpansetExpression;
using traceql::SpansetOperator;

namespace {

Expression never() {
  return Expression::any_of({});
}

// How much a condition is likely to leave out.
int weight_of(const Expression& node) {
  int weight = 0;
  const bool is_of_parents =
      node.kind == Expression::Kind::Compare && node.field == Field::of(Intrinsic::NamesParent);
  if (is_of_parents) return 1;  // every trace has such spans
  switch (node.kind) {
    case Expression::Kind::True:
    case Expression::Kind::Not:
      return 0;
    case Expression::Kind::And:
      for (const Expression& operand : node.operands) weight += weight_of(operand);
      return std::min(weight, 1 << 20);
    case Expression::Kind::Or:
      weight = 1 << 20;  // of what never holds
      for (const Expression& operand : node.operands) {
        weight = std::min(weight, weight_of(operand));
      }
      return weight;
    case Expression::Kind::Compare:
      break;
  }
  switch (node.comparison) {
    case Comparison::Equal:
      return 4;
    case Comparison::Matches:
      return 3;
    case Comparison::NotEqual:
    case Comparison::DoesNotMatch:
    case Comparison::Exists:
    case Comparison::Missing:
      return 1;
    default:
      return 2;
  }
}

// The second where both ask for as much.
Expression stronger(Expression a, Expression b) {
  return weight_of(a) > weight_of(b) ? std::move(a) : std::move(b);
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

bool compare_numbers(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::Equal:
      return left == right;
    case Comparison::NotEqual:
      return left != right;
    case Comparison::Less:
      return left < right;
    case Comparison::LessOrEqual:
      return left <= right;
    case Comparison::Greater:
      return left > right;
    case Comparison::GreaterOrEqual:
      return left >= right;
    default:
      return false;
  }
}

// What a lowered condition is for.
enum class Purpose : uint8_t {
  Necessary,  // it holds at least where the condition does, and does not look at whole traces
  OfTraces,   // the same, looking at whole traces
  Plain,      // the same, if it can be said, of spans whose attributes are plain; looking at whole
              // traces
};

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
  Expression parent_number(Comparison comparison, double number) {
    constexpr double kGreatest = std::numeric_limits<uint32_t>::max();
    auto holds = [&](double parent) { return compare_numbers(parent, comparison, number); };
    const bool of_roots = holds(-1), of_others = holds(0);
    auto names_parent = [](bool does) {
      return Expression::compare(Field::of(Intrinsic::NamesParent), Comparison::Equal,
                                 int64_t{does});
    };
    bool is_one = (comparison == Comparison::Equal || comparison == Comparison::NotEqual) &&
                  number >= 0 && number <= kGreatest;
    if (is_one || of_others != holds(kGreatest)) {
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
    auto number = number_of(literal);
    if (field.intrinsic == traceql::Intrinsic::NestedSetParent && number) {
      return parent_number(comparison, *number);
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
    std::vector<Expression> needed;
    add_needed(left, needed);
    add_needed(right, needed);
    return needed.empty() ? Expression::always() : Expression::all_of(std::move(needed));
  }

  Expression presence(Operator op, const FieldExpression& field) {
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

Expression lower_stages(const std::vector<traceql::Stage>& stages);

Expression lower_spansets(const SpansetExpression& node) {
  if (node.kind == SpansetExpression::Kind::Pipeline) return lower_stages(node.stages);
  if (node.kind == SpansetExpression::Kind::Filter) {
    return Conditions(Purpose::Necessary).lower(node.condition);
  }
  if (traceql::is_negated_relation(node.op)) return lower_spansets(node.operands.back());
  std::vector<Expression> operands;
  for (const SpansetExpression& operand : node.operands) {
    operands.push_back(lower_spansets(operand));
  }
  if (node.op == SpansetOperator::Or) return Expression::any_of(std::move(operands));
  Expression best = std::move(operands.front());
  for (size_t i = 1; i < operands.size(); ++i) {
    best = stronger(std::move(best), std::move(operands[i]));
  }
  return best;
}

// Spans only get fewer from stage to stage, so those that are left satisfy all plain filters.
Expression lower_stages(const std::vector<traceql::Stage>& stages) {
  std::vector<Expression> filters;
  Expression best = Expression::always();
  for (const traceql::Stage& stage : stages) {
    const auto* node = std::get_if<SpansetExpression>(&stage.body);
    if (node == nullptr) continue;
    if (node->kind == SpansetExpression::Kind::Filter) {
      filters.push_back(Conditions(Purpose::Necessary).lower(node->condition));
    }
    best = stronger(std::move(best), lower_spansets(*node));
  }
  if (filters.size() < 2) return best;
  return stronger(std::move(best), Expression::all_of(std::move(filters)));
}

// What holds for the spans that are found.
class FoundSpans {
 public:
  explicit FoundSpans(Purpose purpose) : purpose_(purpose) {}

  Expression lower(const std::vector<traceql::Stage>& stages) {
    std::vector<Expression> conditions;
    for (const traceql::Stage& stage : stages) {
      if (std::holds_alternative<traceql::ScalarFilter>(stage.body)) fit = Fit::Loose;
      const auto* node = std::get_if<SpansetExpression>(&stage.body);
      if (node != nullptr) conditions.push_back(lower(*node));
    }
    if (conditions.size() == 1) return std::move(conditions.front());
    return Expression::all_of(std::move(conditions));
  }

  Fit fit = Fit::Exact;

 private:
  Expression lower(const SpansetExpression& node) {
    if (node.kind == SpansetExpression::Kind::Pipeline) return lower(node.stages);
    if (node.kind == SpansetExpression::Kind::Filter) {
      Conditions conditions(purpose_);
      Expression condition = conditions.lower(node.condition);
      fit = std::max(fit, conditions.fit);
      return condition;
    }
    if (node.op != SpansetOperator::Or) fit = Fit::Loose;
    // A relation finds spans of its right side, a union those of both.
    bool finds_one_side = traceql::is_relation(node.op) && !traceql::relation_of(node.op).is_union;
    if (finds_one_side) return lower(node.operands.back());
    std::vector<Expression> operands;
    for (const SpansetExpression& operand : node.operands) operands.push_back(lower(operand));
    return Expression::any_of(std::move(operands));
  }

  const Purpose purpose_;
};

}  // namespace

LoweredCondition lower_condition(const traceql::FieldExpression& condition) {
  Conditions conditions(Purpose::OfTraces);
  LoweredCondition lowered;
  lowered.necessary = conditions.lower(condition);
  lowered.fit = conditions.fit;
  if (!check(lowered.necessary).ok()) {
    lowered.necessary = Expression::always();
    lowered.fit = Fit::Loose;
  }
  return lowered;
}

Expression lower_spans(const std::vector<traceql::Stage>& stages) {
  Expression necessary = FoundSpans(Purpose::Necessary).lower(stages);
  return check(necessary).ok() ? std::move(necessary) : Expression::always();
}

std::optional<Expression> lower_plain_spans(const std::vector<traceql::Stage>& stages) {
  FoundSpans found(Purpose::Plain);
  Expression exact = found.lower(stages);
  if (found.fit == Fit::Loose || !check(exact).ok()) return std::nullopt;
  return exact;
}

LoweredQuery lower(const traceql::Query& query) {
  SPOOR_ASSERT(!query.metrics);
  FoundSpans found(Purpose::Necessary);
  Expression of_found = found.lower(query.stages);
  if (found.fit != Fit::Loose && check(of_found).ok()) return {std::move(of_found), found.fit};
  Expression necessary = lower_stages(query.stages);
  return {check(necessary).ok() ? std::move(necessary) : Expression::always(), Fit::Loose};
}

}  // namespace spoor::query
