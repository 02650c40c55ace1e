#include "traceql/names.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/assert.h"

namespace spoor::traceql {
namespace {

template <typename Value>
struct Named {
  Value value;
  std::string_view name;
};

template <typename Value, size_t kSize>
std::optional<Value> find_named(const std::array<Named<Value>, kSize>& table,
                                std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

constexpr std::array<IntrinsicName, kIntrinsicCount> kIntrinsics = {{
    {Intrinsic::Name, "name", "span:name", Type::Text},
    {Intrinsic::Status, "status", "span:status", Type::Status},
    {Intrinsic::StatusMessage, "statusMessage", "span:statusMessage", Type::Text},
    {Intrinsic::Kind, "kind", "span:kind", Type::Kind},
    {Intrinsic::Duration, "duration", "span:duration", Type::Duration},
    {Intrinsic::SpanId, "span:id", "", Type::Text},
    {Intrinsic::ParentId, "span:parentID", "", Type::Text},
    {Intrinsic::ChildCount, "span:childCount", "", Type::Integer},
    {Intrinsic::TraceDuration, "traceDuration", "trace:duration", Type::Duration},
    {Intrinsic::RootName, "rootName", "trace:rootName", Type::Text},
    {Intrinsic::RootServiceName, "rootServiceName", "trace:rootService", Type::Text},
    {Intrinsic::TraceId, "trace:id", "", Type::Text},
    {Intrinsic::NestedSetLeft, "nestedSetLeft", "", Type::Integer},
    {Intrinsic::NestedSetRight, "nestedSetRight", "", Type::Integer},
    {Intrinsic::NestedSetParent, "nestedSetParent", "", Type::Integer},
    {Intrinsic::EventName, "event:name", "", Type::Text},
    {Intrinsic::EventTimeSinceStart, "event:timeSinceStart", "", Type::Duration},
    {Intrinsic::LinkTraceId, "link:traceID", "", Type::Text},
    {Intrinsic::LinkSpanId, "link:spanID", "", Type::Text},
    {Intrinsic::InstrumentationName, "instrumentation:name", "", Type::Text},
    {Intrinsic::InstrumentationVersion, "instrumentation:version", "", Type::Text},
    {Intrinsic::Parent, "parent", "", Type::Nil},
}};

constexpr std::array<Named<AttributeScope>, 5> kScopes = {
    {{AttributeScope::Span, "span"},
     {AttributeScope::Resource, "resource"},
     {AttributeScope::Event, "event"},
     {AttributeScope::Link, "link"},
     {AttributeScope::Instrumentation, "instrumentation"}}};

struct OperatorRow {
  std::string_view symbol;
  int level;
};
constexpr std::array<OperatorRow, 18> kOperators = {{{"||", kLogicalLevel},
                                                     {"&&", kLogicalLevel},
                                                     {"=", kComparisonLevel},
                                                     {"!=", kComparisonLevel},
                                                     {"<", kComparisonLevel},
                                                     {"<=", kComparisonLevel},
                                                     {">", kComparisonLevel},
                                                     {">=", kComparisonLevel},
                                                     {"=~", kComparisonLevel},
                                                     {"!~", kComparisonLevel},
                                                     {"+", kSumLevel},
                                                     {"-", kSumLevel},
                                                     {"*", kProductLevel},
                                                     {"/", kProductLevel},
                                                     {"%", kProductLevel},
                                                     {"^", kPowerLevel},
                                                     {"!", kNotLevel},
                                                     {"-", kNegateLevel}}};

constexpr std::array<std::string_view, 17> kSpansetOperators = {
    "||", "&&",  ">",  ">>", "<",   "<<", "~",   "!>", "!>>",
    "!<", "!<<", "!~", "&>", "&>>", "&<", "&<<", "&~"};

constexpr std::array<Named<AggregateFunction>, 5> kAggregates = {{
    {AggregateFunction::Count, "count"},
    {AggregateFunction::Min, "min"},
    {AggregateFunction::Max, "max"},
    {AggregateFunction::Avg, "avg"},
    {AggregateFunction::Sum, "sum"},
}};

constexpr std::array<Named<MetricsFunction>, 9> kMetricsFunctions = {{
    {MetricsFunction::Rate, "rate"},
    {MetricsFunction::CountOverTime, "count_over_time"},
    {MetricsFunction::MinOverTime, "min_over_time"},
    {MetricsFunction::MaxOverTime, "max_over_time"},
    {MetricsFunction::AvgOverTime, "avg_over_time"},
    {MetricsFunction::SumOverTime, "sum_over_time"},
    {MetricsFunction::QuantileOverTime, "quantile_over_time"},
    {MetricsFunction::HistogramOverTime, "histogram_over_time"},
    {MetricsFunction::Compare, "compare"},
}};

constexpr std::array<Named<StatusCode>, 3> kStatuses = {
    {{kStatusUnset, "unset"}, {kStatusOk, "ok"}, {kStatusError, "error"}}};
constexpr std::array<Named<SpanKind>, 6> kKinds = {{{kKindUnspecified, "unspecified"},
                                                    {kKindInternal, "internal"},
                                                    {kKindServer, "server"},
                                                    {kKindClient, "client"},
                                                    {kKindProducer, "producer"},
                                                    {kKindConsumer, "consumer"}}};

// Longer names would make the table of distances large for no use: no word has as many letters.
constexpr size_t kNearMissBytesMax = 32;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Letters to insert, drop or change, case apart.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view type_name(Type type) {
  constexpr std::array<std::string_view, 9> kNames = {
      "attribute", "nil", "string", "integer", "float", "boolean", "duration", "status", "kind"};
  return kNames[static_cast<size_t>(type)];
}

const IntrinsicName& name_of(Intrinsic intrinsic) {
  SPOOR_ASSERT(static_cast<size_t>(intrinsic) < kIntrinsicCount);
  const IntrinsicName& row = kIntrinsics[static_cast<size_t>(intrinsic)];
  SPOOR_ASSERT(row.intrinsic == intrinsic);
  return row;
}

std::optional<Intrinsic> intrinsic_named(std::string_view name) {
  for (const IntrinsicName& row : kIntrinsics) {
    if (!name.empty() && (row.name == name || row.alias == name)) return row.intrinsic;
  }
  return std::nullopt;
}

std::string_view name_of(AttributeScope scope) {
  return scope == AttributeScope::None ? "" : kScopes[static_cast<size_t>(scope) - 1].name;
}

std::optional<AttributeScope> scope_named(std::string_view name) {
  return find_named(kScopes, name);
}

std::string_view symbol_of(Operator op) {
  return kOperators[static_cast<size_t>(op)].symbol;
}

std::string_view symbol_of(SpansetOperator op) {
  return kSpansetOperators[static_cast<size_t>(op)];
}

std::string_view name_of(AggregateFunction function) {
  return kAggregates[static_cast<size_t>(function)].name;
}

std::optional<AggregateFunction> aggregate_named(std::string_view name) {
  return find_named(kAggregates, name);
}

std::string_view name_of(MetricsFunction function) {
  return kMetricsFunctions[static_cast<size_t>(function)].name;
}

std::optional<MetricsFunction> metrics_function_named(std::string_view name) {
  return find_named(kMetricsFunctions, name);
}

std::optional<Literal> literal_named(std::string_view name) {
  if (name == "true") return Literal(true);
  if (name == "false") return Literal(false);
  if (name == "nil") return Literal(Nil{});
  if (name == "minInt") return Literal(std::numeric_limits<int64_t>::min());
  if (name == "maxInt") return Literal(std::numeric_limits<int64_t>::max());
  if (auto status = find_named(kStatuses, name)) return Literal(*status);
  if (auto kind = find_named(kKinds, name)) return Literal(*kind);
  return std::nullopt;
}

std::string_view name_of(StatusCode status) {
  return kStatuses[status].name;
}

std::string_view name_of(SpanKind kind) {
  return kKinds[kind].name;
}

int level_of(Operator op) {
  return kOperators[static_cast<size_t>(op)].level;
}

int level_of(SpansetOperator op) {
  return op <= SpansetOperator::And ? kLogicalLevel : kComparisonLevel;
}

std::span<const std::string_view> value_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> all = {"true", "false", "nil", "minInt", "maxInt"};
    for (const auto& row : kIntrinsics) {
      all.push_back(row.name);
      if (!row.alias.empty()) all.push_back(row.alias);
    }
    for (const auto& row : kStatuses) all.push_back(row.name);
    for (const auto& row : kKinds) all.push_back(row.name);
    return all;
  }();
  return words;
}

std::span<const std::string_view> stage_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> all = {"by", "coalesce", "select", "topk", "bottomk", "with"};
    for (const auto& row : kAggregates) all.push_back(row.name);
    for (const auto& row : kMetricsFunctions) all.push_back(row.name);
    return all;
  }();
  return words;
}

std::string near_miss(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > kNearMissBytesMax) return "";
  size_t best = name.size() <= 3 ? 2 : 3;  // beyond which nothing is near
  std::string_view nearest;
  for (std::string_view word : known) {
    size_t found = distance(name, word);
    if (found < best) {
      best = found;
      nearest = word;
    }
  }
  if (nearest.empty()) return "";
  return ", did you mean '" + std::string(nearest) + "'?";
}

}  // namespace spoor::traceql
