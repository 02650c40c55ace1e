// Random conditions of TraceQL filters: what arbitrary_query.h puts into braces.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "traceql/names.h"
#include "traceql/tree.h"

namespace spoor::test {

// How likely which part is, in percent, and how large a query becomes.
struct QueryWeights {
  int depth = 3;         // of expressions in a filter and of operators between spansets
  int operands_max = 3;  // of one && or ||
  int stages_max = 3;    // of a pipeline
  int metrics_percent = 25;
  int hints_percent = 15;
  int pipeline_percent = 10;   // of operands between spansets: a pipeline in parentheses
  int odd_names_percent = 10;  // of attributes: names that must be quoted
  bool typed = false;          // NOLINT: filters compare what can be compared

  // What attributes are called and compared with; learned from spans by an oracle test.
  std::vector<std::string> names = {"a", "http.status_code", "service.name", "b-c/d*e"};
  std::vector<std::string> texts = {"", "x", "shop", "a \"quoted\" \\ text\n", "\xc3\xa4"};
  std::vector<int64_t> integers = {0, 1, -1, 200, 500, INT64_MAX, INT64_MIN};
};

class ArbitraryConditions {
 public:
  explicit ArbitraryConditions(uint64_t seed, QueryWeights weights = {})
      : random_(seed), weights_(std::move(weights)) {}

  // What may stand in braces; a truth value where trees are typed.
  traceql::FieldExpression condition(int depth) {
    using traceql::Operator;
    if (!weights_.typed) return expression(depth);
    if (depth == 0 || percent(40)) return comparison(depth);
    std::vector<traceql::FieldExpression> operands;
    if (percent(20)) {
      operands.push_back(condition(depth - 1));
      return traceql::FieldExpression::operation(Operator::Not, std::move(operands));
    }
    for (int i = operand_count(); i > 0; --i) operands.push_back(condition(depth - 1));
    return traceql::FieldExpression::operation(percent(50) ? Operator::And : Operator::Or,
                                               std::move(operands));
  }

  traceql::Field field() {
    using namespace traceql;
    if (percent(40)) {
      auto intrinsic = static_cast<Intrinsic>(below(kIntrinsicCount));
      if (weights_.typed && intrinsic == Intrinsic::Parent) intrinsic = Intrinsic::Name;
      return Field::of(intrinsic);
    }
    return attribute();
  }

 protected:
  int below(size_t count) { return static_cast<int>(random_() % count); }
  bool percent(int chance) { return below(100) < chance; }
  int operand_count() { return 2 + below(static_cast<size_t>(weights_.operands_max) - 1); }

  template <typename T>
  T any(const std::vector<T>& list) {
    return list[random_() % list.size()];
  }

  traceql::Field attribute() {
    traceql::Field field = traceql::Field::attribute(static_cast<traceql::AttributeScope>(below(6)),
                                                     any(weights_.names));
    if (percent(weights_.odd_names_percent)) {
      field.name = any<std::string>({"a b", "with \"quotes\"", "back\\slash \\", "5", "span.x", "",
                                     "{}", "x=y", "\xe2\x82\xac", "a\nb", "resource.y"});
    }
    bool may_be_parent = !weights_.typed && (field.scope == traceql::AttributeScope::None ||
                                             field.scope == traceql::AttributeScope::Span ||
                                             field.scope == traceql::AttributeScope::Resource);
    if (may_be_parent && percent(10)) field.owner = traceql::Owner::Parent;
    return field;
  }

  traceql::Literal number() {
    switch (below(3)) {
      case 0:
        return any(weights_.integers);
      case 1:
        return any<double>({0.0, 0.5, -2.25, 1e300, 1e-7, 3.0, 123456789.125});
      default:
        return traceql::Duration{
            any<int64_t>({0, 1, 1'500, 2'500'000, 1'500'000'000, 90'000'000'000, 5'400'000'000'001,
                          -7, INT64_MAX, INT64_MIN, 86'400'000'000'000})};
    }
  }

