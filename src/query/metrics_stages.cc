#include "query/metrics_stages.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/assert.h"
#include "base/bytes.h"
#include "query/metrics_table.h"
#include "traceql/names.h"
#include "traceql/print.h"

namespace spoor::query {
namespace {

using traceql::Operator;
using traceql::SecondStage;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kName = "__name__";

std::strong_ordering order_of(const TypedValue& a, const TypedValue& b) {
  if (a.type != b.type) return a.type <=> b.type;
  if (a.type == traceql::Type::Text) return a.value.as_string() <=> b.value.as_string();
  if (a.is_number()) {
    std::partial_ordering order = order_of_numbers(a, b);
    if (order < 0) return std::strong_ordering::less;
    if (order > 0) return std::strong_ordering::greater;
  }
  MetricsKey x, y;
  append_metrics_key(x, a);
  append_metrics_key(y, b);
  return x <=> y;
}

bool comes_before(const MetricsSeries& a, const MetricsSeries& b) {
  for (size_t i = 0; i < std::min(a.labels.size(), b.labels.size()); ++i) {
    const MetricsLabel &x = a.labels[i], &y = b.labels[i];
    if (x.name != y.name) return x.name < y.name;
    std::strong_ordering order = order_of(x.value, y.value);
    if (order != 0) return order < 0;
  }
  return a.labels.size() < b.labels.size();
}

// Keeps the best of each interval. REQUIRES: sorted.
void keep_best(MetricsSeriesList& series, const SecondStage& stage) {
  size_t intervals = series.empty() ? 0 : series.front().values.size();
  auto wanted = static_cast<size_t>(stage.count);
  std::vector<size_t> places;
  for (size_t i = 0; i < intervals; ++i) {
    places.clear();
    for (size_t k = 0; k < series.size(); ++k) {
      if (!std::isnan(series[k].values[i])) places.push_back(k);
    }
    if (places.size() <= wanted) continue;
    auto is_better = [&](size_t a, size_t b) {
      double x = series[a].values[i], y = series[b].values[i];
      if (x != y) return stage.kind == SecondStage::Kind::TopK ? x > y : x < y;
      return a < b;
    };
    auto first_lost = places.begin() + static_cast<ptrdiff_t>(wanted);
    std::ranges::nth_element(places, first_lost, is_better);
    for (auto lost = first_lost; lost != places.end(); ++lost) series[*lost].values[i] = kNothing;
  }
}

bool satisfies(Operator op, double value, double bound) {
  switch (op) {
    case Operator::Equal:
      return value == bound;
    case Operator::NotEqual:
      return value != bound;
    case Operator::Less:
      return value < bound;
    case Operator::LessOrEqual:
      return value <= bound;
    case Operator::Greater:
      return value > bound;
    default:
      return value >= bound;
  }
}

double computed(Operator op, double a, double b) {
  switch (op) {
    case Operator::Add:
      return a + b;
    case Operator::Subtract:
      return a - b;
    case Operator::Multiply:
      return a * b;
    default:
      return b == 0 ? kNothing : a / b;
  }
}

double or_zero(double value) {
  return std::isnan(value) ? 0 : value;
}

// The labels without the name, as bytes.
MetricsKey join_key(const MetricsSeries& series) {
  std::vector<const MetricsLabel*> labels;
  for (const MetricsLabel& label : series.labels) {
    if (label.name != kName) labels.push_back(&label);
  }
  std::ranges::sort(labels, {}, [](const MetricsLabel* label) { return label->name; });
  MetricsKey key;
  for (const MetricsLabel* label : labels) {
    append_sized(key, label->name);
    append_metrics_key(key, label->value);
  }
  return key;
}

std::optional<std::string_view> name_of(const MetricsSeries& series) {
  for (const MetricsLabel& label : series.labels) {
    if (label.name == kName) return label.value.value.as_string();
  }
  return std::nullopt;
}

class Combination {
 public:
  Combination(Operator op, Arena& arena) : op_(op), arena_(arena) {}

  enum class Side { Left, Right };  // of the operator on which the number stands

  MetricsSeriesList with_number(MetricsSeriesList series, const traceql::Literal& literal,
                                Side side) {
    double number = metrics_number(literal);
    bool is_left = side == Side::Left;
    std::string text = traceql::to_string(traceql::FieldExpression::of(literal));
    for (MetricsSeries& one : series) {
      for (double& value : one.values) {
        if (std::isnan(value)) continue;
        value = is_left ? computed(op_, number, value) : computed(op_, value, number);
      }
      auto name = name_of(one);
      if (name) rename(one, is_left ? text : *name, is_left ? *name : text);
    }
    return series;
  }

