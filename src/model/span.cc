#include "model/span.h"

#include <algorithm>

namespace spoor {

std::string_view Resource::service_name() const {
  const Value* value = find_attribute(attributes, "service.name");
  if (value == nullptr || value->type() != ValueType::String) return {};
  return value->as_string();
}

bool Span::has_parent() const {
  return std::ranges::any_of(parent_span_id, [](char byte) { return byte != 0; });
}

bool operator==(const EntityRef& a, const EntityRef& b) {
  return a.schema_url == b.schema_url && a.type == b.type &&
         std::ranges::equal(a.id_keys, b.id_keys) &&
         std::ranges::equal(a.description_keys, b.description_keys);
}

bool operator==(const Resource& a, const Resource& b) {
  return a.present == b.present && equal(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count &&
         std::ranges::equal(a.entity_refs, b.entity_refs) && a.schema_url == b.schema_url;
}

bool operator==(const Scope& a, const Scope& b) {
  return a.present == b.present && a.name == b.name && a.version == b.version &&
         equal(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count && a.schema_url == b.schema_url;
}

bool operator==(const Event& a, const Event& b) {
  return a.time == b.time && a.name == b.name && equal(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count;
}

bool operator==(const Link& a, const Link& b) {
  return a.trace_id == b.trace_id && a.span_id == b.span_id && a.trace_state == b.trace_state &&
         equal(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count && a.flags == b.flags;
}

bool operator==(const SpanStatus& a, const SpanStatus& b) {
  return a.present == b.present && a.code == b.code && a.message == b.message;
}

bool operator==(const Span& a, const Span& b) {
  return a.trace_id == b.trace_id && a.span_id == b.span_id &&
         a.parent_span_id == b.parent_span_id && a.trace_state == b.trace_state &&
         a.flags == b.flags && a.name == b.name && a.kind == b.kind && a.start == b.start &&
         a.end == b.end && equal(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count &&
         std::ranges::equal(a.events, b.events) &&
         a.dropped_events_count == b.dropped_events_count && std::ranges::equal(a.links, b.links) &&
         a.dropped_links_count == b.dropped_links_count && a.status == b.status;
}

void SpanBatch::clear() {
  arena.reset();
  pinned.clear();
  resources.clear();
  scopes.clear();
  spans.clear();
}

size_t SpanBatch::size_bytes() const {
  return arena.size_bytes() + resources.capacity() * sizeof(Resource) +
         scopes.capacity() * sizeof(Scope) + spans.capacity() * sizeof(Span);
}

}  // namespace spoor
