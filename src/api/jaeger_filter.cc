#include "api/jaeger_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "api/go_values.h"
#include "api/jaeger_search.h"
#include "base/time.h"

namespace spoor::api {

using query::Comparison;
using query::Expression;
using query::Field;
using query::Intrinsic;
using query::Literal;
using query::Place;
using query::Typing;
using wire::JaegerFilter;

namespace {

struct FieldName {
  std::string_view level;
  std::string_view name;
  Intrinsic intrinsic;
};
constexpr std::array<FieldName, 10> kFields = {{
    {"span", "name", Intrinsic::Name},
    {"span", "kind", Intrinsic::Kind},
    {"span", "startTime", Intrinsic::Start},
    {"span", "duration", Intrinsic::Duration},
    {"span", "status", Intrinsic::Status},
    {"span", "statusMessage", Intrinsic::StatusMessage},
    {"resource", "service", Intrinsic::Service},
    {"scope", "name", Intrinsic::ScopeName},
    {"scope", "version", Intrinsic::ScopeVersion},
    {"event", "name", Intrinsic::EventName},
}};

struct Level {
  std::string_view name;
  Place place;
};
constexpr std::array<Level, 6> kLevels = {{{"", Place::SpanOrResource},
                                           {"span", Place::Span},
                                           {"resource", Place::Resource},
                                           {"scope", Place::Scope},
                                           {"event", Place::Event},
                                           {"link", Place::Link}}};

struct Operator {
  std::string_view name;
  Comparison comparison;
};
constexpr std::array<Operator, 7> kComparisons = {{{"eq", Comparison::Equal},
                                                   {"ne", Comparison::NotEqual},
                                                   {"gt", Comparison::Greater},
                                                   {"lt", Comparison::Less},
                                                   {"gte", Comparison::GreaterOrEqual},
                                                   {"lte", Comparison::LessOrEqual},
                                                   {"regex", Comparison::Matches}}};

Status not_supported(std::string_view what) {
  return invalid_argument(std::string(what) + " is not supported");
}

Status wrong_arguments(const JaegerFilter& call, std::string_view expected) {
  return invalid_argument("operator " + call.name + " takes " + std::string(expected));
}

Result<Field> field_of(const JaegerFilter& reference) {
  if (reference.kind == JaegerFilter::Kind::Attribute) {
    auto level = std::ranges::find(kLevels, reference.level, &Level::name);
    if (level == kLevels.end()) return not_supported("level \"" + reference.level + "\"");
    if (reference.name.empty()) return invalid_argument("an attr has no key");
    return Field::attribute(level->place, reference.name);
  }
  if (reference.kind == JaegerFilter::Kind::Field) {
    std::string_view level = reference.level.empty() ? "span" : std::string_view(reference.level);
    for (const FieldName& field : kFields) {
      if (field.level == level && field.name == reference.name) return Field::of(field.intrinsic);
    }
    return not_supported("field " + std::string(level) + "." + reference.name);
  }
  return invalid_argument("expected an attr or a field as the first argument of a comparison");
}

struct TypedLiteral {
  Literal literal;
  Typing typing;
};

Status not_of_type(const std::string& value, const std::string& type) {
  return invalid_argument("\"" + value.substr(0, 64) + "\" is not the \"" + type +
                          "\" it declares");
}

// A value to compare an attribute or a text with.
Result<TypedLiteral> plain_literal(const std::string& value, const std::string& type) {
  if (type.empty()) return TypedLiteral{value, Typing::AsText};
  if (type == "string") return TypedLiteral{value, Typing::Typed};
  if (type == "int") {
    auto number = parse_go_integer(value, "strconv.ParseInt");
    if (!number.ok()) return not_of_type(value, type);
    return TypedLiteral{*number, Typing::Typed};
  }
  if (type == "double") {
    double number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return not_of_type(value, type);
    return TypedLiteral{number, Typing::Typed};
  }
  if (type != "bool") return not_supported("type \"" + type + "\"");
  if (value != "true" && value != "false") return not_of_type(value, type);
  return TypedLiteral{value == "true", Typing::Typed};
}

Status not_a(std::string_view what, const std::string& value) {
  return invalid_argument("\"" + value.substr(0, 64) + "\" is not a " + std::string(what));
}

// A value in the words of the field that it is compared with.
Result<TypedLiteral> literal_for(const Field& field, const std::string& value,
                                 const std::string& type) {
  if (field.kind == Field::Kind::Attribute) return plain_literal(value, type);
  std::optional<int64_t> number;
  switch (field.intrinsic) {
    case Intrinsic::Kind:
      number = span_kind_number(value);
      if (!number) return not_a("span kind", value);
      break;
    case Intrinsic::Status:
      number = span_status_number(value);
      if (!number) return not_a("span status", value);
      break;
    case Intrinsic::Duration: {
      SPOOR_ASSIGN(number, parse_go_duration_nanos(value));
      break;
    }
    case Intrinsic::Start: {
      SPOOR_ASSIGN(UnixNanos time, parse_rfc3339(value));
      if (time.value > INT64_MAX) return not_a("time before 2262", value);
      number = static_cast<int64_t>(time.value);
      break;
    }
    default:
      return TypedLiteral{value, Typing::Typed};
  }
  return TypedLiteral{*number, Typing::Typed};
}

bool is_text(const Field& field) {
  if (field.kind == Field::Kind::Attribute) return true;
  return field.intrinsic != Intrinsic::Kind && field.intrinsic != Intrinsic::Status &&
         field.intrinsic != Intrinsic::Duration && field.intrinsic != Intrinsic::Start;
}

// There is a value, and the condition holds for none.
Expression there_but_not(const Field& field, Expression condition) {
  return Expression::all_of(
      {Expression::exists(field), Expression::negation(std::move(condition))});
}

Result<Expression> compare_call(const JaegerFilter& call, Comparison comparison) {
  if (call.arguments.size() != 2 || call.arguments[1].kind != JaegerFilter::Kind::Scalar) {
    return wrong_arguments(call, "a reference and a scalar");
  }
  SPOOR_ASSIGN(Field field, field_of(call.arguments[0]));
  const JaegerFilter& scalar = call.arguments[1];
  SPOOR_ASSERT(scalar.values.size() == 1);
  if (comparison == Comparison::Matches) {
    if (!is_text(field)) {
      return invalid_argument("operator regex takes a text, which the field " +
                              call.arguments[0].name + " is not");
    }
    bool is_typed = field.kind == Field::Kind::Intrinsic || scalar.type == "string";
    return Expression::compare(field, comparison, scalar.values.front(),
                               is_typed ? Typing::Typed : Typing::AsText);
  }
  SPOOR_ASSIGN(TypedLiteral literal, literal_for(field, scalar.values.front(), scalar.type));
  if (comparison != Comparison::NotEqual) {
    return Expression::compare(field, comparison, std::move(literal.literal), literal.typing);
  }
  return there_but_not(field, Expression::compare(field, Comparison::Equal,
                                                  std::move(literal.literal), literal.typing));
}

Result<Expression> membership(const JaegerFilter& call) {
  if (call.arguments.size() != 2 || call.arguments[1].kind != JaegerFilter::Kind::List) {
    return wrong_arguments(call, "a reference and a list");
  }
  SPOOR_ASSIGN(Field field, field_of(call.arguments[0]));
  const JaegerFilter& list = call.arguments[1];
  std::vector<Expression> any;
  for (const std::string& value : list.values) {
    SPOOR_ASSIGN(TypedLiteral literal, literal_for(field, value, list.type));
    any.push_back(
        Expression::compare(field, Comparison::Equal, std::move(literal.literal), literal.typing));
  }
  Expression is_one = Expression::any_of(std::move(any));
  if (call.name == "in") return is_one;
  return there_but_not(field, std::move(is_one));
}

// Bound to one event or link: sayable while there is a single comparison, which any of them may
// satisfy.
Result<Expression> quantified(const JaegerFilter& call) {
  if (call.arguments.size() != 2 || call.arguments[0].kind != JaegerFilter::Kind::Nested ||
      call.arguments[1].kind != JaegerFilter::Kind::Call) {
    return wrong_arguments(call, "a nested and a call");
  }
  const std::string& level = call.arguments[0].level;
  const JaegerFilter& inner = call.arguments[1];
  if (level != "event" && level != "link")
    return not_supported("some over level \"" + level + "\"");
  bool is_single = std::ranges::any_of(kComparisons, [&](const Operator& entry) {
    return entry.name == inner.name && entry.comparison != Comparison::NotEqual;
  });
  is_single = is_single || inner.name == "exists" || inner.name == "in";
  if (!is_single) return not_supported("operator " + inner.name + " within some");
  if (inner.arguments.empty() || inner.arguments[0].level != level) {
    return invalid_argument("expected a reference of level " + level + " within some");
  }
  return filter_condition(inner);
}

}  // namespace

// Recursive as deep as the decoder lets a filter nest.
Result<Expression> filter_condition(const JaegerFilter& filter) {
  if (filter.kind != JaegerFilter::Kind::Call) return invalid_argument("expected a call");
  const std::string& name = filter.name;
  for (const Operator& entry : kComparisons) {
    if (entry.name == name) return compare_call(filter, entry.comparison);
  }
  if (name == "in" || name == "not_in") return membership(filter);
  if (name == "some") return quantified(filter);
  if (name == "exists") {
    if (filter.arguments.size() != 1) return wrong_arguments(filter, "a reference");
    SPOOR_ASSIGN(Field field, field_of(filter.arguments[0]));
    return Expression::exists(std::move(field));
  }
  if (name != "and" && name != "or" && name != "not") return not_supported("operator " + name);
  if (filter.arguments.empty() || (name == "not" && filter.arguments.size() != 1)) {
    return wrong_arguments(filter, name == "not" ? "one call" : "at least one call");
  }
  std::vector<Expression> operands;
  for (const JaegerFilter& argument : filter.arguments) {
    SPOOR_ASSIGN(Expression operand, filter_condition(argument));
    operands.push_back(std::move(operand));
  }
  if (name == "not") return Expression::negation(std::move(operands.front()));
  return name == "and" ? Expression::all_of(std::move(operands))
                       : Expression::any_of(std::move(operands));
}

}  // namespace spoor::api
