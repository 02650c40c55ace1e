// Random trees over what random spans hold: keys and values that occur, near misses of them, and
// some that occur nowhere. Header only, as plain_search.h.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "model/span.h"
#include "model/value_text.h"
#include "query/expression.h"

namespace spoor::test {

class ArbitraryExpressions {
 public:
  explicit ArbitraryExpressions(uint64_t seed) : random_(seed) {}

  // What trees may speak of. The batch need not outlive the call.
  void learn(const SpanBatch& batch) {
    for (const Resource& resource : batch.resources) {
      learn(resource.attributes);
      texts_.emplace_back(resource.service_name());
    }
    for (const Scope& scope : batch.scopes) {
      learn(scope.attributes);
      texts_.emplace_back(scope.name);
    }
    for (const Span& span : batch.spans) {
      learn(span.attributes);
      texts_.emplace_back(span.name);
      texts_.emplace_back(span.status.message);
      numbers_.push_back(static_cast<int64_t>(span.end.value - span.start.value));
      numbers_.push_back(static_cast<int64_t>(span.start.value));
      for (const Event& event : span.events) {
        learn(event.attributes);
        texts_.emplace_back(event.name);
      }
      for (const Link& link : span.links) learn(link.attributes);
    }
  }

  query::Expression make(int depth = 3) {
    uint64_t dice = random_() % 10;
    if (depth == 0 || dice < 4) return comparison();
    if (dice < 5) return query::Expression::negation(make(depth - 1));
    std::vector<query::Expression> operands;
    for (uint64_t i = random_() % 3 + 1; i > 0; --i) operands.push_back(make(depth - 1));
    if (dice < 6 && random_() % 8 == 0) operands.push_back(query::Expression::always());
    return dice < 8 ? query::Expression::all_of(std::move(operands))
                    : query::Expression::any_of(std::move(operands));
  }

 private:
  void learn(Attributes attributes) {
    for (const KeyValue& entry : attributes) {
      keys_.emplace_back(entry.key);
      std::string text;
      append_value_text(text, entry.value);
      value_texts_.push_back(text);
      if (entry.value.type() == ValueType::String) texts_.push_back(text);
      if (entry.value.type() == ValueType::Int) numbers_.push_back(entry.value.as_int());
      if (entry.value.type() == ValueType::Double) reals_.push_back(entry.value.as_double());
    }
  }

  template <typename T>
  T any(const std::vector<T>& list, T otherwise) {
    return list.empty() || random_() % 12 == 0 ? otherwise : list[random_() % list.size()];
  }

  query::Expression comparison() {
    using namespace query;
    if (random_() % 2 == 0) {
      Field field =
          Field::attribute(static_cast<Place>(random_() % 7), any<std::string>(keys_, "no"));
      return compare(std::move(field));
    }
    return compare(Field::of(static_cast<Intrinsic>(random_() % 11)));
  }

  // A regex of a text that contains nothing special.
  static std::string escaped(std::string_view text, size_t bytes) {
    std::string pattern;
    for (char c : text.substr(0, bytes)) {
      if (c >= 'a' && c <= 'z') pattern += c;
    }
    return pattern;
  }

  query::Expression compare(query::Field field) {
    using namespace query;
    uint64_t dice = random_() % 12;
    auto comparison = static_cast<Comparison>(random_() % 6);
    if (dice < 2) {
      return Expression::compare(std::move(field),
                                 dice == 0 ? Comparison::Exists : Comparison::Missing, {});
    }
    if (dice < 4) {
      // Letters in the order in which they are in some value, anything between them.
      std::string pattern = ".*" + escaped(any<std::string>(texts_, "x"), 3) + ".*";
      for (char& c : pattern) {
        if (c == '.') c = '\x01';
      }
      std::string any_byte;
      for (char c : pattern) any_byte += c == '\x01' ? std::string("[a-z]") : std::string(1, c);
      return Expression::compare(std::move(field),
                                 dice == 2 ? Comparison::Matches : Comparison::DoesNotMatch,
                                 any_byte, random_() % 2 ? Typing::Typed : Typing::AsText);
    }
    if (dice < 7) {
      return Expression::compare(std::move(field), comparison,
                                 any<std::string>(value_texts_, "no such value"), Typing::AsText);
    }
    if (dice < 9) {
      return Expression::compare(std::move(field), comparison, any<std::string>(texts_, ""),
                                 dice == 7 ? Typing::Typed : Typing::OfElements);
    }
    if (dice < 10)
      return Expression::compare(std::move(field), comparison, any<int64_t>(numbers_, 2));
    if (dice < 11)
      return Expression::compare(std::move(field), comparison, any<double>(reals_, 0.5));
    return Expression::compare(std::move(field),
                               random_() % 2 ? Comparison::Equal : Comparison::NotEqual,
                               random_() % 2 == 0, Typing::OfElements);
  }

  std::mt19937_64 random_;
  std::vector<std::string> keys_{""}, texts_, value_texts_;
  std::vector<int64_t> numbers_;
  std::vector<double> reals_;
};

}  // namespace spoor::test
