// The traces of the oracle in plain_traceql.h: fields and relations of their spans, looked up by
// walking through all spans every time. Header only; shares nothing with src/query.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "support/plain_traceql_values.h"
#include "traceql/names.h"

namespace spoor::test {

struct PlainTrace {
  struct Row {
    const SpanBatch* batch;
    const Span* span;
  };
  std::vector<Row> rows;
  static constexpr size_t kNone = ~size_t{0};

  void add(const SpanBatch& batch, const Span& span) { rows.push_back({&batch, &span}); }
  // After the last add().
  void sort() {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::tuple(a.span->start, a.span->span_id, a.span->end, a.span->name) <
             std::tuple(b.span->start, b.span->span_id, b.span->end, b.span->name);
    });
  }

  size_t parent(size_t i) const {
    const Span& span = *rows[i].span;
    for (size_t p = 0; p < rows.size() && span.has_parent(); ++p) {
      if (rows[p].span->span_id == span.parent_span_id) return p;
    }
    return kNone;
  }

  bool is_connected(size_t i) const {
    for (size_t steps = 0; steps <= rows.size(); ++steps) {
      if (!rows[i].span->has_parent()) return true;
      i = parent(i);
      if (i == kNone) return false;
    }
    return false;
  }

  bool is_below(size_t ancestor, size_t i) const {
    for (size_t p = parent(i); p != kNone; p = parent(p)) {
      if (p == ancestor) return true;
    }
    return false;
  }

  // As {a} > {b}, >>, <, <<, ~.
  bool is_related(int relation, size_t a, size_t b) const {
    if (!is_connected(a) || !is_connected(b)) return false;
    switch (relation) {
      case 0:
        return parent(b) == a;
      case 1:
        return is_below(a, b);
      case 2:
        return parent(a) == b;
      case 3:
        return is_below(b, a);
      default:
        return a != b && parent(a) != kNone && parent(a) == parent(b);
    }
  }

  std::vector<PlainValue> values(const traceql::Field& field, size_t i) const {
    std::vector<PlainValue> values;
    if (field.kind == traceql::Field::Kind::Attribute) {
      add_attribute(field.scope, field.name, i, values);
      return values;
    }
    const Span& span = *rows[i].span;
    using traceql::Intrinsic;
    for (const Event& event : span.events) {
      if (field.intrinsic == Intrinsic::EventName) values.push_back(plain_text(event.name));
      if (field.intrinsic == Intrinsic::EventTimeSinceStart) {
        values.push_back(plain('d', static_cast<int64_t>(event.time.value - span.start.value)));
      }
    }
    for (const Link& link : span.links) {
      if (field.intrinsic == Intrinsic::LinkTraceId) values.push_back(hex(link.trace_id));
      if (field.intrinsic == Intrinsic::LinkSpanId) values.push_back(hex(link.span_id));
    }
    bool is_of_children = field.intrinsic == Intrinsic::EventName ||
                          field.intrinsic == Intrinsic::EventTimeSinceStart ||
                          field.intrinsic == Intrinsic::LinkTraceId ||
                          field.intrinsic == Intrinsic::LinkSpanId;
    if (!is_of_children) values.push_back(intrinsic(field.intrinsic, i));
    return values;
  }

 private:
  static PlainValue hex(std::string_view bytes) {
    std::string text;
    for (char byte : bytes) {
      char digits[3];
      snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
      text += digits;
    }
    return plain_text(text);
  }

  static void add_first(Attributes attributes, const std::string& key,
                        std::vector<PlainValue>& values) {
    for (const KeyValue& entry : attributes) {
      if (entry.key != key) continue;
      PlainValue value = plain(entry.value);
      if (value.type != 'n') values.push_back(value);
      return;
    }
  }

  void add_attribute(traceql::AttributeScope scope, const std::string& key, size_t i,
                     std::vector<PlainValue>& values) const {
    using traceql::AttributeScope;
    const Span& span = *rows[i].span;
    bool is_any = scope == AttributeScope::None;
    if (is_any || scope == AttributeScope::Span) add_first(span.attributes, key, values);
    if (scope == AttributeScope::Resource || (is_any && values.empty())) {
      add_first(rows[i].batch->resources[span.resource].attributes, key, values);
    }
    if (scope == AttributeScope::Event || (is_any && values.empty())) {
      for (const Event& event : span.events) add_first(event.attributes, key, values);
    }
    if (scope == AttributeScope::Link || (is_any && values.empty())) {
      for (const Link& link : span.links) add_first(link.attributes, key, values);
    }
    if (scope == AttributeScope::Instrumentation || (is_any && values.empty())) {
      add_first(rows[i].batch->scopes[span.scope].attributes, key, values);
    }
  }

  // The first and last number of the span where all are counted, on entering and on leaving.
  std::pair<int, int> nested_set(size_t wanted) const {
    std::pair<int, int> found{0, 0};
    int number = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].span->has_parent()) count(i, wanted, number, found);
    }
    return found;
  }
  void count(size_t at, size_t wanted, int& number, std::pair<int, int>& found) const {
    int first = ++number;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (parent(i) == at) count(i, wanted, number, found);
    }
    ++number;
    if (at == wanted) found = {first, number};
  }

  PlainValue intrinsic(traceql::Intrinsic name, size_t i) const {
    using traceql::Intrinsic;
    const Span& span = *rows[i].span;
    const Scope& scope = rows[i].batch->scopes[span.scope];
    switch (name) {
      case Intrinsic::Name:
        return plain_text(span.name);
      case Intrinsic::Status:
        return plain('t', span.status.code);
      case Intrinsic::StatusMessage:
        return plain_text(span.status.message);
      case Intrinsic::Kind:
        return plain('k', span.kind);
      case Intrinsic::Duration:
        return plain('d',
                     std::max<int64_t>(0, static_cast<int64_t>(span.end.value - span.start.value)));
      case Intrinsic::SpanId:
        return hex(span.span_id);
      case Intrinsic::ParentId:
        return span.has_parent() ? hex(span.parent_span_id) : plain_text("");
      case Intrinsic::TraceId:
        return hex(span.trace_id);
      case Intrinsic::InstrumentationName:
        return plain_text(scope.name);
      case Intrinsic::InstrumentationVersion:
        return plain_text(scope.version);
      default:
        return of_trace(name, i);
    }
  }

  PlainValue of_trace(traceql::Intrinsic name, size_t i) const {
    using traceql::Intrinsic;
    uint64_t start = rows.front().span->start.value, end = 0;
    long double children = 0;
    const Row* root = nullptr;
    for (size_t k = 0; k < rows.size(); ++k) {
      end = std::max(end, rows[k].span->end.value);
      if (root == nullptr && !rows[k].span->has_parent()) root = &rows[k];
      if (k != i && parent(k) == i) ++children;
    }
    switch (name) {
      case Intrinsic::TraceDuration:
        return plain('d', end > start ? static_cast<int64_t>(end - start) : 0);
      case Intrinsic::RootName:
        return plain_text(root == nullptr ? "" : root->span->name);
      case Intrinsic::RootServiceName:
        if (root == nullptr) return plain_text("");
        return plain_text(root->batch->resources[root->span->resource].service_name());
      case Intrinsic::ChildCount:
        return plain('i', children);
      case Intrinsic::NestedSetLeft:
        return plain('i', nested_set(i).first);
      case Intrinsic::NestedSetRight:
        return plain('i', nested_set(i).second);
      default:
        break;
    }
    if (!is_connected(i)) return plain('i', 0);
    return plain('i', parent(i) == kNone ? -1 : nested_set(parent(i)).first);
  }
};