  traceql::Literal literal() {
    switch (below(7)) {
      case 0:
        return traceql::Nil{};
      case 1:
        return percent(50);
      case 2:
        return static_cast<StatusCode>(below(3));
      case 3:
        return static_cast<SpanKind>(below(6));
      case 4:
        return any(weights_.texts);
      default:
        return number();
    }
  }

  traceql::FieldExpression leaf() {
    return percent(50) ? traceql::FieldExpression::of(field())
                       : traceql::FieldExpression::of(literal());
  }

  traceql::FieldExpression expression(int depth) {
    using traceql::Operator;
    if (depth == 0 || percent(25)) return leaf();
    auto op = static_cast<Operator>(below(18));
    bool is_unary = op == Operator::Not || op == Operator::Negate;
    bool is_logical = op == Operator::And || op == Operator::Or;
    std::vector<traceql::FieldExpression> operands;
    for (int i = is_unary ? 1 : is_logical ? operand_count() : 2; i > 0; --i) {
      operands.push_back(expression(depth - 1));
    }
    return traceql::FieldExpression::operation(op, std::move(operands));
  }

  // A number or an attribute that may be one.
  traceql::FieldExpression arithmetic(int depth) {
    using traceql::Operator;
    if (depth == 0 || percent(50)) {
      if (percent(40)) return traceql::FieldExpression::of(number());
      if (percent(30))
        return traceql::FieldExpression::of(traceql::Field::of(traceql::Intrinsic::Duration));
      return traceql::FieldExpression::of(attribute());
    }
    std::vector<traceql::FieldExpression> operands;
    if (percent(10)) {
      operands.push_back(arithmetic(depth - 1));
      return traceql::FieldExpression::operation(Operator::Negate, std::move(operands));
    }
    operands.push_back(arithmetic(depth - 1));
    operands.push_back(arithmetic(depth - 1));
    auto op = static_cast<Operator>(static_cast<int>(Operator::Add) + below(6));
    return traceql::FieldExpression::operation(op, std::move(operands));
  }

  traceql::FieldExpression comparison(int depth) {
    using namespace traceql;
    auto order = static_cast<Operator>(static_cast<int>(Operator::Equal) + below(6));
    auto equality = percent(50) ? Operator::Equal : Operator::NotEqual;
    auto of = [](Field left, Operator op, Literal right) {
      return FieldExpression::operation(
          op, {FieldExpression::of(std::move(left)), FieldExpression::of(std::move(right))});
    };
    switch (below(8)) {
      case 0:
        return of(attribute(), order, any(weights_.texts));
      case 1:
        return of(percent(50) ? attribute() : Field::of(Intrinsic::Name),
                  percent(50) ? Operator::Matches : Operator::DoesNotMatch,
                  any<std::string>({".*", "x|y", "s.+p", "[a-z]+", "(?i)SHOP"}));
      case 2:
        return of(Field::of(Intrinsic::Status), equality, static_cast<StatusCode>(below(3)));
      case 3:
        return of(Field::of(Intrinsic::Kind), equality, static_cast<SpanKind>(below(6)));
      case 4:
        return of(attribute(), equality, percent(50));
      case 5: {
        Field field = attribute();
        if (field.scope == AttributeScope::Resource && field.name == "service.name")
          field.name = "other";
        return of(std::move(field), equality, Nil{});
      }
      case 6:
        return of(Field::of(percent(50) ? Intrinsic::Name : Intrinsic::RootServiceName), order,
                  any(weights_.texts));
      default: {
        std::vector<FieldExpression> operands;
        operands.push_back(arithmetic(depth));
        operands.push_back(arithmetic(depth));
        return FieldExpression::operation(order, std::move(operands));
      }
    }
  }

  std::mt19937_64 random_;
  QueryWeights weights_;
};

}  // namespace spoor::test
