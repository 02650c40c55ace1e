#include "query/metrics_plan.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "query/metrics.h"
#include "query/traceql_fields.h"
#include "query/traceql_lower.h"
#include "traceql/check.h"
#include "traceql/print.h"

namespace spoor::query {
namespace {

using traceql::MetricsFunction;

MetricsCellKind cell_kind_of(MetricsFunction function) {
  switch (function) {
    case MetricsFunction::MinOverTime:
      return MetricsCellKind::Least;
    case MetricsFunction::MaxOverTime:
      return MetricsCellKind::Greatest;
    case MetricsFunction::AvgOverTime:
    case MetricsFunction::SumOverTime:
      return MetricsCellKind::Sum;
    case MetricsFunction::QuantileOverTime:
    case MetricsFunction::HistogramOverTime:
      return MetricsCellKind::PowerBuckets;
    default:
      return MetricsCellKind::Count;
  }
}

bool is_filter(const traceql::SpansetExpression& node) {
  if (node.kind == traceql::SpansetExpression::Kind::Filter) return true;
  return node.kind == traceql::SpansetExpression::Kind::Operation &&
         node.op == traceql::SpansetOperator::Or && std::ranges::all_of(node.operands, is_filter);
}

bool are_filters(const std::vector<traceql::Stage>& stages) {
  bool has_groups = false;
  for (const traceql::Stage& stage : stages) {
    if (std::holds_alternative<traceql::ScalarFilter>(stage.body)) return false;
    has_groups |= std::holds_alternative<traceql::GroupBy>(stage.body);
    const auto* node = std::get_if<traceql::SpansetExpression>(&stage.body);
    if (node == nullptr) continue;
    // Behind by() an operator might be an error of a trace.
    bool is_plain = node->kind == traceql::SpansetExpression::Kind::Filter;
    if (!is_filter(*node) || (has_groups && !is_plain)) return false;
  }
  return true;
}

}  // namespace

MetricsHints MetricsHints::of(const std::vector<traceql::Hint>& hints) {
  MetricsHints result;
  for (const traceql::Hint& hint : hints) {
    const auto* flag = std::get_if<bool>(&hint.value);
    const auto* count = std::get_if<int64_t>(&hint.value);
    const auto* number = std::get_if<double>(&hint.value);
    if (hint.name == "extrapolate" && flag != nullptr) result.extrapolate = *flag;
    if (hint.name == "precision" && number != nullptr) result.precision = *number;
    if (hint.name != "exemplars") continue;
    if (flag != nullptr && !*flag) result.exemplars = 0;
    if (count != nullptr && *count >= 0) result.exemplars = static_cast<size_t>(*count);
  }
  return result;
}

Result<std::unique_ptr<MetricsPlan>> MetricsPlan::make(const traceql::MetricsExpression& node,
                                                       const MetricsHints& hints) {
  SPOOR_ASSERT(node.kind == traceql::MetricsExpression::Kind::Aggregate);
  const traceql::MetricsAggregate& aggregate = node.aggregate;
  if (aggregate.function == MetricsFunction::Compare) {
    return unimplemented("compare() is not supported yet");
  }
  std::unique_ptr<MetricsPlan> plan(new MetricsPlan(node));
  traceql::Query pipeline;
  pipeline.stages = node.stages;
  SPOOR_ASSIGN(plan->pipeline_, TraceqlPlan::make(pipeline));
  plan->has_filters_only_ = are_filters(node.stages);
  plan->necessary_ = lower_spans(node.stages);
  plan->cell_kind_ = cell_kind_of(aggregate.function);
  if (aggregate.field) {
    traceql::Type type = traceql::type_of(traceql::FieldExpression::of(*aggregate.field));
    plan->is_of_durations_ = type == traceql::Type::Duration;
  }
  if (hints.precision && plan->cell_kind_ == MetricsCellKind::PowerBuckets) {
    plan->buckets_ = MetricsBuckets(*hints.precision);
    plan->cell_kind_ = MetricsCellKind::PreciseBuckets;
  }
  for (const traceql::Field& field : aggregate.by) {
    if (std::ranges::find(plan->key_fields_, field) != plan->key_fields_.end()) continue;
    plan->key_fields_.push_back(field);
    plan->by_names_.push_back(traceql::to_string(field));
  }
  bool is_of_extremes =
      plan->cell_kind_ == MetricsCellKind::Least || plan->cell_kind_ == MetricsCellKind::Greatest;
  if (hints.extrapolate && !is_of_extremes) {
    plan->is_extrapolated_ = true;
    plan->key_fields_.push_back(traceql::Field::of(traceql::Intrinsic::SamplingWeight));
  }
  return plan;
}

std::string MetricsPlan::what_is_counted() const {
  std::string text;
  auto add = [&](std::string_view piece) { append_sized(text, piece); };
  for (const traceql::Stage& stage : node_.stages) add(traceql::to_string(stage));
  add({});
  add(node_.aggregate.field ? traceql::to_string(*node_.aggregate.field) : "");
  for (const std::string& name : by_names_) add(name);
  text.push_back(static_cast<char>(cell_kind_));
  text.push_back(is_extrapolated_ ? 1 : 0);
  append_le(text, buckets_.precision());
  return text;
}

TypedValue metrics_value(const traceql::Field& field, TraceqlTrace& trace, SpanIndex i) {
  TypedValues values;
  append_values(field, trace, i, values);
  return values.empty() ? TypedValue::nil() : values.front();
}

}  // namespace spoor::query