inline PlainValue aggregate(traceql::AggregateFunction function,
                            const std::vector<PlainValue>& numbers) {
  using traceql::AggregateFunction;
  if (numbers.empty()) return {};
  PlainValue least = numbers.front(), most = numbers.front();
  __int128 whole = 0;
  double real = 0, count = 0;
  char type = numbers.front().type;
  for (const PlainValue& one : numbers) {
    if (one.number < least.number) least = one;
    if (one.number > most.number) most = one;
    if (one.type != type) continue;
    ++count;
    if (type == 'f') real += static_cast<double>(one.number);
    if (type != 'f') whole += static_cast<__int128>(one.number);
  }
  if (function == AggregateFunction::Min) return least;
  if (function == AggregateFunction::Max) return most;
  if (function == AggregateFunction::Sum) {
    if (type == 'f') return plain('f', real);
    bool fits = whole >= INT64_MIN && whole <= INT64_MAX;
    return fits ? plain(type, static_cast<long double>(whole))
                : plain('f', static_cast<double>(whole));
  }
  if (type == 'f') return plain('f', real / count);
  if (type == 'd')
    return plain('d', static_cast<long double>(whole / static_cast<__int128>(count)));
  return plain('f', static_cast<double>(whole) / count);
}

}  // namespace spoor::test
