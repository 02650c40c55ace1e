// The tree of a condition on one span: what Jaeger's parameters, and every other language, are
// lowered to. Plain data; prepare.h turns it into what runs.
//
// A comparison holds if any value that its field names satisfies it: a span may carry a key
// twice, an attribute may be looked for in several places, a span has many events. A field that
// is not there satisfies nothing but Missing; what `!=` means on it is the business of whoever
// builds the tree (Not turns the answer round).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"

namespace spoor::query {

// Where an attribute is looked for.
enum class Place : uint8_t {
  Span,
  Resource,
  Scope,  // the instrumentation scope
  Event,
  Link,
  SpanOrResource,  // the span's; the resource's if the span has none of that key
  Anywhere,        // each of the above on its own
};

// What a span says of itself beside its attributes.
enum class Intrinsic : uint8_t {
  Name,           // text
  Service,        // text: the resource's service.name, empty if there is none
  Kind,           // number as in OTLP
  Status,         // number as in OTLP: 0 unset, 1 ok, 2 error
  StatusMessage,  // text
  Duration,       // nanoseconds; 0 where the end is before the start
  Start,          // nanoseconds since 1970
  ScopeName,      // text
  ScopeVersion,   // text
  EventName,      // text, of any event
  NamesParent,    // number: 1 where the span names a parent, 0 where it does not
  // Of the whole trace. Some traces a scan leaves undecided (row_traces.h, head_traces.h): in those
  // such comparisons hold.
  RootName,       // text: of the first span without a parent, empty without one
  RootService,    // text
  TraceDuration,  // nanoseconds
};

struct Field {
  enum class Kind : uint8_t { Intrinsic, Attribute };
  Kind kind = Kind::Intrinsic;
  Intrinsic intrinsic = Intrinsic::Name;
  Place place = Place::Span;  // of an attribute
  std::string key;            // of an attribute

  static Field of(Intrinsic intrinsic) { return {Kind::Intrinsic, intrinsic, Place::Span, {}}; }
  static Field attribute(Place place, std::string key) {
    return {Kind::Attribute, Intrinsic::Name, place, std::move(key)};
  }
  bool operator==(const Field&) const = default;
};

enum class Comparison : uint8_t {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  Matches,  // RE2, anchored at both ends, on text
  DoesNotMatch,
  Exists,
  Missing,
};

// How the values of a field meet the literal.
enum class Typing : uint8_t {
  Typed,   // text with text, numbers (int and double mixed) with numbers, bool with bool; values
           // of another type satisfy nothing
  AsText,  // a value is compared by its text: 500 equals "500", 72.5 "72.5", true "true", bytes
           // their base64, lists their JSON. Ordered by number where both sides are numbers
  OfElements,  // as Typed; a list whose elements are of one type satisfies it if one of them does,
               // NotEqual and DoesNotMatch if all do, also if there is none
};

using Literal = std::variant<std::monostate, std::string, int64_t, double, bool>;

struct Expression {
  enum class Kind : uint8_t { True, And, Or, Not, Compare };
  Kind kind = Kind::True;
  std::vector<Expression> operands;  // of And and Or any number, of Not one

  // Of Compare.
  Field field;
  Comparison comparison = Comparison::Exists;
  Typing typing = Typing::Typed;
  Literal literal;

  static Expression always() { return {}; }
  static Expression all_of(std::vector<Expression> operands);
  static Expression any_of(std::vector<Expression> operands);
  static Expression negation(Expression operand);
  static Expression compare(Field field, Comparison comparison, Literal literal,
                            Typing typing = Typing::Typed);
  static Expression exists(Field field);
};

// Limits of a tree: InvalidArgument names the one that is passed.
constexpr size_t kExpressionNodesMax = 1'024;
constexpr size_t kExpressionDepthMax = 128;
constexpr size_t kRegexBytesMax = 1'024;
Status check(const Expression& expression);

// For messages and tests: "(service = \"shop\" && any.http.status_code = \"500\" as text)".
std::string to_string(const Expression& expression);

}  // namespace spoor::query
