#include "traceql/check.h"

#include <algorithm>
#include <array>

#include "traceql/check_steps.h"
#include "traceql/parser.h"
#include "traceql/print.h"

namespace spoor::traceql {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  Status condition(const FieldExpression& condition) const;
  Status metrics(const MetricsExpression& node) const;
  Status stages(const std::vector<Stage>& stages) const;
  Status hint(const Hint& hint) const;

 private:
  Status spansets(const SpansetExpression& node) const;
  Status scalar_filter(const ScalarFilter& filter, Position position) const;
  Status scalar(const ScalarExpression& node) const;
  Status aggregate(const ScalarExpression& node) const;
  Status metrics_aggregate(const MetricsAggregate& aggregate) const;
  Status second_stage(const SecondStage& stage) const;
  Status error(Position position, const std::string& message) const {
    return error_at(text_, position, message);
  }

  std::string_view text_;
};

Type type_of_field(const Field& field) {
  return type_of(FieldExpression::of(field));
}

// Hints that are read, and what they take. Others are let pass, as Tempo does: they may be meant
// for another version.
enum class HintType : uint8_t { Flag, FlagOrFraction, FlagOrCount, Precision };
struct KnownHint {
  std::string_view name;
  HintType type;
};
constexpr std::array<KnownHint, 7> kHints = {{
    {"most_recent", HintType::Flag},
    {"extrapolate", HintType::Flag},
    {"sample", HintType::FlagOrFraction},
    {"span_sample", HintType::FlagOrFraction},
    {"trace_sample", HintType::FlagOrFraction},
    {"exemplars", HintType::FlagOrCount},
    {"precision", HintType::Precision},
}};

bool has_aggregate(const ScalarExpression& node) {
  return node.kind == ScalarExpression::Kind::Aggregate ||
         std::any_of(node.operands.begin(), node.operands.end(), has_aggregate);
}

Status Checker::condition(const FieldExpression& condition) const {
  SPOOR_TRY(check_expression(condition, text_));
  Type type = type_of(condition);
  if (type == Type::Boolean || type == Type::Any) return {};
  return error(condition.position, "a filter must be true or false, got a value of type " +
                                       std::string(type_name(type)));
}

Status Checker::spansets(const SpansetExpression& node) const {
  if (node.kind == SpansetExpression::Kind::Filter) return condition(node.condition);
  if (node.kind == SpansetExpression::Kind::Pipeline) return stages(node.stages);
  for (const SpansetExpression& operand : node.operands) SPOOR_TRY(spansets(operand));
  return {};
}

Status Checker::stages(const std::vector<Stage>& stages) const {
  for (const Stage& stage : stages) {
    if (const auto* node = std::get_if<SpansetExpression>(&stage.body)) {
      SPOOR_TRY(spansets(*node));
    } else if (const auto* filter = std::get_if<ScalarFilter>(&stage.body)) {
      SPOOR_TRY(scalar_filter(*filter, stage.position));
    } else if (const auto* group = std::get_if<GroupBy>(&stage.body)) {
      SPOOR_TRY(check_expression(group->key, text_));
      if (!names_field(group->key)) {
        return error(stage.position, "by() needs an attribute or intrinsic in it");
      }
    } else if (const auto* select = std::get_if<Select>(&stage.body)) {
      for (const Field& field : select->fields) SPOOR_TRY(check_field(field, text_));
    }
  }
  return {};
}

Status Checker::scalar_filter(const ScalarFilter& filter, Position position) const {
  SPOOR_TRY(scalar(filter.left));
  SPOOR_TRY(scalar(filter.right));
  if (has_aggregate(filter.left) || has_aggregate(filter.right)) return {};
  return error(position, "expected an aggregate such as count() in the comparison");
}

Status Checker::scalar(const ScalarExpression& node) const {
  switch (node.kind) {
    case ScalarExpression::Kind::Constant:
      return {};
    case ScalarExpression::Kind::Aggregate:
      return aggregate(node);
    case ScalarExpression::Kind::Pipeline:
      return unsupported_at(text_, node.position,
                            "an aggregate of a pipeline in parentheses is not supported yet");
    case ScalarExpression::Kind::Operation:
      break;
  }
  for (const ScalarExpression& operand : node.operands) SPOOR_TRY(scalar(operand));
  return {};
}

Status Checker::aggregate(const ScalarExpression& node) const {
  if (node.function == AggregateFunction::Count) return {};
  SPOOR_TRY(check_expression(node.argument, text_));
  Type type = type_of(node.argument);
  std::string name(name_of(node.function));
  if (type != Type::Any && !is_numeric(type)) {
    return error(node.argument.position,
                 name + "() needs numbers, got a value of type " + std::string(type_name(type)));
  }
  if (!names_field(node.argument)) {
    return error(node.argument.position, name + "() needs an attribute or intrinsic in it");
  }
  return {};
}

