// One function of a metrics query made ready to run, and the roads on which it may be answered.
// Made once, then immutable and thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/expression.h"
#include "query/metrics_buckets.h"
#include "query/traceql_plan.h"
#include "query/traceql_trace.h"
#include "traceql/metrics_tree.h"

namespace spoor::query {

// What an interval of a series is computed from.
enum class MetricsCellKind : uint8_t {
  Count,
  Least,
  Greatest,
  Sum,
  PowerBuckets,    // few, side by side
  PreciseBuckets,  // many, far apart
};

// What the hints at the end of a query ask for.
struct MetricsHints {
  std::optional<size_t> exemplars;
  std::optional<double> precision;  // of buckets
  bool extrapolate = false;
  // Hints of sampling are followed by not sampling: the answer is the one that samples come near
  // to.
  static MetricsHints of(const std::vector<traceql::Hint>& hints);
};

class MetricsPlan {
 public:
  // REQUIRES: the node is a function, traceql::check() let it pass, and it outlives the plan.
  static Result<std::unique_ptr<MetricsPlan>> make(const traceql::MetricsExpression& node,
                                                   const MetricsHints& hints);

  const traceql::MetricsAggregate& aggregate() const { return node_.aggregate; }
  const std::vector<traceql::Stage>& stages() const { return node_.stages; }
  // No stage looks at other spans of the trace, but for fields that speak of them.
  bool has_filters_only() const { return has_filters_only_; }
  const TraceqlPlan& pipeline() const { return pipeline_; }
  // Every span that counts satisfies it.
  const Expression& necessary() const { return necessary_; }
  const MetricsBuckets& buckets() const { return buckets_; }
  MetricsCellKind cell_kind() const { return cell_kind_; }
  // The field is a duration: answers are in seconds.
  bool is_of_durations() const { return is_of_durations_; }
  // Stages, field and groups as text: plans with the same fill their cells alike.
  std::string what_is_counted() const;
  // Spans count by their sampling_weight().
  bool is_extrapolated() const { return is_extrapolated_; }
  // Spans with equal values of these are a group: the fields of by(), each once, and at the end
  // the weight where spans count by it.
  const std::vector<traceql::Field>& key_fields() const { return key_fields_; }
  // The labels of by().
  const std::vector<std::string>& by_names() const { return by_names_; }

 private:
  explicit MetricsPlan(const traceql::MetricsExpression& node) : node_(node) {}

  const traceql::MetricsExpression& node_;
  TraceqlPlan pipeline_;
  Expression necessary_;
  MetricsBuckets buckets_;
  MetricsCellKind cell_kind_ = MetricsCellKind::Count;
  bool is_of_durations_ = false;
  bool has_filters_only_ = false;
  bool is_extrapolated_ = false;
  std::vector<traceql::Field> key_fields_;
  std::vector<std::string> by_names_;
};

// The first value of the field; nil without one.
TypedValue metrics_value(const traceql::Field& field, TraceqlTrace& trace, SpanIndex i);

}  // namespace spoor::query
