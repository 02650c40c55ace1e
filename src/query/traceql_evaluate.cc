#include "query/traceql_evaluate.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "base/assert.h"
#include "base/hash.h"
#include "query/traceql_aggregate.h"
#include "query/traceql_condition.h"

namespace spoor::query {
namespace {

using traceql::SpansetOperator;
using Spansets = std::vector<Spanset>;

// Equal values have equal hashes.
uint64_t hash_of(const TypedValue& value) {
  switch (value.value.type()) {
    case ValueType::String:
      return hash64(value.value.as_string());
    case ValueType::Int:
      return std::hash<int64_t>()(value.value.as_int());
    case ValueType::Double:
      return std::hash<double>()(value.value.as_double());
    default:
      return static_cast<uint64_t>(value.value.type());
  }
}

// Says it anew where it is there.
void annotate(Spanset& spanset, std::string_view key, const TypedValue& value) {
  for (SpansetAttribute& attribute : spanset.attributes) {
    if (attribute.key != key) continue;
    attribute.value = value;
    return;
  }
  spanset.attributes.push_back({key, value});
}

class Evaluation {
 public:
  explicit Evaluation(TraceqlTrace& trace) : trace_(trace), conditions_(trace) {}

  Result<Spansets> run(const std::vector<PlannedStage>& stages, Spansets spansets) {
    for (const PlannedStage& stage : stages) {
      if (spansets.empty()) break;
      SPOOR_ASSIGN(spansets, run(stage, std::move(spansets)));
    }
    return spansets;
  }

 private:
  Result<Spansets> run(const PlannedStage& stage, Spansets spansets) {
    switch (stage.kind) {
      case PlannedStage::Kind::Spansets:
        return select(stage.spansets, std::move(spansets));
      case PlannedStage::Kind::ScalarFilter:
        return keep(stage, std::move(spansets));
      case PlannedStage::Kind::GroupBy:
        return group(stage, spansets);
      case PlannedStage::Kind::Coalesce:
        return coalesce(spansets);
      case PlannedStage::Kind::Select:
        break;
    }
    return spansets;
  }

  Result<Spansets> select(const PlannedSpansets& node, Spansets spansets) {
    if (node.kind == traceql::SpansetExpression::Kind::Pipeline) {
      return run(node.stages, std::move(spansets));
    }
    Spansets kept;
    for (Spanset& spanset : spansets) {
      if (node.kind == traceql::SpansetExpression::Kind::Filter) {
        std::erase_if(spanset.spans,
                      [&](SpanIndex i) { return !conditions_.holds(node.condition, i); });
        SPOOR_TRY(conditions_.status());
      } else {
        SPOOR_ASSIGN(spanset.spans, combine(node, spanset));
      }
      if (!spanset.spans.empty()) kept.push_back(std::move(spanset));
    }
    return kept;
  }

  // What an operand makes of the spanset: one or none.
  Result<SpanIndexes> operand(const PlannedSpansets& node, const Spanset& spanset) {
    SPOOR_ASSIGN(Spansets made, select(node, {spanset}));
    if (made.size() > 1) {
      return invalid_argument(
          "an operator between spansets got several on one side, put '| coalesce()' behind by()");
    }
    return made.empty() ? SpanIndexes() : std::move(made.front().spans);
  }

  Result<SpanIndexes> combine(const PlannedSpansets& node, const Spanset& spanset) {
    SPOOR_ASSERT(node.operands.size() >= 2);
    SPOOR_ASSIGN(SpanIndexes all, operand(node.operands.front(), spanset));
    for (size_t i = 1; i < node.operands.size(); ++i) {
      SPOOR_ASSIGN(SpanIndexes next, operand(node.operands[i], spanset));
      if (node.op == SpansetOperator::Or) {
        all = unite(all, next);
      } else if (node.op == SpansetOperator::And) {
        all = all.empty() || next.empty() ? SpanIndexes() : unite(all, next);
      } else {
        all = relate(node.op, trace_, all, next);
      }
    }
    return all;
  }

  Result<Spansets> keep(const PlannedStage& stage, Spansets spansets) {
    Spansets kept;
    for (Spanset& spanset : spansets) {
      SPOOR_ASSIGN(TypedValue left, scalar_value(stage.left, spanset.spans, conditions_));
      SPOOR_ASSIGN(TypedValue right, scalar_value(stage.right, spanset.spans, conditions_));
      if (!compare(stage.op, left, right)) continue;
      for (const auto& [side, value] : {std::pair(&stage.left, left), {&stage.right, right}}) {
        bool is_constant = side->kind == traceql::ScalarExpression::Kind::Constant;
        if (!is_constant) annotate(spanset, side->text, value);
      }
      kept.push_back(std::move(spanset));
    }
    return kept;
  }

  Result<Spansets> group(const PlannedStage& stage, const Spansets& spansets) {
    Spansets groups;
    for (const Spanset& spanset : spansets) {
      std::vector<TypedValue> keys;
      std::unordered_multimap<uint64_t, size_t> group_of;  // of the hash of the key
      size_t first = groups.size();
      for (SpanIndex i : spanset.spans) {
        TypedValue key = conditions_.first_value(stage.key, i);
        uint64_t hash = hash_of(key);
        auto [begin, end] = group_of.equal_range(hash);
        auto known =
            std::find_if(begin, end, [&](const auto& entry) { return keys[entry.second] == key; });
        if (known != end) {
          groups[first + known->second].spans.push_back(i);
          continue;
        }
        group_of.emplace(hash, keys.size());
        keys.push_back(key);
        Spanset& added = groups.emplace_back(Spanset{{i}, spanset.attributes});
        annotate(added, stage.text, key);
      }
      SPOOR_TRY(conditions_.status());
    }
    return groups;
  }

  static Spansets coalesce(const Spansets& spansets) {
    Spanset all;
    for (const Spanset& spanset : spansets) {
      all.spans.insert(all.spans.end(), spanset.spans.begin(), spanset.spans.end());
    }
    std::ranges::sort(all.spans);
    all.spans.erase(std::ranges::unique(all.spans).begin(), all.spans.end());
    return {std::move(all)};
  }

  TraceqlTrace& trace_;
  ConditionEvaluator conditions_;
};

}  // namespace

Result<std::vector<Spanset>> evaluate(const TraceqlPlan& plan, TraceqlTrace& trace) {
  if (trace.size() == 0) return Spansets();
  Spanset all;
  all.spans.resize(trace.size());
  std::iota(all.spans.begin(), all.spans.end(), SpanIndex{0});
  return Evaluation(trace).run(plan.stages(), {std::move(all)});
}

}  // namespace spoor::query
