// Where the first value of a TraceQL field lies, for all spans of a shape at once: what scans of
// sections and of the head read instead of whole traces.
#pragma once

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
    Resource,  // the resource's attribute; `constant` where it has none
    Duration,
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

// The resource's value of the attribute; nil without one.
TypedValue resource_value(const traceql::Field& field, const Resource& resource);

// Whether each of the keys is there at most once, with a value.
using PlainKeys = std::set<std::string, std::less<>>;
bool has_plain_attributes(const store::Shape& shape, const PlainKeys& keys);
bool are_plain(Attributes attributes, const PlainKeys& keys);

}  // namespace spoor::query
