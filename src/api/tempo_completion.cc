#include "api/tempo_completion.h"

#include <algorithm>
#include <array>
#include <compare>
#include <set>

#include "model/value_text.h"
#include "query/condition_masks.h"

namespace spoor::api {
namespace {

using traceql::Intrinsic;
using Names = std::set<std::string, std::less<>>;

constexpr std::string_view kOnlyInColumns = "values that lie only in columns are not listed";
constexpr std::string_view kTooManyOperations = "a part has more operations than it keeps apart";
constexpr std::string_view kTooMany = "there are more than are listed at most";
constexpr std::string_view kNotListed = "values of this intrinsic are not listed";

void append(std::vector<std::string>& target, const std::vector<std::string>& more) {
  target.insert(target.end(), more.begin(), more.end());
}

// The catalogue's range leaves its end out.
store::TimeRange catalogue_range(const TempoRange& range) {
  return {range.from, {range.to.value == ~uint64_t{0} ? range.to.value : range.to.value + 1}};
}

// Both forms of each intrinsic but `parent`, which nothing can be asked of.
std::vector<std::string> intrinsic_names() {
  std::vector<std::string> names;
  for (size_t i = 0; i < traceql::kIntrinsicCount; ++i) {
    Intrinsic intrinsic = static_cast<Intrinsic>(i);
    if (intrinsic == Intrinsic::Parent) continue;
    const traceql::IntrinsicName& row = traceql::name_of(intrinsic);
    names.emplace_back(row.name);
    if (!row.alias.empty()) names.emplace_back(row.alias);
  }
  std::ranges::sort(names);
  return names;
}

struct ListedScope {
  TempoScope scope;
  store::AttributeScope attributes;
  std::string_view name;
};
constexpr std::array<ListedScope, 5> kListedScopes = {
    {{TempoScope::Resource, store::AttributeScope::Resource, "resource"},
     {TempoScope::Span, store::AttributeScope::Span, "span"},
     {TempoScope::Event, store::AttributeScope::Event, "event"},
     {TempoScope::Link, store::AttributeScope::Link, "link"},
     {TempoScope::Instrumentation, store::AttributeScope::Instrumentation, "instrumentation"}}};

// Of an attribute, the scopes whose values are offered: completion takes one without a scope for
// the span's or the resource's.
std::vector<store::AttributeScope> scopes_of(traceql::AttributeScope scope) {
  switch (scope) {
    case traceql::AttributeScope::None:
      return {store::AttributeScope::Span, store::AttributeScope::Resource};
    case traceql::AttributeScope::Span:
      return {store::AttributeScope::Span};
    case traceql::AttributeScope::Resource:
      return {store::AttributeScope::Resource};
    case traceql::AttributeScope::Event:
      return {store::AttributeScope::Event};
    case traceql::AttributeScope::Link:
      return {store::AttributeScope::Link};
    case traceql::AttributeScope::Instrumentation:
      return {store::AttributeScope::Instrumentation};
  }
  return {};
}

std::optional<wire::TempoValueType> type_of(const Value& value) {
  switch (value.type()) {
    case ValueType::String:
      return wire::TempoValueType::String;
    case ValueType::Int:
      return wire::TempoValueType::Int;
    case ValueType::Double:
      return wire::TempoValueType::Float;
    case ValueType::Bool:
      return wire::TempoValueType::Bool;
    default:
      return std::nullopt;
  }
}

// Values of one type are ordered as such, the types as wire's.
std::strong_ordering order(const Value& a, const Value& b) {
  if (auto types = *type_of(a) <=> *type_of(b); types != 0) return types;
  switch (a.type()) {
    case ValueType::Int:
      return a.as_int() <=> b.as_int();
    case ValueType::Double:
      return std::strong_order(a.as_double(), b.as_double());
    case ValueType::Bool:
      return a.as_bool() <=> b.as_bool();
    default:
      return a.as_string() <=> b.as_string();
  }
}

// What can stand in a query: scalars, and those of lists, whose elements are compared one by one.
void append_scalars(std::vector<Value>& scalars, const Value& value) {
  if (value.type() == ValueType::Array) {
    for (const Value& element : value.as_array()) {
      if (type_of(element)) scalars.push_back(element);
    }
  } else if (type_of(value)) {
    scalars.push_back(value);
  }
}

// Collects the answer to one request.
class Completion {
 public:
  Completion(std::span<const store::Snapshot> snapshots, const TempoValuesRequest& request)
      : snapshots_(snapshots),
        request_(request),
        range_(catalogue_range(request.range)),
        masks_(query::ConditionMasks::of(request.condition)) {}

