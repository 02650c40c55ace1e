#include "api/jaeger_search.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/cursor.h"
#include "api/go_values.h"
#include "base/bytes.h"
#include "wire/jaeger_json.h"

namespace spoor::api {

using query::Comparison;
using query::Expression;
using query::Field;
using query::Intrinsic;
using query::Place;
using query::Typing;

namespace {

enum class TagOperator { Equal, NotEqual, Matches, DoesNotMatch, AtLeast, AtMost };

struct Suffix {
  std::string_view text;
  TagOperator operation;
};
// Longer ones first where one ends with another.
constexpr std::array<Suffix, 5> kSuffixes = {{{"!~", TagOperator::DoesNotMatch},
                                              {"!", TagOperator::NotEqual},
                                              {"~", TagOperator::Matches},
                                              {">", TagOperator::AtLeast},
                                              {"<", TagOperator::AtMost}}};

TagOperator take_operator(std::string_view& key) {
  for (const Suffix& suffix : kSuffixes) {
    if (key.size() <= suffix.text.size() || !key.ends_with(suffix.text)) continue;
    key.remove_suffix(suffix.text.size());
    return suffix.operation;
  }
  return TagOperator::Equal;
}

Expression negation_if(bool is_negated, Expression expression) {
  return is_negated ? Expression::negation(std::move(expression)) : expression;
}

// A field that is there and none of whose values satisfies the comparison.
Expression there_but_not(const Field& field, Comparison comparison, const std::string& value) {
  return Expression::all_of(
      {Expression::exists(field),
       Expression::negation(Expression::compare(field, comparison, value, Typing::AsText))});
}

Expression compare_field(const Field& field, TagOperator operation, const std::string& value) {
  switch (operation) {
    case TagOperator::Equal:
      return Expression::compare(field, Comparison::Equal, value, Typing::AsText);
    case TagOperator::NotEqual:
      return there_but_not(field, Comparison::Equal, value);
    case TagOperator::Matches:
      return Expression::compare(field, Comparison::Matches, value, Typing::AsText);
    case TagOperator::DoesNotMatch:
      return there_but_not(field, Comparison::Matches, value);
    case TagOperator::AtLeast:
      return Expression::compare(field, Comparison::GreaterOrEqual, value, Typing::AsText);
    case TagOperator::AtMost:
      break;
  }
  return Expression::compare(field, Comparison::LessOrEqual, value, Typing::AsText);
}

// A condition on a number that OTLP has and tags name by a word; a word that there is not is
// true of no span.
Result<Expression> compare_word(std::string_view key, Intrinsic intrinsic,
                                std::optional<int64_t> number, TagOperator operation) {
  if (operation != TagOperator::Equal && operation != TagOperator::NotEqual) {
    return invalid_argument("tag '" + std::string(key) +
                            "' can only be compared for equality, with '" + std::string(key) +
                            "' or '" + std::string(key) + "!'");
  }
  Expression equal = number ? Expression::compare(Field::of(intrinsic), Comparison::Equal, *number)
                            : Expression::any_of({});
  return negation_if(operation == TagOperator::NotEqual, std::move(equal));
}

Result<Expression> tag_condition(std::string_view key, const std::string& value) {
  constexpr std::string_view kResourcePrefix = "resource.";
  TagOperator operation = take_operator(key);
  if (key == "error" && (value == "true" || value == "false")) {
    SPOOR_ASSIGN(Expression is_error,
                 compare_word(key, Intrinsic::Status, int64_t{kStatusError}, operation));
    return negation_if(value == "false", std::move(is_error));
  }
  if (key == "span.kind") {
    return compare_word(key, Intrinsic::Kind, span_kind_number(value), operation);
  }
  if (key == "span.status") {
    return compare_word(key, Intrinsic::Status, span_status_number(value), operation);
  }
  if (key == "scope.name") {
    return compare_field(Field::of(Intrinsic::ScopeName), operation, value);
  }
  if (key == "scope.version") {
    return compare_field(Field::of(Intrinsic::ScopeVersion), operation, value);
  }
  bool is_resource = key.size() > kResourcePrefix.size() && key.starts_with(kResourcePrefix);
  Field field = is_resource ? Field::attribute(Place::Resource,
                                               std::string(key.substr(kResourcePrefix.size())))
                            : Field::attribute(Place::Anywhere, std::string(key));
  return compare_field(field, operation, value);
}

}  // namespace

std::string_view text_parameter(const net::QueryParams& params, std::string_view name) {
  return params.first(name).value_or(std::string_view());
}

Result<TraceId> parse_jaeger_trace_id(std::string_view text) {
  auto id = parse_trace_id(text);
  if (id.ok()) return id;
  std::string shown(text.substr(0, 128));
  if (text.size() > 2 * TraceId::kSize) {
    return invalid_argument("TraceID cannot be longer than 32 hex characters: " + shown);
  }
  return invalid_argument("strconv.ParseUint: parsing \"" + shown + "\": invalid syntax");
}

Status apply_extensions(const net::QueryParams& params, Malformed malformed,
                        query::SearchRequest& request) {
  if (std::string_view text = text_parameter(params, "count"); !text.empty()) {
    auto count = parse_go_bool(text);
    if (!count.ok()) return malformed("count", count.status());
    request.count_all = *count;
  }
  if (std::string_view text = text_parameter(params, "cursor"); !text.empty()) {
    auto cursor = parse_cursor(text);
    if (!cursor.ok()) return malformed("cursor", cursor.status());
    request.after = *cursor;
  }
  return {};
}

void append_conditions(const JaegerBasics& basics, std::vector<Expression>& conditions) {
  SPOOR_ASSERT(basics.duration_min >= 0 && basics.duration_max >= 0);
  auto text_is = [](Intrinsic intrinsic, std::string_view value) {
    return Expression::compare(Field::of(intrinsic), Comparison::Equal, std::string(value));
  };
  if (basics.service == wire::kNoServiceName) {
    conditions.push_back(Expression::any_of(
        {text_is(Intrinsic::Service, ""), text_is(Intrinsic::Service, basics.service)}));
  } else if (!basics.service.empty()) {
    conditions.push_back(text_is(Intrinsic::Service, basics.service));
  }
  if (!basics.operation.empty()) conditions.push_back(text_is(Intrinsic::Name, basics.operation));
  if (basics.duration_min > 0) {
    conditions.push_back(Expression::compare(Field::of(Intrinsic::Duration),
                                             Comparison::GreaterOrEqual, basics.duration_min));
  }
  if (basics.duration_max > 0) {
    conditions.push_back(Expression::compare(Field::of(Intrinsic::Duration),
                                             Comparison::LessOrEqual, basics.duration_max));
  }
}

void JaegerTags::set(std::string key, std::string value) {
  auto same = std::ranges::find(tags_, key, &std::pair<std::string, std::string>::first);
  if (same != tags_.end()) {
    same->second = std::move(value);
  } else {
    tags_.emplace_back(std::move(key), std::move(value));
  }
}

Status JaegerTags::append_conditions(std::vector<Expression>& conditions) const {
  for (const auto& [key, value] : tags_) {
    SPOOR_ASSIGN(Expression condition, tag_condition(key, value));
    conditions.push_back(std::move(condition));
  }
  return {};
}

std::optional<int64_t> span_kind_number(std::string_view name) {
  if (name == "unspecified") return kKindUnspecified;
  for (uint32_t kind = kKindInternal; kind <= kKindConsumer; ++kind) {
    if (wire::jaeger_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::optional<int64_t> span_status_number(std::string_view name) {
  if (name == "unset") return kStatusUnset;
  if (name == "ok") return kStatusOk;
  if (name == "error") return kStatusError;
  return std::nullopt;
}

Expression conjunction(std::vector<Expression> conditions) {
  if (conditions.empty()) return Expression::always();
  if (conditions.size() == 1) return std::move(conditions.front());
  return Expression::all_of(std::move(conditions));
}

}  // namespace spoor::api