Status Checker::metrics(const MetricsExpression& node) const {
  if (node.kind == MetricsExpression::Kind::Constant) {
    if (!std::holds_alternative<Duration>(node.literal)) return {};
    return error(node.position, "metrics are combined with plain numbers, got a duration");
  }
  if (node.kind == MetricsExpression::Kind::Aggregate) {
    SPOOR_TRY(stages(node.stages));
    SPOOR_TRY(metrics_aggregate(node.aggregate));
  }
  for (const MetricsExpression& operand : node.operands) SPOOR_TRY(metrics(operand));
  for (const SecondStage& stage : node.second_stages) SPOOR_TRY(second_stage(stage));
  return {};
}

Status Checker::metrics_aggregate(const MetricsAggregate& aggregate) const {
  std::string name(name_of(aggregate.function));
  if (aggregate.function == MetricsFunction::Compare) {
    return unsupported_at(text_, aggregate.position, "compare() is not supported yet");
  }
  if (aggregate.field) {
    SPOOR_TRY(check_field(*aggregate.field, text_));
    Type type = type_of_field(*aggregate.field);
    if (type != Type::Any && !is_numeric(type)) {
      return error(aggregate.field->position,
                   name + "() needs numbers, got a value of type " + std::string(type_name(type)));
    }
  }
  for (double quantile : aggregate.quantiles) {
    if (quantile >= 0 && quantile <= 1) continue;
    return error(aggregate.position, "a quantile lies between 0 and 1");
  }
  for (const Field& field : aggregate.by) SPOOR_TRY(check_field(field, text_));
  bool has_buckets = aggregate.function == MetricsFunction::QuantileOverTime ||
                     aggregate.function == MetricsFunction::HistogramOverTime;
  size_t fields_max = has_buckets ? kGroupFieldsWithBucketsMax : kGroupFieldsMax;
  if (aggregate.by.size() <= fields_max) return {};
  return error(aggregate.position, name + "() by " + std::to_string(aggregate.by.size()) +
                                       " fields, allowed are " + std::to_string(fields_max));
}

Status Checker::second_stage(const SecondStage& stage) const {
  if (stage.kind == SecondStage::Kind::Filter || stage.count > 0) return {};
  return error(stage.position, "expected at least 1 series, got " + std::to_string(stage.count));
}

bool is_fraction(const Literal& literal) {
  if (const auto* integer = std::get_if<int64_t>(&literal)) return *integer == 0 || *integer == 1;
  const auto* number = std::get_if<double>(&literal);
  return number != nullptr && *number >= 0 && *number <= 1;
}

bool is_precision(const Literal& literal) {
  const auto* number = std::get_if<double>(&literal);
  return number != nullptr && *number >= kPrecisionMin && *number <= kPrecisionMax;
}

Status Checker::hint(const Hint& hint) const {
  for (const KnownHint& known : kHints) {
    if (known.name != hint.name) continue;
    bool is_flag = std::holds_alternative<bool>(hint.value);
    if (is_flag && known.type != HintType::Precision) return {};
    const auto* count = std::get_if<int64_t>(&hint.value);
    switch (known.type) {
      case HintType::Flag:
        return error(hint.position, "hint " + hint.name + " is true or false");
      case HintType::FlagOrFraction:
        if (is_fraction(hint.value)) return {};
        return error(hint.position, "hint " + hint.name + " is true, false, or between 0 and 1");
      case HintType::FlagOrCount:
        if (count != nullptr && *count >= 0) return {};
        return error(hint.position, "hint " + hint.name + " is true, false, or a count");
      case HintType::Precision:
        if (is_precision(hint.value)) return {};
        return error(hint.position, "hint " + hint.name + " lies between 0.001 and 0.5");
    }
  }
  return {};
}

}  // namespace

Status check(const Query& query, std::string_view text) {
  Checker checker(text);
  SPOOR_TRY(checker.stages(query.stages));
  if (query.metrics) SPOOR_TRY(checker.metrics(*query.metrics));
  for (const Hint& hint : query.hints) SPOOR_TRY(checker.hint(hint));
  return {};
}

Status check(const FieldExpression& condition, std::string_view text) {
  return Checker(text).condition(condition);
}

Result<Query> parse_checked(std::string_view text) {
  SPOOR_ASSIGN(Query query, parse(text));
  SPOOR_TRY(check(query, text));
  return query;
}

}  // namespace spoor::traceql
