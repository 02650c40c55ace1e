// The oracle of the query engine: looks at every span of every trace, one by one, and knows
// nothing of columns, templates or heads. Slow and plain on purpose; shares no code with
// src/query but the tree that it is given. Header only, so that the support library does not link
// the query engine.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "model/span.h"
#include "model/value_text.h"
#include "query/search.h"

namespace spoor::test {

class PlainSearch {
 public:
  // The batch outlives the oracle.
  void add(const SpanBatch& batch) {
    for (const Span& span : batch.spans) {
      traces_[TraceId::from_bytes(span.trace_id)].push_back({&batch, &span});
    }
  }

  query::SearchResult search(const query::SearchRequest& request) const {
    query::SearchResult result;
    std::vector<query::TraceHit> all;
    for (const auto& [id, rows] : traces_) {
      query::TraceHit hit{id, rows.front().span->start};
      bool matched = false;
      for (const Row& row : rows) {
        hit.start = std::min(hit.start, row.span->start);
        bool in_range =
            row.span->start >= request.start_min && row.span->start <= request.start_max;
        matched = matched || (in_range && holds(request.condition, row));
      }
      if (matched) all.push_back(hit);
    }
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      return a.start > b.start || (a.start == b.start && a.id < b.id);
    });
    if (request.count_all) result.total = all.size();
    for (const query::TraceHit& hit : all) {
      bool before =
          request.after && !(request.after->start > hit.start ||
                             (request.after->start == hit.start && request.after->id < hit.id));
      if (before) continue;
      if (result.hits.size() == request.limit) {
        result.more = true;
        break;
      }
      result.hits.push_back(hit);
    }
    return result;
  }

 private:
  struct Row {
    const SpanBatch* batch;
    const Span* span;
  };
  using Values = std::vector<Value>;

  static void collect(Attributes attributes, const std::string& key, Values& values) {
    for (const KeyValue& entry : attributes) {
      if (entry.key == key) values.push_back(entry.value);
    }
  }

  static Values attribute_values(query::Place place, const std::string& key, const Row& row) {
    Values values;
    const Span& span = *row.span;
    auto is = [&](query::Place one) { return place == one || place == query::Place::Anywhere; };
    if (is(query::Place::Span) || place == query::Place::SpanOrResource) {
      collect(span.attributes, key, values);
    }
    bool from_resource =
        is(query::Place::Resource) || (place == query::Place::SpanOrResource && values.empty());
    if (from_resource) collect(row.batch->resources[span.resource].attributes, key, values);
    if (is(query::Place::Scope)) collect(row.batch->scopes[span.scope].attributes, key, values);
    if (is(query::Place::Event)) {
      for (const Event& event : span.events) collect(event.attributes, key, values);
    }
    if (is(query::Place::Link)) {
      for (const Link& link : span.links) collect(link.attributes, key, values);
    }
    return values;
  }

  static Values values_of(const query::Field& field, const Row& row) {
    if (field.kind == query::Field::Kind::Attribute) {
      return attribute_values(field.place, field.key, row);
    }
    const Span& span = *row.span;
    auto number = [](uint64_t value) { return Values{Value::of_int(static_cast<int64_t>(value))}; };
    auto text = [](std::string_view value) { return Values{Value::of_string(value)}; };
    switch (field.intrinsic) {
      case query::Intrinsic::Name:
        return text(span.name);
      case query::Intrinsic::Service:
        return text(row.batch->resources[span.resource].service_name());
      case query::Intrinsic::Kind:
        return number(span.kind);
      case query::Intrinsic::Status:
        return number(span.status.code);
      case query::Intrinsic::StatusMessage:
        return text(span.status.message);
      case query::Intrinsic::Duration: {
        int64_t duration = static_cast<int64_t>(span.end.value - span.start.value);
        return number(duration < 0 ? 0 : static_cast<uint64_t>(duration));
      }
      case query::Intrinsic::Start:
        return number(span.start.value);
      case query::Intrinsic::NamesParent:
        return number(span.has_parent() ? 1 : 0);
      case query::Intrinsic::ScopeName:
        return text(row.batch->scopes[span.scope].name);
      case query::Intrinsic::ScopeVersion:
        return text(row.batch->scopes[span.scope].version);
      case query::Intrinsic::EventName: {
        Values names;
        for (const Event& event : span.events) names.push_back(Value::of_string(event.name));
        return names;
      }
      default:
        return {};  // of whole traces, which plain_traceql.h knows
    }
  }

  static bool in_order(int order, query::Comparison comparison) {
    using enum query::Comparison;
    return (comparison == Equal && order == 0) || (comparison == NotEqual && order != 0) ||
           (comparison == Less && order < 0) || (comparison == LessOrEqual && order <= 0) ||
           (comparison == Greater && order > 0) || (comparison == GreaterOrEqual && order >= 0);
  }
  static std::optional<double> number_in(std::string_view text) {
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  template <typename T>
  static int order(const T& a, const T& b) {
    return a < b ? -1 : a == b ? 0 : 1;
  }

  static bool text_satisfies(std::string_view text, const std::string& literal,
                             query::Comparison comparison) {
    using enum query::Comparison;
    bool is_regex = comparison == Matches || comparison == DoesNotMatch;
    if (!is_regex) return in_order(order(text, std::string_view(literal)), comparison);
    return re2::RE2::FullMatch(text, literal) == (comparison == Matches);
  }

  static bool as_text(const Value& value, const std::string& literal,
                      query::Comparison comparison) {
    using enum query::Comparison;
    std::string text;
    append_value_text(text, value);
    bool orders = comparison == Less || comparison == LessOrEqual || comparison == Greater ||
                  comparison == GreaterOrEqual;
    if (orders && value.type() != ValueType::Bool && value.type() <= ValueType::Double) {
      auto a = number_in(text), b = number_in(literal);
      if (a && b) return in_order(order(*a, *b), comparison);
      // A number that is none in its text: NaN and the infinities.
      if (b && value.type() == ValueType::Double) {
        return !std::isnan(value.as_double()) && in_order(order(value.as_double(), *b), comparison);
      }
    }
    return text_satisfies(text, literal, comparison);
  }

  static bool elements_satisfy(std::span<const Value> elements, const query::Expression& node) {
    bool is_negated = node.comparison == query::Comparison::NotEqual ||
                      node.comparison == query::Comparison::DoesNotMatch;
    bool all = true, any = false;
    for (const Value& element : elements) {
      bool is_list = element.type() < ValueType::String || element.type() > ValueType::Double;
      if (is_list || element.type() != elements.front().type()) return false;
      bool holds_here = satisfies(element, node);
      all = all && holds_here;
      any = any || holds_here;
    }
    return is_negated ? all : any;
  }

  static bool satisfies(const Value& value, const query::Expression& node) {
    using query::Comparison;
    const auto* text = std::get_if<std::string>(&node.literal);
    if (node.typing == query::Typing::AsText) return as_text(value, *text, node.comparison);
    if (node.typing == query::Typing::OfElements && value.type() == ValueType::Array) {
      return elements_satisfy(value.as_array(), node);
    }
    if (text != nullptr) {
      return value.type() == ValueType::String &&
             text_satisfies(value.as_string(), *text, node.comparison);
    }
    if (const auto* flag = std::get_if<bool>(&node.literal)) {
      return value.type() == ValueType::Bool &&
             in_order(order(value.as_bool(), *flag), node.comparison);
    }
    long double literal = 0, number = 0;  // wide enough for every int64 and double
    if (const auto* whole = std::get_if<int64_t>(&node.literal)) literal = *whole;
    if (const auto* real = std::get_if<double>(&node.literal)) literal = *real;
    if (value.type() == ValueType::Int) {
      number = value.as_int();
    } else if (value.type() == ValueType::Double) {
      number = value.as_double();
    } else {
      return false;
    }
    if (std::isnan(number) || std::isnan(literal)) {
      return node.comparison == Comparison::NotEqual;
    }
    return in_order(order(number, literal), node.comparison);
  }

  static bool holds(const query::Expression& node, const Row& row) {
    using Kind = query::Expression::Kind;
    auto holds_here = [&](const query::Expression& operand) { return holds(operand, row); };
    switch (node.kind) {
      case Kind::True:
        return true;
      case Kind::And:
        return std::ranges::all_of(node.operands, holds_here);
      case Kind::Or:
        return std::ranges::any_of(node.operands, holds_here);
      case Kind::Not:
        return !holds(node.operands.front(), row);
      case Kind::Compare:
        break;
    }
    Values values = values_of(node.field, row);
    if (node.comparison == query::Comparison::Exists) return !values.empty();
    if (node.comparison == query::Comparison::Missing) return values.empty();
    return std::ranges::any_of(values, [&](const Value& v) { return satisfies(v, node); });
  }

  std::map<TraceId, std::vector<Row>> traces_;
};

}  // namespace spoor::test
