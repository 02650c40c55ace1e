// The tree of a TraceQL query: plain data that every stage after the parser reads. It has a node
// for everything the language can say; which of it is meaningful is the business of check.h.
//
// A tree that the parser made is at most kTreeHeightMax levels high, so recursion over it,
// destruction included, is safe. Nodes know the place in the text that they came from; equality
// does not look at it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/span.h"
#include "traceql/position.h"

namespace spoor::traceql {

constexpr uint32_t kTreeHeightMax = 128;

struct Nil {
  bool operator==(const Nil&) const = default;
};
struct Duration {
  int64_t nanos = 0;
  bool operator==(const Duration&) const = default;
};

using Literal =
    std::variant<Nil, std::string, int64_t, double, bool, Duration, StatusCode, SpanKind>;

enum class Intrinsic : uint8_t {
  Name,
  Status,
  StatusMessage,
  Kind,
  Duration,
  SpanId,
  ParentId,
  ChildCount,
  TraceDuration,
  RootName,
  RootServiceName,
  TraceId,
  NestedSetLeft,
  NestedSetRight,
  NestedSetParent,
  EventName,
  EventTimeSinceStart,
  LinkTraceId,
  LinkSpanId,
  InstrumentationName,
  InstrumentationVersion,
  Parent,
  // Those below have no name in the language.
  SamplingWeight,  // that `with (extrapolate = true)` counts a span by
};
constexpr size_t kIntrinsicCount = 22;  // that have a name

// Where an attribute lives. Of None the first that has it: span, resource, event, link,
// instrumentation.
enum class AttributeScope : uint8_t { None, Span, Resource, Event, Link, Instrumentation };

// Whose: of the span, or of its parent ("parent.x", "parent.span.x", "parent.resource.x").
enum class Owner : uint8_t { Self, Parent };

struct Field {
  enum class Kind : uint8_t { Intrinsic, Attribute };
  Kind kind = Kind::Intrinsic;
  Intrinsic intrinsic = Intrinsic::Name;
  AttributeScope scope = AttributeScope::None;  // this and what follows: of an attribute
  Owner owner = Owner::Self;
  std::string name;  // without quotes
  Position position = {};

  static Field of(Intrinsic intrinsic) { return {.intrinsic = intrinsic, .name = {}}; }
  static Field attribute(AttributeScope scope, std::string name) {
    return {.kind = Kind::Attribute, .scope = scope, .name = std::move(name)};
  }
  bool operator==(const Field&) const = default;
};

// Of fields, of aggregates and of metrics.
enum class Operator : uint8_t {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  Matches,
  DoesNotMatch,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Power,
  Not,     // one operand
  Negate,  // one operand; "-1" is a literal, "-(1)" is this
};

// A condition or a value, computed from one span. "x = nil" is Equal with a literal.
struct FieldExpression {
  enum class Kind : uint8_t { Constant, Field, Operation };
  Kind kind = Kind::Constant;
  Literal literal = true;
  Field field;
  Operator op = Operator::And;
  // Of an operation: two or more of And and Or, as many as are written without parentheses; one
  // of Not and Negate; two of every other.
  std::vector<FieldExpression> operands;
  Position position;

  static FieldExpression of(Literal literal);
  static FieldExpression of(Field field);
  static FieldExpression operation(Operator op, std::vector<FieldExpression> operands);
};

// Operators between sets of spans. The relations stand in groups of the same order: plain,
// negated ("!>": no such left one), union ("&>": both sides of the relation).
enum class SpansetOperator : uint8_t {
  Or,
  And,
  Child,       // {a} > {b}: a is the parent of b
  Descendant,  // >>
  Parent,      // <
  Ancestor,    // <<
  Sibling,     // ~
  NotChild,
  NotDescendant,
  NotParent,
  NotAncestor,
  NotSibling,
  UnionChild,
  UnionDescendant,
  UnionParent,
  UnionAncestor,
  UnionSibling,
};

// What an operator beyond Or and And asks for.
struct Relation {
  SpansetOperator kind = SpansetOperator::Child;  // Child to Sibling
  bool is_negated = false;
  bool is_union = false;
};
Relation relation_of(SpansetOperator op);
// Or and And have none.
bool is_relation(SpansetOperator op);
bool is_negated_relation(SpansetOperator op);
// The plain relation seen from the other side: of Child Parent.
SpansetOperator inverse(SpansetOperator relation);

struct Stage;

struct SpansetExpression {
  enum class Kind : uint8_t { Filter, Operation, Pipeline };
  Kind kind = Kind::Filter;
  FieldExpression condition;  // of a filter; "{ }" is the literal true
  SpansetOperator op = SpansetOperator::And;
  std::vector<SpansetExpression> operands;  // as of FieldExpression
  std::vector<Stage> stages;                // of a pipeline in parentheses: not one filter alone
  Position position;
};

enum class AggregateFunction : uint8_t { Count, Min, Max, Avg, Sum };

// A value computed from one spanset.
struct ScalarExpression {
  enum class Kind : uint8_t { Constant, Aggregate, Operation, Pipeline };
  Kind kind = Kind::Constant;
  Literal literal = int64_t{0};  // a number or a duration
  AggregateFunction function = AggregateFunction::Count;
  FieldExpression argument;                // of an aggregate but count
  Operator op = Operator::Add;             // arithmetic
  std::vector<ScalarExpression> operands;  // two of an operation; the last stage of a pipeline
  std::vector<Stage> stages;               // of a pipeline: what comes before that
  Position position;
};

// Keeps the spansets for which it holds: "count() > 3".
struct ScalarFilter {
  ScalarExpression left;
  Operator op = Operator::Equal;  // a comparison
  ScalarExpression right;
};

// One spanset for each value: "by(span.x)".
struct GroupBy {
  FieldExpression key;
};

// All spansets of a trace become one: "coalesce()".
struct Coalesce {};

// Fields to show beside those that the query compares: "select(span.x, name)".
struct Select {
  std::vector<Field> fields;
};

struct Stage {
  std::variant<SpansetExpression, ScalarFilter, GroupBy, Coalesce, Select> body;
  Position position;
};

bool operator==(const FieldExpression& a, const FieldExpression& b);
bool operator==(const SpansetExpression& a, const SpansetExpression& b);
bool operator==(const ScalarExpression& a, const ScalarExpression& b);
bool operator==(const ScalarFilter& a, const ScalarFilter& b);
bool operator==(const GroupBy& a, const GroupBy& b);
bool operator==(const Coalesce& a, const Coalesce& b);
bool operator==(const Select& a, const Select& b);
bool operator==(const Stage& a, const Stage& b);

}  // namespace spoor::traceql
