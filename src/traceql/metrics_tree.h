// The tree of a whole query: stages over spansets, or series computed from them, and hints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "traceql/tree.h"

namespace spoor::traceql {

enum class MetricsFunction : uint8_t {
  Rate,
  CountOverTime,
  MinOverTime,
  MaxOverTime,
  AvgOverTime,
  SumOverTime,
  QuantileOverTime,
  HistogramOverTime,
  Compare,
};

// "quantile_over_time(duration, 0.5, 0.9) by (span.x)", or "compare({ status = error }, 10)".
struct MetricsAggregate {
  MetricsFunction function = MetricsFunction::Rate;
  std::optional<Field> field;     // of the functions of a value
  std::vector<double> quantiles;  // of QuantileOverTime, at least one
  std::vector<Field> by;
  FieldExpression selection;     // of Compare
  std::vector<int64_t> numbers;  // of Compare: top n, start and end in nanoseconds
  Position position;
};

// What is done with finished series, point by point.
struct SecondStage {
  enum class Kind : uint8_t { TopK, BottomK, Filter };
  Kind kind = Kind::TopK;
  int64_t count = 1;                      // of TopK and BottomK
  Operator comparison = Operator::Equal;  // of Filter, with the literal: number or duration
  Literal literal = int64_t{0};
  Position position;
};

struct MetricsExpression {
  enum class Kind : uint8_t { Aggregate, Constant, Arithmetic };
  Kind kind = Kind::Aggregate;
  std::vector<Stage> stages;                // of an aggregate: where its spans come from; not empty
  MetricsAggregate aggregate;               // of an aggregate
  Literal literal = int64_t{0};             // of an operand of arithmetic
  Operator op = Operator::Add;              // of arithmetic: Add, Subtract, Multiply, Divide
  std::vector<MetricsExpression> operands;  // of arithmetic two, not both literals
  std::vector<SecondStage> second_stages;   // in order; none of a literal
  Position position;
};

// An entry of "with (most_recent = true)".
struct Hint {
  std::string name;
  Literal value;
  Position position;
};

struct Query {
  std::vector<Stage> stages;  // of a search, not empty; of a metrics query empty
  std::optional<MetricsExpression> metrics;
  std::vector<Hint> hints;
};

bool operator==(const MetricsAggregate& a, const MetricsAggregate& b);
bool operator==(const SecondStage& a, const SecondStage& b);
bool operator==(const MetricsExpression& a, const MetricsExpression& b);
bool operator==(const Hint& a, const Hint& b);
bool operator==(const Query& a, const Query& b);

}  // namespace spoor::traceql