  TempoValues run() {
    if (request_.field.kind == traceql::Field::Kind::Attribute) {
      attribute();
    } else {
      intrinsic(request_.field.intrinsic);
    }
    if (is_cut_) note(kTooMany);
    return std::move(result_);
  }

 private:
  using Texts = std::optional<std::vector<std::string>>;  // nothing: any

  void attribute();
  void intrinsic(Intrinsic intrinsic);
  void keywords(std::initializer_list<std::string_view> words);
  void texts(const Names& names);
  void names_by_condition();
  void operation_names(const Texts& services);
  void append_operation_names(const store::Snapshot& snapshot, const Texts& services, Names& names);
  std::vector<std::string> services_of(const store::Snapshot& snapshot);
  void service_names(const Texts& services);
  void add(wire::TempoValueType type, std::string_view text);
  void note(std::string_view why) { result_.missing.emplace_back(why); }

  Texts required(const traceql::Field& field) const {
    return traceql::required_texts(request_.condition, field);
  }
  Texts required_root_services() const {
    return required(traceql::Field::of(Intrinsic::RootServiceName));
  }

  const std::span<const store::Snapshot> snapshots_;
  const TempoValuesRequest& request_;
  const store::TimeRange range_;
  const std::optional<query::ConditionMasks> masks_;
  TempoValues result_;
  uint64_t text_bytes_ = 0;  // of the values so far
  bool is_cut_ = false;      // there are more than this program lists
};

// What the client's limit leaves out is no lack; what this program's limits leave out is.
void Completion::add(wire::TempoValueType type, std::string_view text) {
  if (is_cut_) return;
  bool is_full = result_.values.size() >= request_.limit;
  if (is_full || text_bytes_ + text.size() > kTempoListedBytesMax) {
    is_cut_ = !is_full || request_.limit == kTempoListedMax;
    return;
  }
  text_bytes_ += text.size();
  result_.values.push_back({type, result_.arena.copy(text)});
}

void Completion::attribute() {
  const traceql::Field& field = request_.field;
  std::vector<store::AttributeValues> found;
  std::vector<Value> scalars;
  bool is_incomplete = false, is_cut = false;
  // All of them, so that a limit cuts the end of their order.
  for (store::AttributeScope scope : scopes_of(field.scope)) {
    for (const store::Snapshot& snapshot : snapshots_) {
      found.push_back(store::attribute_values(snapshot, scope, field.name, kTempoListedMax, range_,
                                              masks_ ? &*masks_ : nullptr));
      append(result_.missing, found.back().missing);
      is_incomplete |= found.back().is_incomplete;
      is_cut |= found.back().is_cut;
      for (const Value& value : found.back().values) append_scalars(scalars, value);
    }
  }
  std::ranges::sort(scalars, [](const Value& a, const Value& b) { return order(a, b) < 0; });
  auto repeats = std::ranges::unique(scalars);
  scalars.erase(repeats.begin(), repeats.end());
  std::string text;
  for (const Value& value : scalars) {
    text.clear();
    append_value_text(text, value);
    add(*type_of(value), text);
  }
  if (is_incomplete) note(kOnlyInColumns);
  bool is_full = result_.values.size() >= request_.limit;
  if (is_cut && (!is_full || request_.limit == kTempoListedMax)) is_cut_ = true;
}

void Completion::keywords(std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) add(wire::TempoValueType::Keyword, word);
}

void Completion::texts(const Names& names) {
  for (const std::string& name : names) add(wire::TempoValueType::String, name);
}

std::vector<std::string> Completion::services_of(const store::Snapshot& snapshot) {
  store::ServiceList list = store::services(snapshot, range_);
  append(result_.missing, list.missing);
  if (list.is_incomplete) note(kTooManyOperations);
  return std::move(list.names);
}

void Completion::append_operation_names(const store::Snapshot& snapshot, const Texts& services,
                                        Names& names) {
  for (const std::string& service : services ? *services : services_of(snapshot)) {
    store::OperationList list = store::operations(snapshot, service, range_);
    append(result_.missing, list.missing);
    if (list.is_incomplete) note(kTooManyOperations);
    for (store::OperationName& operation : list.operations) {
      names.insert(std::move(operation.name));
    }
  }
}

void Completion::operation_names(const Texts& services) {
  Names names;
  for (const store::Snapshot& snapshot : snapshots_) {
    append_operation_names(snapshot, services, names);
  }
  texts(names);
}

void Completion::names_by_condition() {
  Names names;
  bool is_incomplete = false;
  for (const store::Snapshot& snapshot : snapshots_) {
    store::NameList list = store::span_names(snapshot, range_, *masks_);
    append(result_.missing, list.missing);
    is_incomplete |= list.is_incomplete;
    for (std::string& name : list.names) names.insert(std::move(name));
  }
  if (is_incomplete) note(kOnlyInColumns);
  texts(names);
}

void Completion::service_names(const Texts& services) {
  Names names;
  for (const store::Snapshot& snapshot : snapshots_) {
    for (std::string& name : services_of(snapshot)) {
      if (name.empty()) continue;  // spans without a service
      if (services && !std::ranges::binary_search(*services, name)) continue;
      names.insert(std::move(name));
    }
  }
  texts(names);
}

void Completion::intrinsic(Intrinsic intrinsic) {
  switch (intrinsic) {
    case Intrinsic::Name:
      return masks_ ? names_by_condition() : operation_names(std::nullopt);
    case Intrinsic::RootName:
      return operation_names(required_root_services());
    case Intrinsic::RootServiceName:
      return service_names(required_root_services());
    case Intrinsic::Status:
      return keywords({"error", "ok", "unset"});
    case Intrinsic::Kind:
      return keywords({"client", "consumer", "internal", "producer", "server", "unspecified"});
    case Intrinsic::StatusMessage:
    case Intrinsic::EventName:
    case Intrinsic::InstrumentationName:
    case Intrinsic::InstrumentationVersion:
      return note(kNotListed);
    default:
      return;  // ids, numbers and durations: there is nothing to pick from
  }
}

}  // namespace

