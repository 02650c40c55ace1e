// Second stages and arithmetic of the oracle in plain_traceql_metrics.h. Header only; shares
// nothing with src/query.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/plain_metrics_points.h"
#include "traceql/names.h"
#include "traceql/print.h"

namespace spoor::test {

inline PlainSeries plain_without_empty(PlainSeries series) {
  std::erase_if(series, [](const auto& entry) {
    for (double value : entry.second) {
      if (!std::isnan(value)) return false;
    }
    return true;
  });
  return series;
}

inline double plain_number(const traceql::Literal& literal) {
  PlainValue value = plain(literal);
  return static_cast<double>(plain_seconds(value, value.number));
}

inline double plain_computed(traceql::Operator op, double a, double b) {
  if (op == traceql::Operator::Add) return a + b;
  if (op == traceql::Operator::Subtract) return a - b;
  if (op == traceql::Operator::Multiply) return a * b;
  return b == 0 ? kPlainNone : a / b;
}

// Whether a series of the list has these, its name left aside.
inline bool plain_has_labels(const PlainSeries& series, const PlainLabels& labels) {
  for (const auto& [of, points] : series) {
    PlainLabels plain = of;
    plain.erase("__name__");
    if (plain == labels) return true;
  }
  return false;
}

inline void plain_apply(const traceql::SecondStage& stage, size_t intervals, PlainSeries& series) {
  for (size_t k = 0; k < intervals; ++k) {
    if (stage.kind == traceql::SecondStage::Kind::Filter) {
      for (auto& [labels, points] : series) {
        if (!plain_order(stage.comparison, points[k], plain_number(stage.literal))) {
          points[k] = kPlainNone;
        }
      }
      continue;
    }
    bool is_top = stage.kind == traceql::SecondStage::Kind::TopK;
    std::vector<double> order;
    for (auto& [labels, points] : series) {
      if (!std::isnan(points[k])) order.push_back(points[k]);
    }
    std::sort(order.begin(), order.end());
    if (is_top) std::reverse(order.begin(), order.end());
    if (order.size() <= static_cast<size_t>(stage.count)) continue;
    double last = order[static_cast<size_t>(stage.count) - 1];
    // Which of equal ones are kept is up to their labels' order.
    bool is_tie = order[static_cast<size_t>(stage.count)] == last;
    if (is_tie) throw std::runtime_error("a tie");
    for (auto& [labels, points] : series) {
      if (is_top ? points[k] < last : points[k] > last) points[k] = kPlainNone;
    }
  }
  series = plain_without_empty(series);
}

// A number on one side, the series on the other.
inline PlainSeries plain_with_number(const traceql::MetricsExpression& node,
                                     const PlainSeries& series) {
  using Kind = traceql::MetricsExpression::Kind;
  const traceql::MetricsExpression &a = node.operands[0], &b = node.operands[1];
  std::string symbol = " " + std::string(traceql::symbol_of(node.op)) + " ";
  PlainSeries result;
  bool is_left = a.kind == Kind::Constant;
  double number = plain_number(is_left ? a.literal : b.literal);
  std::string text = to_string(traceql::FieldExpression::of(is_left ? a.literal : b.literal));
  for (const auto& [labels, points] : series) {
    PlainLabels named = labels;
    if (named.contains("__name__")) {
      std::string name = named["__name__"].substr(1);
      named["__name__"] =
          is_left ? "s(" + text + symbol + name + ")" : "s(" + name + symbol + text + ")";
    }
    for (double point : points) {
      if (!std::isnan(point)) {
        point = is_left ? plain_computed(node.op, number, point)
                        : plain_computed(node.op, point, number);
      }
      result[named].push_back(point);
    }
  }
  return result;
}

// REQUIRES: of two functions.
inline PlainSeries plain_joined(traceql::Operator op, const PlainSeries& left,
                                const PlainSeries& right) {
  std::string symbol = " " + std::string(traceql::symbol_of(op)) + " ";
  PlainSeries result;
  for (const auto& [x, lefts] : left) {
    for (const auto& [y, rights] : right) {
      PlainLabels p = x, q = y;
      bool both = p.erase("__name__") + q.erase("__name__") == 2;
      // A side's series without labels stands in for those that the side does not have.
      bool meets =
          p == q || (plain_has_labels(right, {}) ? q.empty() && !plain_has_labels(right, p)
                                                 : p.empty() && !plain_has_labels(left, q));
      if (!meets) continue;
      PlainLabels labels = p.empty() ? q : p;
      if (both) {
        labels["__name__"] =
            "s(" + x.at("__name__").substr(1) + symbol + y.at("__name__").substr(1) + ")";
      }
      for (size_t k = 0; k < lefts.size(); ++k) {
        auto or_zero = [](double value) { return std::isnan(value) ? 0 : value; };
        result[labels].push_back(plain_computed(op, or_zero(lefts[k]), or_zero(rights[k])));
      }
    }
  }
  return result;
}

}  // namespace spoor::test
