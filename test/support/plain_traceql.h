// The oracle of TraceQL searches: runs the parser's tree on one trace, span by span, by walking
// parents, and looks at every pair of spans for a relation. Slow and plain on purpose; shares no
// code with src/query. Errors of a query are exceptions. Header only, as plain_search.h.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "support/plain_traceql_fields.h"
#include "traceql/metrics_tree.h"
#include "traceql/print.h"

namespace spoor::test {

struct PlainSpanset {
  std::vector<size_t> spans;                     // of the trace, ascending
  std::map<std::string, PlainValue> attributes;  // by(name), count()
};

class PlainTraceql {
 public:
  // The trace outlives the oracle.
  explicit PlainTraceql(const PlainTrace& trace) : trace_(trace) {}

  // Of a search. None if the trace does not match.
  std::vector<PlainSpanset> run(const traceql::Query& query) const {
    PlainSpanset all;
    for (size_t i = 0; i < trace_.rows.size(); ++i) all.spans.push_back(i);
    return stages(query.stages, {all});
  }

  bool holds(const traceql::FieldExpression& condition, size_t i) const {
    return plain_truth(values(condition, i)).is_true();
  }

 private:
  using Spansets = std::vector<PlainSpanset>;
  using Values = std::vector<PlainValue>;

  Values values(const traceql::FieldExpression& node, size_t i) const {
    using traceql::Operator;
    if (node.kind == traceql::FieldExpression::Kind::Constant) {
      PlainValue value = plain(node.literal);
      return value.type == 'n' ? Values() : Values{value};
    }
    if (node.kind == traceql::FieldExpression::Kind::Field) return trace_.values(node.field, i);
    if (node.op == Operator::And || node.op == Operator::Or) return {logical(node, i)};
    Values left = values(node.operands.front(), i);
    if (node.op == Operator::Not) {
      PlainValue flag = plain_truth(left);
      return flag.type == 'b' ? Values{plain('b', flag.is_true() ? 0 : 1)} : Values();
    }
    if (node.op == Operator::Negate) return negated(left);
    Values right = values(node.operands[1], i);
    if (traceql::is_arithmetic(node.op)) {
      Values results;
      for (const PlainValue& a : left) {
        for (const PlainValue& b : right) results.push_back(plain_compute(node.op, a, b));
      }
      std::erase_if(results, [](const PlainValue& value) { return value.type == 'n'; });
      return results;
    }
    plain_lengthen_ids(node.operands[0], right);
    plain_lengthen_ids(node.operands[1], left);
    return {plain('b', compares(node, left, right) ? 1 : 0)};
  }

  static Values negated(const Values& values) {
    Values results;
    for (const PlainValue& value : values) {
      if (!value.is_number()) continue;
      bool is_least = value.type != 'f' && value.number == INT64_MIN;
      // Only floats have a zero below zero.
      auto number = value.type == 'f' ? -value.number : 0 - value.number;
      results.push_back(plain(is_least ? 'f' : value.type, number));
    }
    return results;
  }

  static bool compares(const traceql::FieldExpression& node, const Values& left,
                       const Values& right) {
    using traceql::Operator;
    auto is_nil = [](const traceql::FieldExpression& operand) {
      return operand.kind == traceql::FieldExpression::Kind::Constant &&
             std::holds_alternative<traceql::Nil>(operand.literal);
    };
    bool left_nil = is_nil(node.operands[0]), right_nil = is_nil(node.operands[1]);
    if (left_nil && right_nil) return false;
    if (left_nil || right_nil) {
      return (left.empty() && right.empty()) == (node.op == Operator::Equal);
    }
    for (const PlainValue& a : left) {
      for (const PlainValue& b : right) {
        bool is_regex = node.op == Operator::Matches || node.op == Operator::DoesNotMatch;
        bool found = is_regex ? plain_match(a, b.text, node.op == Operator::DoesNotMatch)
                              : plain_compare(node.op, a, b);
        if (found) return true;
      }
    }
    return false;
  }

  // As if it were written with two operands each: ((a && b) && c).
  PlainValue logical(const traceql::FieldExpression& node, size_t i) const {
    bool is_or = node.op == traceql::Operator::Or;
    PlainValue left = plain_truth(values(node.operands.front(), i));
    for (size_t k = 1; k < node.operands.size(); ++k) {
      if (left.type == 'b' && left.is_true() == is_or) continue;
      PlainValue right = plain_truth(values(node.operands[k], i));
      bool both_flags = left.type == 'b' && right.type == 'b';
      left = both_flags ? right : plain('b', 0);
    }
    return left;
  }