TempoTagNames tempo_tag_names(std::span<const store::Snapshot> snapshots,
                              const TempoTagsRequest& request) {
  TempoTagNames result;
  auto add = [&](std::string_view scope, std::vector<std::string> tags) {
    if (tags.size() > request.limit) {
      tags.resize(request.limit);
      if (request.limit == kTempoListedMax) result.missing.emplace_back(kTooMany);
    }
    if (!tags.empty()) result.scopes.push_back({scope, std::move(tags)});
  };
  const auto masks = query::ConditionMasks::of(request.condition);
  for (const ListedScope& listed : kListedScopes) {
    if (request.scope != TempoScope::All && request.scope != listed.scope) continue;
    std::vector<std::string> keys;
    for (const store::Snapshot& snapshot : snapshots) {
      store::AttributeKeys found = store::attribute_keys(
          snapshot, listed.attributes, catalogue_range(request.range), masks ? &*masks : nullptr);
      append(keys, found.keys);
      append(result.missing, found.missing);
      if (found.is_incomplete) {
        result.missing.emplace_back("names of spans with very many attributes are not listed");
      }
    }
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    add(listed.name, std::move(keys));
  }
  bool has_intrinsics = request.scope == TempoScope::All || request.scope == TempoScope::Intrinsic;
  if (has_intrinsics) add("intrinsic", intrinsic_names());
  return result;
}

std::vector<std::string> one_list(const TempoTagNames& found, size_t limit) {
  std::vector<std::string> names;
  for (const TempoTagNames::Scope& scope : found.scopes) append(names, scope.tags);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  if (names.size() > limit) names.resize(limit);
  return names;
}

std::vector<wire::TempoTagScope> by_scope(const TempoTagNames& found) {
  std::vector<wire::TempoTagScope> scopes;
  for (const TempoTagNames::Scope& scope : found.scopes) scopes.push_back({scope.name, scope.tags});
  return scopes;
}

TempoValues tempo_values(std::span<const store::Snapshot> snapshots,
                         const TempoValuesRequest& request) {
  return Completion(snapshots, request).run();
}

}  // namespace spoor::api
