// A TraceQL search made ready to run: literals as values, regular expressions compiled, names of
// what spansets are annotated with. Made once for a query, then immutable and thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/traceql_value.h"
#include "traceql/metrics_tree.h"

namespace re2 {
class RE2;
}

namespace spoor::query {

// Of one span.
struct PlannedExpression {
  enum class Kind : uint8_t {
    Constant,
    Field,
    And,
    Or,
    Not,
    Negate,
    Compare,  // two operands
    Match,    // one, with the regex
    IsNil,    // one, a field
    Compute,  // two operands
  };
  Kind kind = Kind::Constant;
  traceql::Operator op = traceql::Operator::Equal;  // of Compare and Compute
  bool is_negated = false;                          // of Match and IsNil
  TypedValue constant;
  const traceql::Field* field = nullptr;
  std::shared_ptr<const re2::RE2> regex;
  std::string_view text;  // of Compute: as it was written
  std::vector<PlannedExpression> operands;
};

struct PlannedStage;

struct PlannedSpansets {
  traceql::SpansetExpression::Kind kind = traceql::SpansetExpression::Kind::Filter;
  PlannedExpression condition;
  traceql::SpansetOperator op = traceql::SpansetOperator::And;
  std::vector<PlannedSpansets> operands;
  std::vector<PlannedStage> stages;
};

// Of one spanset.
struct PlannedScalar {
  traceql::ScalarExpression::Kind kind = traceql::ScalarExpression::Kind::Constant;
  TypedValue constant;
  traceql::AggregateFunction function = traceql::AggregateFunction::Count;
  PlannedExpression argument;
  traceql::Operator op = traceql::Operator::Add;
  std::vector<PlannedScalar> operands;
  std::string_view text;  // "avg(duration)"
};

struct PlannedStage {
  enum class Kind : uint8_t { Spansets, ScalarFilter, GroupBy, Coalesce, Select };
  Kind kind = Kind::Select;
  PlannedSpansets spansets;
  PlannedScalar left, right;  // of ScalarFilter
  traceql::Operator op = traceql::Operator::Equal;
  PlannedExpression key;  // of GroupBy
  std::string_view text;  // of GroupBy: "by(name)"
};

class TraceqlPlan {
 public:
  // Unimplemented for a query of metrics. REQUIRES: traceql::check() let the query pass.
  static Result<TraceqlPlan> make(const traceql::Query& query);

  const std::vector<PlannedStage>& stages() const { return stages_; }
  // What the query names; their values are shown with each span.
  const std::vector<traceql::Field>& fields() const { return fields_; }

 private:
  friend class Planning;
  std::vector<PlannedStage> stages_;
  std::vector<traceql::Field> fields_;
  // What the stages point to.
  std::deque<std::string> texts_;
  std::deque<traceql::Field> named_;
};

}  // namespace spoor::query
