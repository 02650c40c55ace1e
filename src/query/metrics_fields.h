// Where the first value of a TraceQL field lies, for all spans of a shape at once: what scans of
// sections and of the head read instead of whole traces.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/span.h"
#include "query/traceql_value.h"
#include "store/shape.h"
#include "traceql/tree.h"

namespace spoor::query {

struct FieldPlace {
  enum class Kind : uint8_t {
    Constant,
    Value,     // of the shape's field of that index
    List,      // the attribute in the list that is the value of that field; as Resource where the
               // list has none and the attribute may be the resource's
    Resource,  // the resource's attribute; `constant` where it has none
    Duration,
    Root,  // a text of the trace's root
    TraceDuration,
    Unknown,  // only the trace tells
  };
  Kind kind = Kind::Unknown;
  TypedValue constant;
  size_t field = 0;
  // Of Resource: events or links may have the attribute that the resource does not have.
  bool others_may_have = false;
};

// REQUIRES: a shape of spans whose attributes are plain; `scope` is the shape's, and lives as long
// as the place.
FieldPlace place_of(const traceql::Field& field, const store::Shape& shape, const Scope& scope);

// What the field is where a Value is `stored` in the shape's field.
TypedValue field_value(const traceql::Field& field, const TypedValue& stored);

// The resource's value of the attribute; nil without one.
TypedValue resource_value(const traceql::Field& field, const Resource& resource);

// Whether each of the keys is there at most once, with a value. Of a shape, lists of attributes
// that are values are left aside: list_field() tells where there is one.
using PlainKeys = std::set<std::string, std::less<>>;
bool has_plain_attributes(const store::Shape& shape, const PlainKeys& keys);
std::optional<size_t> list_field(const store::Shape& shape);
bool are_plain(Attributes attributes, const PlainKeys& keys);

}  // namespace spoor::query
