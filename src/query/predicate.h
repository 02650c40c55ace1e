// What a comparison asks of one value, made ready: the literal parsed, the regex compiled.
// Immutable and thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/sought_text.h"
#include "model/value.h"
#include "query/expression.h"

namespace re2 {
class RE2;
}

namespace spoor::query {

class Predicate {
 public:
  // InvalidArgument for a regex that does not compile, or a literal that the comparison cannot
  // take. REQUIRES: not Missing, which is turned into a negated Exists before.
  static Result<Predicate> make(Comparison comparison, Typing typing, const Literal& literal);

  bool text(std::string_view value) const;
  bool integer(int64_t value) const;
  bool number(double value) const;
  bool boolean(bool value) const;
  bool value(const Value& value) const;

  // What a typed comparison with a whole number is on integers; nothing for other predicates.
  struct IntegerRange {
    int64_t min, max;  // both included; empty where min > max
  };
  std::optional<IntegerRange> integer_range() const;

  // The text that a text must equal; nothing for other predicates.
  std::optional<std::string_view> equal_text() const;
  // What every text that it holds for is or contains; nothing where that may be any.
  std::optional<codec::SoughtText> required_text() const;

  bool is_exists() const { return comparison_ == Comparison::Exists; }

 private:
  bool ordered(int order) const;  // -1, 0, 1: the value against the literal
  bool as_text(std::string_view value) const;
  bool elements(const Value& list) const;

  Comparison comparison_ = Comparison::Exists;
  Typing typing_ = Typing::Typed;
  std::optional<std::string> text_;  // a text literal
  std::optional<double> number_;     // a number, or a text that is one where typing is AsText
  std::optional<int64_t> integer_;   // likewise, where it is whole
  std::optional<bool> boolean_;
  std::shared_ptr<const re2::RE2> regex_;
  std::string required_;  // by a match with the regex
};

}  // namespace spoor::query
