#include "query/traceql_plan.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/assert.h"
#include "model/ids.h"
#include "traceql/named_fields.h"
#include "traceql/print.h"

namespace spoor::query {

using traceql::FieldExpression;
using traceql::Intrinsic;
using traceql::Operator;

namespace {

// What a regex may make of memory for its automaton.
constexpr int64_t kRegexMemoryBytes = 8 << 20;

bool is_nil(const FieldExpression& node) {
  return node.kind == FieldExpression::Kind::Constant &&
         std::holds_alternative<traceql::Nil>(node.literal);
}

// How many digits an id of that field has; 0 for what is none.
size_t id_digits(const FieldExpression& node) {
  if (node.kind != FieldExpression::Kind::Field ||
      node.field.kind != traceql::Field::Kind::Intrinsic) {
    return 0;
  }
  switch (node.field.intrinsic) {
    case Intrinsic::TraceId:
    case Intrinsic::LinkTraceId:
      return TraceId::kSize * 2;
    case Intrinsic::SpanId:
    case Intrinsic::ParentId:
    case Intrinsic::LinkSpanId:
      return SpanId::kSize * 2;
    default:
      return 0;
  }
}

// As ids are written here: in lower case, with the zeros that many leave out at the left. Text
// that is no id stays as it is.
std::string normal_id(std::string text, size_t digits) {
  bool is_hex = !text.empty() && text.size() <= digits && std::ranges::all_of(text, [](char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (!is_hex) return text;
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::string(digits - text.size(), '0') + text;
}

}  // namespace

class Planning {
 public:
  explicit Planning(TraceqlPlan& plan) : plan_(plan) {}

  std::vector<PlannedStage> stages(const std::vector<traceql::Stage>& stages) {
    std::vector<PlannedStage> planned;
    for (const traceql::Stage& one : stages) planned.push_back(stage(one));
    return planned;
  }

 private:
  std::string_view keep(std::string text) { return plan_.texts_.emplace_back(std::move(text)); }

  TypedValue constant(const traceql::Literal& literal) {
    if (const auto* text = std::get_if<std::string>(&literal)) return TypedValue::text(keep(*text));
    return TypedValue::of(literal);
  }

  PlannedExpression boolean(bool value) {
    PlannedExpression planned;
    planned.constant = TypedValue::boolean(value);
    return planned;
  }

  PlannedExpression expression(const FieldExpression& node) {
    PlannedExpression planned;
    switch (node.kind) {
      case FieldExpression::Kind::Constant:
        planned.constant = constant(node.literal);
        return planned;
      case FieldExpression::Kind::Field:
        planned.kind = PlannedExpression::Kind::Field;
        planned.field = &plan_.named_.emplace_back(node.field);
        return planned;
      case FieldExpression::Kind::Operation:
        break;
    }
    if (node.op == Operator::Matches || node.op == Operator::DoesNotMatch) return match(node);
    if (std::ranges::any_of(node.operands, is_nil)) return presence(node);
    planned.kind = kind_of(node.op);
    planned.op = node.op;
    if (planned.kind == PlannedExpression::Kind::Compute) {
      planned.text = keep(traceql::to_string(node));
    }
    for (const FieldExpression& operand : node.operands) {
      planned.operands.push_back(expression(operand));
    }
    if (planned.kind == PlannedExpression::Kind::Compare) normalize_ids(node, planned);
    return planned;
  }

  static PlannedExpression::Kind kind_of(Operator op) {
    switch (op) {
      case Operator::And:
        return PlannedExpression::Kind::And;
      case Operator::Or:
        return PlannedExpression::Kind::Or;
      case Operator::Not:
        return PlannedExpression::Kind::Not;
      case Operator::Negate:
        return PlannedExpression::Kind::Negate;
      default:
        return traceql::is_comparison(op) ? PlannedExpression::Kind::Compare
                                          : PlannedExpression::Kind::Compute;
    }
  }

  void normalize_ids(const FieldExpression& node, PlannedExpression& planned) {
    if (node.op != Operator::Equal && node.op != Operator::NotEqual) return;
    for (size_t i = 0; i < 2; ++i) {
      size_t digits = id_digits(node.operands[1 - i]);
      const FieldExpression& operand = node.operands[i];
      if (digits == 0 || operand.kind != FieldExpression::Kind::Constant) continue;
      if (const auto* text = std::get_if<std::string>(&operand.literal)) {
        planned.operands[i].constant = TypedValue::text(keep(normal_id(*text, digits)));
      }
    }
  }

  PlannedExpression match(const FieldExpression& node) {
    PlannedExpression planned;
    planned.kind = PlannedExpression::Kind::Match;
    planned.is_negated = node.op == Operator::DoesNotMatch;
    planned.operands.push_back(expression(node.operands[0]));
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemoryBytes);
    options.set_dot_nl(true);
    planned.regex =
        std::make_shared<const re2::RE2>(std::get<std::string>(node.operands[1].literal), options);
    SPOOR_ASSERT(planned.regex->ok());
    return planned;
  }

  // "x = nil". Of two nil nothing holds.
  PlannedExpression presence(const FieldExpression& node) {
    SPOOR_ASSERT(node.operands.size() == 2);
    const FieldExpression& field = is_nil(node.operands[0]) ? node.operands[1] : node.operands[0];
    if (is_nil(field)) return boolean(false);
    PlannedExpression planned;
    planned.kind = PlannedExpression::Kind::IsNil;
    planned.is_negated = node.op == Operator::NotEqual;
    planned.operands.push_back(expression(field));
    return planned;
  }

  PlannedSpansets spansets(const traceql::SpansetExpression& node) {
    PlannedSpansets planned;
    planned.kind = node.kind;
    planned.op = node.op;
    if (node.kind == traceql::SpansetExpression::Kind::Filter) {
      planned.condition = expression(node.condition);
    }
    for (const traceql::SpansetExpression& operand : node.operands) {
      planned.operands.push_back(spansets(operand));
    }
    planned.stages = stages(node.stages);
    return planned;
  }

  PlannedScalar scalar(const traceql::ScalarExpression& node) {
    PlannedScalar planned;
    planned.kind = node.kind;
    planned.function = node.function;
    planned.op = node.op;
    planned.text = keep(traceql::to_string(node));
    if (node.kind == traceql::ScalarExpression::Kind::Constant) {
      planned.constant = constant(node.literal);
    }
    bool has_argument = node.kind == traceql::ScalarExpression::Kind::Aggregate &&
                        node.function != traceql::AggregateFunction::Count;
    if (has_argument) planned.argument = expression(node.argument);
    for (const traceql::ScalarExpression& operand : node.operands) {
      planned.operands.push_back(scalar(operand));
    }
    return planned;
  }

  PlannedStage stage(const traceql::Stage& node) {
    PlannedStage planned;
    if (const auto* body = std::get_if<traceql::SpansetExpression>(&node.body)) {
      planned.kind = PlannedStage::Kind::Spansets;
      planned.spansets = spansets(*body);
    } else if (const auto* filter = std::get_if<traceql::ScalarFilter>(&node.body)) {
      planned.kind = PlannedStage::Kind::ScalarFilter;
      planned.left = scalar(filter->left);
      planned.op = filter->op;
      planned.right = scalar(filter->right);
    } else if (const auto* group = std::get_if<traceql::GroupBy>(&node.body)) {
      planned.kind = PlannedStage::Kind::GroupBy;
      planned.key = expression(group->key);
      planned.text = keep(traceql::to_string(node));
    } else if (std::holds_alternative<traceql::Coalesce>(node.body)) {
      planned.kind = PlannedStage::Kind::Coalesce;
    }
    return planned;
  }

  TraceqlPlan& plan_;
};

Result<TraceqlPlan> TraceqlPlan::make(const traceql::Query& query) {
  if (query.metrics) return unimplemented("a query of metrics is not run by a search");
  TraceqlPlan plan;
  plan.fields_ = traceql::named_fields(query);
  plan.stages_ = Planning(plan).stages(query.stages);
  return plan;
}

}  // namespace spoor::query