  Spansets stages(const std::vector<traceql::Stage>& list, Spansets spansets) const {
    for (const traceql::Stage& stage : list) {
      if (const auto* node = std::get_if<traceql::SpansetExpression>(&stage.body)) {
        spansets = select(*node, spansets);
      } else if (const auto* filter = std::get_if<traceql::ScalarFilter>(&stage.body)) {
        std::erase_if(spansets, [&](PlainSpanset& one) { return !keeps(*filter, one); });
      } else if (const auto* group = std::get_if<traceql::GroupBy>(&stage.body)) {
        spansets = grouped(group->key, traceql::to_string(stage), spansets);
      } else if (std::holds_alternative<traceql::Coalesce>(stage.body) && !spansets.empty()) {
        PlainSpanset all;
        for (const PlainSpanset& one : spansets) all.spans = either(all.spans, one.spans);
        spansets = {all};
      }
    }
    return spansets;
  }

  static std::vector<size_t> either(std::vector<size_t> a, const std::vector<size_t>& b) {
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());
    a.erase(std::unique(a.begin(), a.end()), a.end());
    return a;
  }

  Spansets select(const traceql::SpansetExpression& node, const Spansets& spansets) const {
    using Kind = traceql::SpansetExpression::Kind;
    if (node.kind == Kind::Pipeline) return stages(node.stages, spansets);
    Spansets kept;
    for (PlainSpanset one : spansets) {
      if (node.kind == Kind::Filter) {
        std::erase_if(one.spans, [&](size_t i) { return !holds(node.condition, i); });
      } else {
        one.spans = combined(node, one);
      }
      if (!one.spans.empty()) kept.push_back(one);
    }
    return kept;
  }

  std::vector<size_t> combined(const traceql::SpansetExpression& node,
                               const PlainSpanset& input) const {
    using traceql::SpansetOperator;
    std::vector<size_t> left;
    for (size_t k = 0; k < node.operands.size(); ++k) {
      Spansets made = select(node.operands[k], {input});
      if (made.size() > 1) throw std::runtime_error("several spansets");
      std::vector<size_t> right = made.empty() ? std::vector<size_t>() : made.front().spans;
      bool lacks_one = left.empty() || right.empty();
      if (k == 0) {
        left = right;
      } else if (node.op == SpansetOperator::Or) {
        left = either(left, right);
      } else if (node.op == SpansetOperator::And) {
        left = lacks_one ? std::vector<size_t>() : either(left, right);
      } else {
        left = related(node.op, left, right);
      }
    }
    return left;
  }

  std::vector<size_t> related(traceql::SpansetOperator op, const std::vector<size_t>& left,
                              const std::vector<size_t>& right) const {
    int number = static_cast<int>(op) - static_cast<int>(traceql::SpansetOperator::Child);
    std::vector<size_t> result;
    for (size_t b : right) {
      bool any = false;
      for (size_t a : left) {
        if (!trace_.is_related(number % 5, a, b)) continue;
        any = true;
        if (number >= 10) result.push_back(a);  // of a union both sides
      }
      bool is_negated = number >= 5 && number < 10;
      if (any != is_negated) result.push_back(b);
    }
    return either(result, {});
  }

  bool keeps(const traceql::ScalarFilter& filter, PlainSpanset& spanset) const {
    PlainValue left = scalar(filter.left, spanset), right = scalar(filter.right, spanset);
    if (!plain_compare(filter.op, left, right)) return false;
    using Kind = traceql::ScalarExpression::Kind;
    for (const auto* side : {&filter.left, &filter.right}) {
      if (side->kind == Kind::Constant) continue;
      spanset.attributes[traceql::to_string(*side)] = side == &filter.left ? left : right;
    }
    return true;
  }

  PlainValue scalar(const traceql::ScalarExpression& node, const PlainSpanset& spanset) const {
    using Kind = traceql::ScalarExpression::Kind;
    if (node.kind == Kind::Constant) return plain(node.literal);
    if (node.kind == Kind::Operation) {
      PlainValue left = scalar(node.operands[0], spanset);
      return plain_compute(node.op, left, scalar(node.operands[1], spanset));
    }
    using traceql::AggregateFunction;
    if (node.function == AggregateFunction::Count) {
      return plain('i', static_cast<long double>(spanset.spans.size()));
    }
    Values numbers;
    for (size_t i : spanset.spans) {
      Values all = values(node.argument, i);
      if (!all.empty() && all.front().is_number()) numbers.push_back(all.front());
    }
    return aggregate(node.function, numbers);
  }

  Spansets grouped(const traceql::FieldExpression& key, const std::string& text,
                   const Spansets& spansets) const {
    Spansets groups;
    for (const PlainSpanset& one : spansets) {
      std::map<std::string, size_t> places;
      for (size_t i : one.spans) {
        Values all = values(key, i);
        PlainValue value = all.empty() ? PlainValue() : all.front();
        auto [place, is_new] = places.emplace(described(value), groups.size());
        if (is_new) {
          groups.push_back({{}, one.attributes});
          groups.back().attributes[text] = value;
        }
        groups[place->second].spans.push_back(i);
      }
    }
    return groups;
  }

  const PlainTrace& trace_;
};

}  // namespace spoor::test
