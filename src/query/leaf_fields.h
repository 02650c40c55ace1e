// Where the values lie that a leaf looks at: which of them a shape decides, which of its fields
// hold them. Shared by what scans sections and what scans the head.
#pragma once

#include <optional>

#include "model/span.h"
#include "query/prepared.h"
#include "store/shape.h"

namespace spoor::query {

// The table whose rows hold the leaf's values; nothing for those of resources and scopes.
std::optional<store::Table> table_of(Target target);

// Whether leaves of the target look at fields of that table at all.
bool looks_at_fields(Target target);
// Whether the field of a shape of that table is one that the leaf looks at. An AttributeList may
// hold the key or not: matches_list() tells.
bool looks_at(const Leaf& leaf, const store::Field& field);
bool matches_list(const Leaf& leaf, Attributes attributes);
// The same of the bytes that such a field holds. DataLoss on damage.
Result<bool> matches_encoded_list(const Leaf& leaf, std::string_view bytes);

// What the shape says by itself, its fields left aside: the part of a leaf's answer that is the
// same for every row of the shape. Only for leaves of table_of() == the shape's table.
Verdict shape_verdict(const Leaf& leaf, const store::Shape& shape, std::string_view service);

bool matches(const Leaf& leaf, const Resource& resource);  // a ResourceAttribute
bool matches(const Leaf& leaf, const Scope& scope);        // a Scope*

// What a span is said to last, from its end minus its start as the store keeps it: 0 where the
// end is before the start. No other span lasts 2^63 nanoseconds.
constexpr int64_t duration_of(uint64_t end_minus_start) {
  int64_t duration = static_cast<int64_t>(end_minus_start);
  return duration < 0 ? 0 : duration;
}

}  // namespace spoor::query