  MetricsSeriesList joined(const MetricsSeriesList& left, const MetricsSeriesList& right) {
    using Places = std::map<MetricsKey, const MetricsSeries*>;
    auto places_of = [](const MetricsSeriesList& list) {
      Places places;
      for (const MetricsSeries& one : list) places.emplace(join_key(one), &one);
      return places;
    };
    Places lefts = places_of(left), rights = places_of(right);
    auto match = [](const Places& places, const MetricsKey& key) -> const MetricsSeries* {
      auto found = places.find(key);
      if (found == places.end()) found = places.find({});
      return found == places.end() ? nullptr : found->second;
    };
    MetricsSeriesList result;
    for (const auto& [key, unused] : rights.contains({}) ? lefts : rights) {
      const MetricsSeries* a = match(lefts, key);
      const MetricsSeries* b = match(rights, key);
      if (a != nullptr && b != nullptr) result.push_back(combined(*a, *b));
    }
    return result;
  }

 private:
  void rename(MetricsSeries& series, std::string_view a, std::string_view b) {
    std::string name = "(" + std::string(a) + " " + std::string(traceql::symbol_of(op_)) + " " +
                       std::string(b) + ")";
    for (MetricsLabel& label : series.labels) {
      if (label.name == kName) {
        label.value = TypedValue::text(arena_.copy(std::string_view(name)));
      }
    }
  }

  MetricsSeries combined(const MetricsSeries& a, const MetricsSeries& b) {
    MetricsSeries result = a;
    for (size_t i = 0; i < result.values.size(); ++i) {
      result.values[i] = computed(op_, or_zero(a.values[i]), or_zero(b.values[i]));
    }
    result.exemplars.insert(result.exemplars.end(), b.exemplars.begin(), b.exemplars.end());
    auto left = name_of(a), right = name_of(b);
    if (left && right) {
      rename(result, *left, *right);
    } else {
      std::erase_if(result.labels, [](const MetricsLabel& label) { return label.name == kName; });
    }
    for (const MetricsLabel& label : b.labels) {
      bool is_known =
          std::ranges::find(result.labels, label.name, &MetricsLabel::name) != result.labels.end();
      if (!is_known && label.name != kName) result.labels.push_back(label);
    }
    return result;
  }

  Operator op_;
  Arena& arena_;
};

}  // namespace

void sort_series(MetricsSeriesList& series) {
  std::ranges::sort(series, comes_before);
}

bool has_points(const MetricsSeries& series) {
  return !std::ranges::all_of(series.values, [](double value) { return std::isnan(value); });
}

double metrics_number(const traceql::Literal& literal) {
  if (const auto* number = std::get_if<int64_t>(&literal)) return static_cast<double>(*number);
  if (const auto* number = std::get_if<double>(&literal)) return *number;
  const auto* duration = std::get_if<traceql::Duration>(&literal);
  SPOOR_ASSERT(duration != nullptr);
  return static_cast<double>(duration->nanos) / static_cast<double>(kNanosPerSecond);
}

MetricsSeriesList apply_stage(const SecondStage& stage, MetricsSeriesList series) {
  if (stage.kind == SecondStage::Kind::Filter) {
    double bound = metrics_number(stage.literal);
    for (MetricsSeries& one : series) {
      for (double& value : one.values) {
        if (!satisfies(stage.comparison, value, bound)) value = kNothing;
      }
    }
  } else {
    sort_series(series);
    keep_best(series, stage);
  }
  std::erase_if(series, [](const MetricsSeries& one) { return !has_points(one); });
  return series;
}

MetricsSeriesList combine(Operator op, MetricsOperand left, MetricsOperand right, Arena& arena) {
  Combination combination(op, arena);
  SPOOR_ASSERT(left.number == nullptr || right.number == nullptr);
  if (left.number != nullptr) {
    return combination.with_number(std::move(right.series), *left.number, Combination::Side::Left);
  }
  if (right.number != nullptr) {
    return combination.with_number(std::move(left.series), *right.number, Combination::Side::Right);
  }
  return combination.joined(left.series, right.series);
}

}  // namespace spoor::query
