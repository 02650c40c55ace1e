#include "query/metrics_fields.h"

#include <algorithm>

#include "model/sampling_weight.h"

namespace spoor::query {
namespace {

using store::FieldKind;
using store::Shape;
using traceql::AttributeScope;
using traceql::Intrinsic;

FieldPlace constant(const TypedValue& value) {
  return {FieldPlace::Kind::Constant, value, 0, false};
}

TypedValue first_value(Attributes attributes, std::string_view key) {
  const Value* found = find_attribute(attributes, key);
  return found == nullptr ? TypedValue::nil() : TypedValue::of(*found);
}

// The value of the shape's field of that kind, or what it is where the shape has none.
FieldPlace of_kind(const Shape& shape, FieldKind kind, std::string_view otherwise) {
  auto found = std::ranges::find(shape.fields, kind, &store::Field::kind);
  if (found == shape.fields.end()) return constant(TypedValue::text(otherwise));
  return {FieldPlace::Kind::Value, {}, static_cast<size_t>(found - shape.fields.begin()), false};
}

FieldPlace of_span(const Shape& shape, std::string_view key) {
  if (auto list = list_field(shape)) return {FieldPlace::Kind::List, {}, *list, false};
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    const store::Field& field = shape.fields[i];
    if (field.kind == FieldKind::Attribute && field.key == key) {
      return {FieldPlace::Kind::Value, {}, i, false};
    }
  }
  return constant(TypedValue::nil());
}

FieldPlace place_of_intrinsic(Intrinsic intrinsic, const Shape& shape, const Scope& scope) {
  switch (intrinsic) {
    case Intrinsic::Name:
      return of_kind(shape, FieldKind::Name, shape.name);
    case Intrinsic::StatusMessage:
      return of_kind(shape, FieldKind::StatusMessage, "");
    case Intrinsic::Kind:
      return constant(TypedValue::whole(traceql::Type::Kind, static_cast<int64_t>(shape.kind)));
    case Intrinsic::Status: {
      uint64_t code = shape.status == store::kStatusAbsent ? 0 : shape.status - 1;
      return constant(TypedValue::whole(traceql::Type::Status, static_cast<int64_t>(code)));
    }
    case Intrinsic::Duration:
      return {FieldPlace::Kind::Duration, {}, 0, false};
    case Intrinsic::RootName:
    case Intrinsic::RootServiceName:
      return {FieldPlace::Kind::Root, {}, 0, false};
    case Intrinsic::TraceDuration:
      return {FieldPlace::Kind::TraceDuration, {}, 0, false};
    case Intrinsic::InstrumentationName:
      return constant(TypedValue::text(scope.name));
    case Intrinsic::InstrumentationVersion:
      return constant(TypedValue::text(scope.version));
    case Intrinsic::SamplingWeight: {
      FieldPlace place = of_kind(shape, FieldKind::TraceState, "");
      place.constant = TypedValue::floating(sampling_weight({}));
      return place;
    }
    default:
      return {};
  }
}

}  // namespace

FieldPlace place_of(const traceql::Field& field, const Shape& shape, const Scope& scope) {
  if (field.kind == traceql::Field::Kind::Intrinsic) {
    return place_of_intrinsic(field.intrinsic, shape, scope);
  }
  switch (field.scope) {
    case AttributeScope::Span:
      return of_span(shape, field.name);
    case AttributeScope::Resource:
      return {FieldPlace::Kind::Resource, TypedValue::nil(), 0, false};
    case AttributeScope::Instrumentation:
      return constant(first_value(scope.attributes, field.name));
    case AttributeScope::None: {
      FieldPlace own = of_span(shape, field.name);
      if (own.kind == FieldPlace::Kind::Value) return own;
      bool has_children =
          shape.event_count_field != Shape::kNoField || shape.link_count_field != Shape::kNoField;
      bool is_in_list = own.kind == FieldPlace::Kind::List;
      return {is_in_list ? own.kind : FieldPlace::Kind::Resource,
              first_value(scope.attributes, field.name), own.field, has_children};
    }
    default:
      return {};
  }
}

TypedValue field_value(const traceql::Field& field, const TypedValue& stored) {
  bool is_weight =
      field.kind == traceql::Field::Kind::Intrinsic && field.intrinsic == Intrinsic::SamplingWeight;
  if (!is_weight) return stored;
  return TypedValue::floating(sampling_weight(stored.value.as_string()));
}

TypedValue resource_value(const traceql::Field& field, const Resource& resource) {
  return first_value(resource.attributes, field.name);
}

bool has_plain_attributes(const Shape& shape, const PlainKeys& keys) {
  if (keys.empty()) return true;
  std::vector<std::string_view> seen;
  for (const store::Field& field : shape.fields) {
    if (field.kind != FieldKind::Attribute || !keys.contains(field.key)) continue;
    bool has_value = field.type != ValueType::Absent && field.type != ValueType::Empty;
    if (!has_value || std::ranges::find(seen, field.key) != seen.end()) return false;
    seen.push_back(field.key);
  }
  return true;
}

std::optional<size_t> list_field(const Shape& shape) {
  auto found = std::ranges::find(shape.fields, FieldKind::AttributeList, &store::Field::kind);
  if (found == shape.fields.end()) return std::nullopt;
  return static_cast<size_t>(found - shape.fields.begin());
}

bool are_plain(Attributes attributes, const PlainKeys& keys) {
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (!keys.contains(attributes[i].key)) continue;
    if (TypedValue::of(attributes[i].value).is_nil()) return false;
    for (size_t k = 0; k < i; ++k) {
      if (attributes[k].key == attributes[i].key) return false;
    }
  }
  return true;
}

}  // namespace spoor::query
