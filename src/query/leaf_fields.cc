#include "query/leaf_fields.h"

#include <algorithm>

#include "base/arena.h"
#include "store/value_codec.h"

namespace spoor::query {

using store::FieldKind;
using store::Shape;
using store::Table;

std::optional<Table> table_of(Target target) {
  switch (target) {
    case Target::ResourceAttribute:
    case Target::ScopeAttribute:
    case Target::ScopeName:
    case Target::ScopeVersion:
      return std::nullopt;
    case Target::EventName:
    case Target::EventAttribute:
      return Table::Event;
    case Target::LinkAttribute:
      return Table::Link;
    default:
      return Table::Span;
  }
}

namespace {

// Of the fields that leaves of the target look at; nothing where they look at none.
std::optional<FieldKind> field_kind_of(Target target) {
  switch (target) {
    case Target::Name:
    case Target::EventName:
      return FieldKind::Name;
    case Target::StatusMessage:
      return FieldKind::StatusMessage;
    case Target::SpanAttribute:
    case Target::EventAttribute:
    case Target::LinkAttribute:
      return FieldKind::Attribute;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool looks_at_fields(Target target) {
  return field_kind_of(target).has_value();
}

bool looks_at(const Leaf& leaf, const store::Field& field) {
  const std::optional<FieldKind> kind = field_kind_of(leaf.target);
  if (kind != FieldKind::Attribute) return kind == field.kind;
  return field.kind == FieldKind::AttributeList ||
         (field.kind == FieldKind::Attribute && field.key == leaf.key);
}

bool matches_list(const Leaf& leaf, Attributes attributes) {
  return std::ranges::any_of(attributes, [&](const KeyValue& entry) {
    return entry.key == leaf.key && leaf.predicate.value(entry.value);
  });
}

Result<bool> matches_encoded_list(const Leaf& leaf, std::string_view bytes) {
  Arena arena;
  ByteReader reader(bytes);
  SPOOR_ASSIGN(Attributes attributes, store::decode_attributes(reader, arena));
  return matches_list(leaf, attributes);
}

Verdict shape_verdict(const Leaf& leaf, const Shape& shape, std::string_view service) {
  auto decided = [](bool matches) { return matches ? Verdict::Yes : Verdict::No; };
  auto field_or_text = [&](FieldKind kind, std::string_view text) {
    bool is_field = std::ranges::any_of(
        shape.fields, [kind](const store::Field& field) { return field.kind == kind; });
    return is_field ? Verdict::No : decided(leaf.predicate.text(text));
  };
  switch (leaf.target) {
    case Target::Service:
      return decided(leaf.predicate.text(service));
    case Target::Kind:
      return decided(leaf.predicate.integer(static_cast<int64_t>(shape.kind)));
    case Target::Status: {
      uint64_t code = shape.status == store::kStatusAbsent ? 0 : shape.status - 1;
      return decided(leaf.predicate.integer(static_cast<int64_t>(code)));
    }
    case Target::Name:
    case Target::EventName:
      return field_or_text(FieldKind::Name, shape.name);
    case Target::StatusMessage:
      return field_or_text(FieldKind::StatusMessage, {});
    case Target::NamesParent: {
      // An id of zeros is none: whether it is one shows in the row.
      bool of_roots = leaf.predicate.integer(0), of_others = leaf.predicate.integer(1);
      bool is_decided = shape.names_parent == 0 || of_roots == of_others;
      return is_decided ? decided(of_roots) : Verdict::Look;
    }
    case Target::Duration:
    case Target::Start:
    case Target::RootName:
    case Target::RootService:
    case Target::TraceDuration:
      return Verdict::Look;
    default:
      return Verdict::No;
  }
}

bool matches(const Leaf& leaf, const Resource& resource) {
  return matches_list(leaf, resource.attributes);
}

bool matches(const Leaf& leaf, const Scope& scope) {
  switch (leaf.target) {
    case Target::ScopeName:
      return leaf.predicate.text(scope.name);
    case Target::ScopeVersion:
      return leaf.predicate.text(scope.version);
    default:
      return matches_list(leaf, scope.attributes);
  }
}

}  // namespace spoor::query
